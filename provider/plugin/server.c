/* Calls, events and threads. A call has two things outstanding at the end, its answer and its
 * close; when both are done it goes. */
#include "plugin/server.h"

#include "base/log.h"
#include "plugin/workers.h"

#include <grpc/byte_buffer_reader.h>
#include <grpc/compression.h>
#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define MESSAGE_LIMIT        (256 * 1024 * 1024)
#define UNPACKED_LIMIT(size) (2 * (size) + 1024 * 1024)
#define CALLS_AT_ONCE        1000
#define HANDSHAKE_MS         20000

struct server {
    struct server_options options;
    grpc_server *grpc;
    grpc_completion_queue *queue;
    struct workers *workers;
    pthread_mutex_t exiting;
    pid_t parent;
    atomic_bool has_life_line;
    bool shut_down;
    bool is_untidy; /* something has happened since memory was given back */
};

struct call;

struct event {
    struct call *call;
    void (*happened)(struct call *call, bool ok);
};

struct call {
    struct server *server;
    struct arena arena;
    grpc_call *grpc;
    grpc_call_details details;
    grpc_metadata_array metadata;
    grpc_byte_buffer *request, *response;
    const struct rpc_method *method;
    bool is_life_line;
    int cancelled, outstanding;
    struct event accepted, closed, received, sent;
    struct job job;
};

static void accept_next(struct server *server);

/* go-plugin's streams carry nothing of ours. The first of them is open as long as Terraform lives.
 */
static const char life_line[] = "/plugin.GRPCStdio/StreamStdio";
static const char broker[] = "/plugin.GRPCBroker/StartStream";

static void finish(struct call *call)
{
    if (--call->outstanding)
        return;
    if (call->request)
        grpc_byte_buffer_destroy(call->request);
    if (call->response)
        grpc_byte_buffer_destroy(call->response);
    grpc_metadata_array_destroy(&call->metadata);
    grpc_call_details_destroy(&call->details);
    grpc_call_unref(call->grpc);
    struct arena arena = call->arena; /* the call lives in it */
    arena_reset(&arena);
}

static void start(struct call *call, const grpc_op *ops, size_t count, struct event *event)
{
    grpc_call_error error = grpc_call_start_batch(call->grpc, ops, count, event, NULL);
    if (error == GRPC_CALL_OK)
        return;
    log_event(LOG_ERROR, "gRPC refused a batch",
              (struct log_field[]){{"error", grpc_call_error_to_string(error), 0}, {0}});
    server_exit(call->server, 1);
}

static void on_sent(struct call *call, bool ok)
{
    (void)ok;
    if (call->method && call->method->ends_process && !call->server->options.outlives_clients)
        server_exit(call->server, 0);
    finish(call);
}

static void answer(struct call *call, grpc_status_code status, const char *text)
{
    grpc_slice details = grpc_slice_from_static_string(text);
    grpc_op ops[3] = {{.op = GRPC_OP_SEND_INITIAL_METADATA}};
    size_t count = 1;

    if (call->response)
        ops[count++] =
            (grpc_op){.op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = call->response};
    ops[count] = (grpc_op){.op = GRPC_OP_SEND_STATUS_FROM_SERVER};
    ops[count].data.send_status_from_server.status = status;
    ops[count++].data.send_status_from_server.status_details = &details;
    start(call, ops, count, &call->sent);
}

/* Two bytes of a message can be a field that takes a hundred when it is unpacked. */
struct room {
    struct arena *arena;
    size_t left;
};

static void *unpack_alloc(void *context, size_t size)
{
    struct room *room = context;
    if (size > room->left)
        return NULL;
    room->left -= size;
    return arena_alloc(room->arena, size);
}

static void unpack_free(void *context, void *memory)
{
    (void)context, (void)memory;
}

