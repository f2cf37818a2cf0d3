/* Takes the place of gRPC core's own list of parts in the static binary: only what a server needs
 * is named here, so the linker leaves out clients, resolvers, load balancers and xDS, a quarter of
 * the size. The names are C++'s, as version 1.51 has them; with another version the link fails,
 * which is how it is noticed. Source: gRPC's plugin registry. */

struct builder; /* grpc_core::CoreConfiguration::Builder */

/* A function of gRPC core's that takes the builder. */
#define PART(function, symbol) extern void function(struct builder *) __asm__(symbol)
#define CORE(function, name) \
    PART(function, "_ZN9grpc_core" name "EPNS_17CoreConfiguration7BuilderE")

CORE(build_core, "22BuildCoreConfiguration");

PART(add_event_engine,
     "_ZN17grpc_event_engine12experimental44RegisterEventEngineChannelArgPreconditioning"
     "EPN9grpc_core17CoreConfiguration7BuilderE");
CORE(add_handshakers, "35SecurityRegisterHandshakerFactories");
CORE(add_idle_filters, "26RegisterChannelIdleFilters");
CORE(add_http_filters, "19RegisterHttpFilters");
CORE(add_deadline_filter, "22RegisterDeadlineFilter");
CORE(add_message_size_filter, "25RegisterMessageSizeFilter");
CORE(add_resource_quota, "21RegisterResourceQuota");
CORE(add_security_filters, "23RegisterSecurityFilters");
CORE(add_builtins, "16RegisterBuiltins");

void build_core(struct builder *builder)
{
    add_event_engine(builder);
    add_handshakers(builder);
    add_idle_filters(builder);
    add_http_filters(builder);
    add_deadline_filter(builder);
    add_message_size_filter(builder);
    add_resource_quota(builder);
    add_security_filters(builder);
    add_builtins(builder);
}
