/* The configured provider. Under a debugger one process is configured many times; what a running
 * call may still use is kept until the process ends. */
#include "base/stop.h"
#include "plugin/rpc.h"

#include <pthread.h>

struct session {
    const struct os *os;
    const struct provider *provider;
    bool serves_many;
    pthread_mutex_t lock;
    struct arena lifetime; /* of every configuration; under lock */
    void *meta;            /* under lock */
};

static void session_free(void *handle)
{
    struct session *session = handle;
    arena_reset(&session->lifetime);
    pthread_mutex_destroy(&session->lock);
}

struct session *session_new(struct arena *a, const struct os *os, const struct provider *provider,
                            bool serves_many)
{
    struct session *session = arena_alloc(a, sizeof *session);
    session->os = os;
    session->provider = provider;
    session->serves_many = serves_many;
    pthread_mutex_init(&session->lock, NULL);
    arena_defer(a, session_free, session);
    return session;
}

const struct provider *session_provider(const struct session *session)
{
    return session->provider;
}

struct op session_op(struct rpc *rpc, const struct resource *resource)
{
    struct session *session = rpc->session;
    struct op op = op_new(rpc->arena, session->os, session->provider, resource);

    pthread_mutex_lock(&session->lock);
    op.meta = session->meta;
    pthread_mutex_unlock(&session->lock);
    return op;
}

struct op session_resource_op(struct rpc *rpc, const char *type_name)
{
    const struct resource *resource = provider_resource(rpc->session->provider, type_name);
    struct op op = session_op(rpc, resource);
    if (!resource)
        op_fail(&op, "", "Unknown resource type", "This provider has no resource type \"%s\".",
                type_name);
    return op;
}

struct op session_source_op(struct rpc *rpc, const struct data_source *source,
                            const char *type_name)
{
    struct op op = session_op(rpc, NULL);
    if (source)
        op.schema = source->schema;
    else
        op_fail(&op, "", "Unknown data source",
                "This provider has no data source or ephemeral resource \"%s\".", type_name);
    return op;
}

void session_begin(struct session *session)
{
    if (session->serves_many)
        stop_reset();
}

void session_configure(struct session *session, struct op *op)
{
    pthread_mutex_lock(&session->lock);
    session->meta = session->provider->configure(op, &session->lifetime);
    pthread_mutex_unlock(&session->lock);
}
