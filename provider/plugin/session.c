/* The configured provider. Under a debugger one process is configured many times, and while calls
 * run; so each call holds on to the configuration that it began with, and the last one to let go of
 * one that was replaced ends it. */
#include "base/stop.h"
#include "plugin/rpc.h"

#include <pthread.h>

/* Lives in its own arena. */
struct configured {
    struct session *session;
    struct arena arena;
    void *meta;
    int holders; /* under the session's lock; the session itself is one */
};

struct session {
    const struct os *os;
    const struct provider *provider;
    bool serves_many;
    pthread_mutex_t lock;
    struct configured *configured; /* under lock; NULL before the first */
};

static void let_go(void *handle)
{
    struct configured *configured = handle;
    struct session *session = configured->session;

    pthread_mutex_lock(&session->lock);
    bool is_last = --configured->holders == 0;
    pthread_mutex_unlock(&session->lock);
    if (is_last) {
        struct arena arena = configured->arena;
        arena_reset(&arena);
    }
}

static void session_free(void *handle)
{
    struct session *session = handle;
    if (session->configured)
        let_go(session->configured);
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
    struct configured *configured = session->configured;
    if (configured)
        configured->holders++;
    pthread_mutex_unlock(&session->lock);
    if (configured) {
        arena_defer(rpc->arena, let_go, configured);
        op.meta = configured->meta;
    }
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
    struct arena arena = {0};
    struct configured *next = arena_alloc(&arena, sizeof *next);
    void *meta = value_is_known(op->config) ? session->provider->configure(op, &arena) : NULL;
    *next = (struct configured){session, arena, meta, 1};

    pthread_mutex_lock(&session->lock);
    struct configured *previous = session->configured;
    session->configured = next;
    pthread_mutex_unlock(&session->lock);
    if (previous)
        let_go(previous);
}
