/* The table of RPCs. What is not in it is answered with UNIMPLEMENTED. */
#include "plugin/methods.h"

#include "health.pb-c.h"
#include "plugin.pb-c.h"
#include "tfplugin6.pb-c.h"

#include <string.h>

#define METHOD(name, asked, answered, handler, ...)                                         \
    {                                                                                       \
        .path = name, .request = &asked##__descriptor, .response = &answered##__descriptor, \
        .handle = handler, __VA_ARGS__                                                      \
    }
#define PROVIDER(name, message, ...)                                     \
    METHOD("/tfplugin6.Provider/" name, tfplugin6__##message##__request, \
           tfplugin6__##message##__response, rpc_##message, __VA_ARGS__)

/* clang-format off: it makes stairs of initializers that come from macros. */
static const struct rpc_method methods[] = {
    PROVIDER("GetProviderSchema", get_provider_schema, .at_once = true, .is_prepared = true),
    PROVIDER("GetResourceIdentitySchemas", get_resource_identity_schemas),
    PROVIDER("ValidateProviderConfig", validate_provider_config),
    PROVIDER("ConfigureProvider", configure_provider),
    PROVIDER("StopProvider", stop_provider, .at_once = true),
    PROVIDER("ValidateResourceConfig", validate_resource_config),
    PROVIDER("UpgradeResourceState", upgrade_resource_state),
    PROVIDER("UpgradeResourceIdentity", upgrade_resource_identity),
    PROVIDER("ReadResource", read_resource),
    PROVIDER("PlanResourceChange", plan_resource_change),
    PROVIDER("ApplyResourceChange", apply_resource_change),
    PROVIDER("ImportResourceState", import_resource_state),
    PROVIDER("MoveResourceState", move_resource_state),
    PROVIDER("ValidateDataResourceConfig", validate_data_resource_config),
    PROVIDER("ReadDataSource", read_data_source),
    PROVIDER("ValidateEphemeralResourceConfig", validate_ephemeral_resource_config),
    PROVIDER("OpenEphemeralResource", open_ephemeral_resource),
    PROVIDER("RenewEphemeralResource", renew_ephemeral_resource),
    PROVIDER("CloseEphemeralResource", close_ephemeral_resource),
    PROVIDER("GetFunctions", get_functions),
    PROVIDER("CallFunction", call_function),
    METHOD("/plugin.GRPCController/Shutdown", plugin__empty, plugin__empty, rpc_shutdown,
           .at_once = true, .ends_process = true),
    METHOD("/grpc.health.v1.Health/Check", grpc__health__v1__health_check_request,
           grpc__health__v1__health_check_response, rpc_health_check, .at_once = true),
};
/* clang-format on */

const struct rpc_method *rpc_method(const char *path)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(methods[i].path, path) == 0)
            return &methods[i];
    return NULL;
}
