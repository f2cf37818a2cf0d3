/* The RPCs about data sources and ephemeral resources, which are read alike. A token that nobody
 * renews needs nothing remembered, so the private data of ephemeral resources stays empty. */
#include "plugin/convert.h"
#include "plugin/methods.h"

static void validate(struct op *op, const struct data_source *source,
                     const Tfplugin6__DynamicValue *config)
{
    if (source && convert_object(op, source->schema->attrs, config, &op->config))
        data_source_validate_config(op, source);
}

static Tfplugin6__DynamicValue *read_source(struct op *op, const struct data_source *source,
                                            const Tfplugin6__DynamicValue *config)
{
    if (source && convert_object(op, source->schema->attrs, config, &op->config))
        data_source_read(op, source);
    return convert_dynamic(op->arena, op->state);
}

HANDLER(rpc_validate_data_resource_config)
{
    const Tfplugin6__ValidateDataResourceConfig__Request *asked = request;
    Tfplugin6__ValidateDataResourceConfig__Response *answer = response;
    const struct data_source *source =
        provider_data_source(session_provider(rpc->session), asked->type_name);
    struct op op = session_source_op(rpc, source, asked->type_name);

    validate(&op, source, asked->config);
    answer->n_diagnostics = convert_diagnostics(&op, &answer->diagnostics);
}

HANDLER(rpc_read_data_source)
{
    const Tfplugin6__ReadDataSource__Request *asked = request;
    Tfplugin6__ReadDataSource__Response *answer = response;
    const struct data_source *source =
        provider_data_source(session_provider(rpc->session), asked->type_name);
    struct op op = session_source_op(rpc, source, asked->type_name);

    answer->state = read_source(&op, source, asked->config);
    answer->n_diagnostics = convert_diagnostics(&op, &answer->diagnostics);
}

HANDLER(rpc_validate_ephemeral_resource_config)
{
    const Tfplugin6__ValidateEphemeralResourceConfig__Request *asked = request;
    Tfplugin6__ValidateEphemeralResourceConfig__Response *answer = response;
    const struct data_source *source =
        provider_ephemeral_resource(session_provider(rpc->session), asked->type_name);
    struct op op = session_source_op(rpc, source, asked->type_name);

    validate(&op, source, asked->config);
    answer->n_diagnostics = convert_diagnostics(&op, &answer->diagnostics);
}

HANDLER(rpc_open_ephemeral_resource)
{
    const Tfplugin6__OpenEphemeralResource__Request *asked = request;
    Tfplugin6__OpenEphemeralResource__Response *answer = response;
    const struct data_source *source =
        provider_ephemeral_resource(session_provider(rpc->session), asked->type_name);
    struct op op = session_source_op(rpc, source, asked->type_name);

    answer->result = read_source(&op, source, asked->config);
    answer->n_diagnostics = convert_diagnostics(&op, &answer->diagnostics);
}

HANDLER(rpc_renew_ephemeral_resource)
{
    (void)rpc, (void)request, (void)response;
}

HANDLER(rpc_close_ephemeral_resource)
{
    (void)rpc, (void)request, (void)response;
}
