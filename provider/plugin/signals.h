/* Signals: Ctrl-C reaches the whole process group, so Terraform gets it too and asks us to stop; we
 * ignore it. So does a terminal that is closed, which ends Terraform: we end with it. SIGTERM may
 * reach us alone: calls to AWS are cancelled and what they return is still served, until a
 * deadline; a process that Terraform has not reached yet ends at once. */
#ifndef PLUGIN_SIGNALS_H
#define PLUGIN_SIGNALS_H

#include "plugin/server.h"

/* Before the first thread: signals are left to the one that signals_watch starts. */
void signals_block(void);

/* at_once: each signal ends the process, for one that runs by hand. False without a thread. */
bool signals_watch(struct server *server, bool at_once);

#endif
