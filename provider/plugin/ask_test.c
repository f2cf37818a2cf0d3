/* The handlers, called as the server calls them: a message in, a message out. */
#include "plugin/ask_test.h"

#include "base/test.h"

static void free_message(void *message)
{
    protobuf_c_message_free_unpacked(message, NULL);
}

const void *ask(struct arena *a, struct session *session, const char *path, const void *request)
{
    const struct rpc_method *method = rpc_method(path);
    assert_non_null(method);
    struct rpc rpc = {a, session};
    ProtobufCMessage *response = arena_alloc(a, method->response->sizeof_message);
    protobuf_c_message_init(method->response, response);
    method->handle(&rpc, request, response);
    CHECK(protobuf_c_message_check(response));

    size_t size = protobuf_c_message_get_packed_size(response);
    uint8_t *bytes = arena_alloc(a, size);
    protobuf_c_message_pack(response, bytes);
    ProtobufCMessage *arrived = protobuf_c_message_unpack(method->response, NULL, size, bytes);
    assert_non_null(arrived);
    arena_defer(a, free_message, arrived);
    return arrived;
}
