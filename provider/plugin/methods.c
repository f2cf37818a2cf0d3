/* The table of RPCs. What is not in it is answered with UNIMPLEMENTED. */
#include "plugin/methods.h"

#include "health.pb-c.h"
#include "plugin.pb-c.h"
#include "tfplugin6.pb-c.h"

#include <string.h>

#define PROVIDER(name, message, handler, ...)                                                     \
    {                                                                                             \
        .path = "/tfplugin6.Provider/" name,                                                      \
        .request = &tfplugin6__##message##__request__descriptor,                                  \
        .response = &tfplugin6__##message##__response__descriptor, .handle = handler, __VA_ARGS__ \
    }

static const struct rpc_method methods[] = {
    PROVIDER("GetProviderSchema", get_provider_schema, rpc_get_provider_schema, ),
    PROVIDER("ValidateProviderConfig", validate_provider_config, rpc_validate_provider_config, ),
    PROVIDER("ConfigureProvider", configure_provider, rpc_configure_provider, ),
    PROVIDER("StopProvider", stop_provider, rpc_stop_provider, .at_once = true),
    PROVIDER("ValidateResourceConfig", validate_resource_config, rpc_validate_resource_config, ),
    PROVIDER("UpgradeResourceState", upgrade_resource_state, rpc_upgrade_resource_state, ),
    PROVIDER("ReadResource", read_resource, rpc_read_resource, ),
    PROVIDER("PlanResourceChange", plan_resource_change, rpc_plan_resource_change, ),
    PROVIDER("ApplyResourceChange", apply_resource_change, rpc_apply_resource_change, ),
    PROVIDER("ImportResourceState", import_resource_state, rpc_import_resource_state, ),
    {
                                                                                 .path = "/plugin.GRPCController/Shutdown",
                                                                                 .request = &plugin__empty__descriptor,
                                                                                 .response = &plugin__empty__descriptor,
                                                                                 .handle = rpc_shutdown,
                                                                                 .at_once = true,
                                                                                 .ends_process = true,
                                                                                 },
    {
                                                                                 .path = "/grpc.health.v1.Health/Check",
                                                                                 .request = &grpc__health__v1__health_check_request__descriptor,
                                                                                 .response = &grpc__health__v1__health_check_response__descriptor,
                                                                                 .handle = rpc_health_check,
                                                                                 .at_once = true,
                                                                                 },
};

const struct rpc_method *rpc_method(const char *path)
{
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (strcmp(methods[i].path, path) == 0)
            return &methods[i];
    return NULL;
}
