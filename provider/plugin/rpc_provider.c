/* The RPCs about the provider block: validate and configure. */
#include "plugin/convert.h"
#include "plugin/methods.h"

HANDLER(rpc_validate_provider_config)
{
    const Tfplugin6__ValidateProviderConfig__Request *asked = request;
    Tfplugin6__ValidateProviderConfig__Response *answer = response;
    struct op op = session_op(rpc, NULL);

    if (convert_object(&op, op.provider->schema->attrs, asked->config, &op.config))
        provider_validate_config(&op);
    answer->n_diagnostics = convert_diagnostics(&op, &answer->diagnostics);
}

/* A configuration with unknown values is no error: what needs it says so when it is needed. */
HANDLER(rpc_configure_provider)
{
    const Tfplugin6__ConfigureProvider__Request *asked = request;
    Tfplugin6__ConfigureProvider__Response *answer = response;
    struct op op = session_op(rpc, NULL);

    session_begin(rpc->session);
    if (convert_object(&op, op.provider->schema->attrs, asked->config, &op.config))
        session_configure(rpc->session, &op);
    answer->n_diagnostics = convert_diagnostics(&op, &answer->diagnostics);
}
