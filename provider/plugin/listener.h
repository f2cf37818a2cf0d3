/* Listener: where Terraform finds the server: a unix socket in a directory that only this user may
 * enter, or TCP on the loopback address where no directory can be made. */
#ifndef PLUGIN_LISTENER_H
#define PLUGIN_LISTENER_H

#include "base/os.h"
#include "plugin/server.h"

struct listener {
    const char *network;            /* "unix" or "tcp", as the handshake line has it */
    const char *address;            /* "/tmp/…/plugin" or "127.0.0.1:43121" */
    const char *directory, *socket; /* to remove at the end; NULL for TCP */
};

/* Makes the server listen. False when neither way works. */
bool listener_open(struct listener *listener, struct arena *a, const struct os *os,
                   struct server *server);

/* Removes what listener_open made in the file system. */
void listener_remove(const struct listener *listener);

#endif