/* The message has copies of everything. */
static const void *unpack(struct call *call)
{
    grpc_byte_buffer_reader reader;
    if (!grpc_byte_buffer_reader_init(&reader, call->request))
        return NULL;
    grpc_slice slice = grpc_byte_buffer_reader_readall(&reader);
    grpc_byte_buffer_reader_destroy(&reader);

    struct room room = {&call->arena, UNPACKED_LIMIT(GRPC_SLICE_LENGTH(slice))};
    ProtobufCAllocator allocator = {unpack_alloc, unpack_free, &room};
    const void *message = protobuf_c_message_unpack(
        call->method->request, &allocator, GRPC_SLICE_LENGTH(slice), GRPC_SLICE_START_PTR(slice));
    explicit_bzero(GRPC_SLICE_START_PTR(slice), GRPC_SLICE_LENGTH(slice)); /* keys may be in it */
    grpc_slice_unref(slice);
    return message;
}

static grpc_slice pack(const ProtobufCMessage *response)
{
    grpc_slice slice = grpc_slice_malloc(protobuf_c_message_get_packed_size(response));
    protobuf_c_message_pack(response, GRPC_SLICE_START_PTR(slice));
    return slice;
}

static grpc_slice make_response(struct call *call, const void *request)
{
    const struct server_options *options = &call->server->options;
    if (call->method->is_prepared)
        return grpc_slice_from_static_buffer(options->schema.data, options->schema.size);
    void *response = arena_alloc(&call->arena, call->method->response->sizeof_message);
    protobuf_c_message_init(call->method->response, response);

    struct rpc rpc = {&call->arena, options->session};
    call->method->handle(&rpc, request, response);
    return pack(response);
}

static void handle(void *context)
{
    struct call *call = context;
    const void *request = unpack(call);
    grpc_byte_buffer_destroy(call->request);
    call->request = NULL;
    if (!request) {
        answer(call, GRPC_STATUS_INVALID_ARGUMENT, "the request is no message of this method");
        return;
    }
    grpc_slice slice = make_response(call, request);
    call->response = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    answer(call, GRPC_STATUS_OK, "");
}

static void on_received(struct call *call, bool ok)
{
    call->server->shut_down |= ok && call->method->ends_process;
    if (!ok || !call->request)
        answer(call, GRPC_STATUS_INVALID_ARGUMENT, "the request has no message");
    else if (call->method->at_once)
        handle(call);
    else if (!workers_run(call->server->workers, &call->job))
        answer(call, GRPC_STATUS_RESOURCE_EXHAUSTED, "no thread is left to answer on");
}

static void end_orphan(struct server *server)
{
    log_event(LOG_WARN, "Terraform is gone, the provider ends", NULL);
    server_exit(server, 1);
}

static void on_closed(struct call *call, bool ok)
{
    (void)ok;
    struct server *server = call->server;
    if (call->is_life_line && !server->options.outlives_clients && !server->shut_down)
        end_orphan(server);
    finish(call);
}

static void on_accepted(struct call *call, bool ok)
{
    if (!ok)
        return;
    accept_next(call->server);
    grpc_op close = {.op = GRPC_OP_RECV_CLOSE_ON_SERVER};
    close.data.recv_close_on_server.cancelled = &call->cancelled;
    char *path = grpc_slice_to_c_string(call->details.method);
    arena_defer(&call->arena, gpr_free, path);
    call->is_life_line = strcmp(path, life_line) == 0;
    if (call->is_life_line)
        call->server->has_life_line = true;
    bool held = call->is_life_line || strcmp(path, broker) == 0;

    call->method = rpc_method(path);
    call->outstanding = held ? 1 : 2;
    start(call, &close, 1, &call->closed);
    if (call->method) {
        grpc_op receive = {.op = GRPC_OP_RECV_MESSAGE};
        receive.data.recv_message.recv_message = &call->request;
        start(call, &receive, 1, &call->received);
    } else if (!held) {
        answer(call, GRPC_STATUS_UNIMPLEMENTED, "this provider does not serve this method");
    }
}

