/* Terraform's side: the environment that it starts us in, and every RPC, down to a service that
 * answers whatever the input says. */
#include "base/stop.h"
#include "ecr/ecr.h"
#include "fuzz/fuzz.h"
#include "plugin/plugin.h"
#include "plugin/rpc.h"
#include "plugin/tls.h"
#include "resources/registry.h"

#include <grpc/grpc_security.h>
#include <string.h>

/* All that are served, the latest at the end: an input tells a method by its place here. */
static const char *const methods[] = {
    "/tfplugin6.Provider/GetProviderSchema",
    "/tfplugin6.Provider/GetResourceIdentitySchemas",
    "/tfplugin6.Provider/ValidateProviderConfig",
    "/tfplugin6.Provider/ConfigureProvider",
    "/tfplugin6.Provider/ValidateResourceConfig",
    "/tfplugin6.Provider/UpgradeResourceState",
    "/tfplugin6.Provider/UpgradeResourceIdentity",
    "/tfplugin6.Provider/ReadResource",
    "/tfplugin6.Provider/PlanResourceChange",
    "/tfplugin6.Provider/ApplyResourceChange",
    "/tfplugin6.Provider/ImportResourceState",
    "/tfplugin6.Provider/MoveResourceState",
    "/grpc.health.v1.Health/Check",
    "/tfplugin6.Provider/ValidateDataResourceConfig",
    "/tfplugin6.Provider/ReadDataSource",
    "/tfplugin6.Provider/ValidateEphemeralResourceConfig",
    "/tfplugin6.Provider/OpenEphemeralResource",
    "/tfplugin6.Provider/RenewEphemeralResource",
    "/tfplugin6.Provider/CloseEphemeralResource",
    "/tfplugin6.Provider/GetFunctions",
    "/tfplugin6.Provider/CallFunction",
    "/tfplugin6.Provider/StopProvider",
    "/plugin.GRPCController/Shutdown",
};

static struct fuzz_world *world;

/* The provider as it is, but that its network and its machine are the input. */
static void *configure(struct op *op, struct arena *lifetime)
{
    const struct aws_settings settings = {.region = "eu-central-1",
                                          .access_key = "AKIDEXAMPLE",
                                          .secret_key = "secret",
                                          .max_attempts = 2};
    struct ecr ecr = {.os = op->os,
                      .default_tags = &value_empty_map,
                      .ignored_keys = &value_empty_list,
                      .ignored_prefixes = &value_empty_list};
    ecr.client =
        aws_client_new(lifetime, op->os, &world->http, &ecr_service, &settings, &ecr.problem);
    return ecr_new(lifetime, &ecr);
}

static void call(struct rpc *rpc, const struct rpc_method *method, struct bytes message)
{
    ProtobufCMessage *request =
        protobuf_c_message_unpack(method->request, NULL, message.size, message.data);
    if (!request)
        return;
    ProtobufCMessage *response = arena_alloc(rpc->arena, method->response->sizeof_message);
    protobuf_c_message_init(method->response, response);
    method->handle(rpc, request, response);
    CLAIM(protobuf_c_message_check(response));
    uint8_t *packed = arena_alloc(rpc->arena, protobuf_c_message_get_packed_size(response));
    protobuf_c_message_pack(response, packed);
    protobuf_c_message_free_unpacked(request, NULL);
}

/* One byte: the method. Two: the size of the message. The message, then the service's answers. */
FUZZ(rpc)
{
    if (input.size < 3)
        return;
    size_t size = (size_t)input.data[1] | (size_t)input.data[2] << 8, rest = input.size - 3;
    size = size < rest ? size : rest;
    world = fuzz_world(a, (struct bytes){input.data + 3 + size, rest - size});
    world->files.size = 0;

    struct provider provider = ecr_provider;
    provider.configure = configure;
    struct rpc rpc = {a, session_new(a, &world->os.os, &provider, false)};
    struct op op = session_op(&rpc, NULL);
    session_begin(rpc.session);
    session_configure(rpc.session, &op);
    call(&rpc, rpc_method(methods[input.data[0] % (sizeof methods / sizeof *methods)]),
         (struct bytes){input.data + 3, size});
    stop_reset(); /* StopProvider ends the calls of this input, not those of the next */
}

/* The magic cookie, and the client's certificate. */
FUZZ(handshake)
{
    struct bytes cookie = fuzz_piece(&input);
    const char *const variables[] = {"TF_PLUGIN_MAGIC_COOKIE", fuzz_text(a, cookie), NULL};
    struct fake_os os = fake_os();
    const char *certificate = NULL;
    os.variables = variables;
    plugin_started_by_terraform(&os.os);
    grpc_server_credentials *credentials = tls_credentials(a, fuzz_text(a, input), &certificate);
    CLAIM(!credentials || certificate);
    if (credentials)
        grpc_server_credentials_release(credentials);
}
