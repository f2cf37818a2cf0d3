/* The table of methods, held to the services as the .proto files describe them. */
#include "plugin/methods.h"

#include "base/test.h"
#include "health.pb-c.h"
#include "plugin.pb-c.h"
#include "tfplugin6.pb-c.h"

#include <string.h>

static const struct rpc_method *find(struct arena *a, const ProtobufCServiceDescriptor *service,
                                     const ProtobufCMethodDescriptor *method)
{
    return rpc_method(arena_printf(a, "/%s/%s", service->name, method->name));
}

static void check_service(struct arena *a, const ProtobufCServiceDescriptor *service)
{
    for (unsigned i = 0; i < service->n_methods; i++) {
        const ProtobufCMethodDescriptor *described = &service->methods[i];
        const struct rpc_method *method = find(a, service, described);
        if (!method)
            print_error("%s.%s is not served\n", service->name, described->name);
        assert_non_null(method);
        CHECK(method->request == described->input);
        CHECK(method->response == described->output);
        assert_non_null(method->handle);
    }
}

TEST(methods__has_all_of_the_described_services)
{
    CHECK_INT(tfplugin6__provider__descriptor.n_methods, 21);
    check_service(a, &tfplugin6__provider__descriptor);
    check_service(a, &plugin__grpccontroller__descriptor);
    check_service(a, &grpc__health__v1__health__descriptor);
}

TEST(methods__each_has_a_handler_of_its_own)
{
    const ProtobufCServiceDescriptor *service = &tfplugin6__provider__descriptor;
    for (unsigned i = 0; i < service->n_methods; i++)
        for (unsigned j = 0; j < i; j++)
            CHECK(find(a, service, &service->methods[i])->handle !=
                  find(a, service, &service->methods[j])->handle);
}

TEST(methods__those_that_must_get_through_are_answered_at_once)
{
    CHECK(rpc_method("/tfplugin6.Provider/StopProvider")->at_once);
    CHECK(rpc_method("/plugin.GRPCController/Shutdown")->at_once);
    CHECK(rpc_method("/grpc.health.v1.Health/Check")->at_once);
    CHECK(!rpc_method("/tfplugin6.Provider/ApplyResourceChange")->at_once);
    CHECK(!rpc_method("/tfplugin6.Provider/ConfigureProvider")->at_once);
}

TEST(methods__only_shutdown_ends_the_process)
{
    const ProtobufCServiceDescriptor *service = &tfplugin6__provider__descriptor;
    for (unsigned i = 0; i < service->n_methods; i++)
        CHECK(!find(a, service, &service->methods[i])->ends_process);
    CHECK(!rpc_method("/grpc.health.v1.Health/Check")->ends_process);
    CHECK(rpc_method("/plugin.GRPCController/Shutdown")->ends_process);
}

TEST(methods__knows_no_other_path)
{
    static const char *const paths[] = {
        "",
        "/",
        "/tfplugin6.Provider",
        "/tfplugin6.Provider/",
        "/tfplugin6.Provider/GetMetadata",
        "/tfplugin6.Provider/GetProviderSchema2",
        "/tfplugin5.Provider/GetProviderSchema",
        "tfplugin6.Provider/GetProviderSchema",
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_null(rpc_method(paths[i]));
}
