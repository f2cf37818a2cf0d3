/* Server: gRPC core's C API around the table of methods. One thread, the caller of server_run,
 * takes everything that arrives; each call is answered on a thread of its own, but for those that
 * never wait. Streams that go-plugin opens are held open; when Terraform's end of its log stream
 * closes without a Shutdown before it, Terraform has died, and so does the process. */
#ifndef PLUGIN_SERVER_H
#define PLUGIN_SERVER_H

#include "plugin/rpc.h"

#include <grpc/grpc.h>

struct server;

struct server_options {
    struct session *session;
    grpc_server_credentials *credentials; /* taken over */
    struct bytes schema;                  /* the answer to GetProviderSchema; outlives the server */
    bool outlives_clients;                /* under a debugger: clients come and go */
    void (*at_exit)(void *context);       /* called once, before the process ends */
    void *context;
};

struct server *server_new(struct arena *a, const struct server_options *options);

/* Listens on a gRPC address ("unix:/path", "127.0.0.1:0"). The port (1 for a unix socket), 0 when
 * it cannot. */
int server_listen(struct server *server, const char *address);

void server_start(struct server *server);

/* Serves; does not return. */
_Noreturn void server_run(struct server *server);

/* Terraform has connected. From any thread. */
bool server_was_reached(const struct server *server);

/* Ends the process in good order, from any thread. */
_Noreturn void server_exit(struct server *server, int status);

#endif
