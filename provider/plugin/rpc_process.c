/* The RPCs about the process: stop, shut down, health. */
#include "base/log.h"
#include "base/stop.h"
#include "health.pb-c.h"
#include "plugin/methods.h"

HANDLER(rpc_stop_provider)
{
    (void)rpc, (void)request, (void)response;
    log_event(LOG_INFO, "Terraform asks to stop: calls to AWS are cancelled", NULL);
    stop_request();
}

/* Nothing to do here: the process ends when the answer has been sent. */
HANDLER(rpc_shutdown)
{
    (void)rpc, (void)request, (void)response;
}

HANDLER(rpc_health_check)
{
    (void)rpc, (void)request;
    Grpc__Health__V1__HealthCheckResponse *health = response;
    health->status = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
}
