/* Ask: an RPC as Terraform would make it, answered in process. */
#ifndef PLUGIN_ASK_TEST_H
#define PLUGIN_ASK_TEST_H

#include "plugin/rpc.h"

#define REQUEST(name)       Tfplugin6__##name##__Request
#define RESPONSE(name)      const Tfplugin6__##name##__Response *
#define ASK(name, request_) ask(a, session, "/tfplugin6.Provider/" #name, request_)

/* The answer as it arrives: packed and unpacked. Lives in the arena. */
const void *ask(struct arena *a, struct session *session, const char *path, const void *request);

#endif
