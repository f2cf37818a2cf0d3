/* Rpc: one call of Terraform's, unpacked. The handlers in rpc_*.c turn it into an operation of the
 * framework and the result back into a message; they know nothing of gRPC. */
#ifndef PLUGIN_RPC_H
#define PLUGIN_RPC_H

#include "framework/provider.h"

#include <protobuf-c/protobuf-c.h>

struct session;

struct rpc {
    struct arena *arena; /* lives until the answer has been sent */
    struct session *session;
};

struct rpc_method {
    const char *path; /* "/tfplugin6.Provider/ReadResource" */
    const ProtobufCMessageDescriptor *request, *response;

    /* Fills response, which is initialized and lives in the arena. */
    void (*handle)(struct rpc *rpc, const void *request, void *response);

    bool at_once;      /* never waits: answered even when every worker is busy */
    bool ends_process; /* when the answer has been sent */
    bool is_prepared;  /* the server has the answer; handle is how it was made */
};

/* The method of that path, NULL when it is not served. */
const struct rpc_method *rpc_method(const char *path);

/* Session: what one process knows beyond a single call. serves_many: runs of Terraform come and go,
 * each configures the provider anew. */
struct session *session_new(struct arena *a, const struct os *os, const struct provider *provider,
                            bool serves_many);

const struct provider *session_provider(const struct session *session);

/* An operation on a resource, or, without one, on the provider block. */
struct op session_op(struct rpc *rpc, const struct resource *resource);

/* The same by name. When the type is unknown, op.resource is NULL and op has failed. */
struct op session_resource_op(struct rpc *rpc, const char *type_name);

/* An operation on a data source or an ephemeral resource; has failed when source is NULL. */
struct op session_source_op(struct rpc *rpc, const struct data_source *source,
                            const char *type_name);

/* Before the provider is configured: a request to stop an earlier run is over. */
void session_begin(struct session *session);

/* Makes the operation's configuration the session's; one with unknown values is none. Later
 * operations use it; running ones keep what they have. */
void session_configure(struct session *session, struct op *op);

#endif