static void accept_next(struct server *server)
{
    struct arena arena = {0};
    struct call *call = arena_alloc(&arena, sizeof *call);

    call->server = server;
    call->arena = arena;
    call->accepted = (struct event){call, on_accepted};
    call->closed = (struct event){call, on_closed};
    call->received = (struct event){call, on_received};
    call->sent = (struct event){call, on_sent};
    call->job = (struct job){.run = handle, .context = call};
    grpc_metadata_array_init(&call->metadata);
    grpc_call_details_init(&call->details);
    grpc_server_request_call(server->grpc, &call->grpc, &call->details, &call->metadata,
                             server->queue, server->queue, &call->accepted);
}

static grpc_arg integer(const char *key, int value)
{
    return (grpc_arg){.type = GRPC_ARG_INTEGER, .key = (char *)key, .value.integer = value};
}

struct server *server_new(struct arena *a, const struct server_options *options)
{
    struct server *server = arena_alloc(a, sizeof *server);
    grpc_arg list[] = {
        integer(GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, MESSAGE_LIMIT),
        integer(GRPC_ARG_MAX_SEND_MESSAGE_LENGTH, MESSAGE_LIMIT),
        integer(GRPC_ARG_MAX_CONCURRENT_STREAMS, CALLS_AT_ONCE),
        integer(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, HANDSHAKE_MS),
        /* Its estimates suit a network; of a local socket they make buffers of up to 8 MiB for
           good. */
        integer(GRPC_ARG_HTTP2_BDP_PROBE, 0),
        /* Terraform compresses nothing, and a few bytes can be made into a gigabyte. */
        integer(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1 << GRPC_COMPRESS_NONE),
    };
    grpc_channel_args args = {sizeof list / sizeof *list, list};

    server->options = *options;
    server->parent = getppid();
    server->grpc = grpc_server_create(&args, NULL);
    server->queue = grpc_completion_queue_create_for_next(NULL);
    grpc_server_register_completion_queue(server->grpc, server->queue, NULL);
    pthread_mutex_init(&server->exiting, NULL);
    server->workers = workers_new(a);
    return server;
}

int server_listen(struct server *server, const char *address)
{
    return grpc_server_add_http2_port(server->grpc, address, server->options.credentials);
}

void server_start(struct server *server)
{
    grpc_server_credentials_release(server->options.credentials);
    grpc_server_start(server->grpc);
    accept_next(server);
}

/* Until Terraform has opened its log stream, only its place as the parent shows that it lives. */
static bool watches_parent(const struct server *server)
{
    return !server->has_life_line && !server->options.outlives_clients;
}

static gpr_timespec next_look(const struct server *server)
{
    return watches_parent(server) || server->is_untidy
               ? gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_seconds(1, GPR_TIMESPAN))
               : gpr_inf_future(GPR_CLOCK_MONOTONIC);
}

/* Without these, libc keeps more with every large message that it has seen. */
static void return_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, 128 * 1024);
    mallopt(M_TRIM_THRESHOLD, 128 * 1024);
}

/* A second in which nothing happened: what libc has kept for later goes back to the machine. */
static void tidy(struct server *server)
{
    if (server->is_untidy)
        malloc_trim(0);
    server->is_untidy = false;
}

static void look(struct server *server)
{
    grpc_event e = grpc_completion_queue_next(server->queue, next_look(server), NULL);
    struct event *event = e.tag;
    if (e.type == GRPC_OP_COMPLETE) {
        server->is_untidy = true;
        event->happened(event->call, e.success);
    } else {
        tidy(server);
    }
    if (watches_parent(server) && getppid() != server->parent)
        end_orphan(server);
}

void server_run(struct server *server)
{
    return_memory();
    for (;;)
        look(server);
}

bool server_was_reached(const struct server *server)
{
    return server->has_life_line;
}

/* Without waiting for the workers: they may wait for AWS, and Terraform no longer for us. */
void server_exit(struct server *server, int status)
{
    pthread_mutex_lock(&server->exiting); /* never unlocked: the first to come ends the process */
    server->options.at_exit(server->options.context);
    _exit(status);
}
