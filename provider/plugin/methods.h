/* Methods: the handlers of all RPCs that the process answers. Each is
 * void (struct rpc *, const void *request, void *response). */
#ifndef PLUGIN_METHODS_H
#define PLUGIN_METHODS_H

#include "plugin/rpc.h"

#define HANDLER(name) void name(struct rpc *rpc, const void *request, void *response)

HANDLER(rpc_get_provider_schema);
HANDLER(rpc_get_resource_identity_schemas);
HANDLER(rpc_validate_provider_config);
HANDLER(rpc_configure_provider);
HANDLER(rpc_stop_provider);
HANDLER(rpc_validate_resource_config);
HANDLER(rpc_upgrade_resource_state);
HANDLER(rpc_upgrade_resource_identity);
HANDLER(rpc_read_resource);
HANDLER(rpc_plan_resource_change);
HANDLER(rpc_apply_resource_change);
HANDLER(rpc_import_resource_state);
HANDLER(rpc_move_resource_state);
HANDLER(rpc_validate_data_resource_config);
HANDLER(rpc_read_data_source);
HANDLER(rpc_validate_ephemeral_resource_config);
HANDLER(rpc_open_ephemeral_resource);
HANDLER(rpc_renew_ephemeral_resource);
HANDLER(rpc_close_ephemeral_resource);
HANDLER(rpc_get_functions);
HANDLER(rpc_call_function);
HANDLER(rpc_shutdown);
HANDLER(rpc_health_check);

#endif
