/* What gRPC core promises about order, told to ThreadSanitizer, which sees neither the core's code
 * nor the futexes below its locks: what a thread did before it began a batch or asked for a call
 * has happened when the event of that comes out of the queue. In the TSan build only, by --wrap. */
#include <grpc/grpc.h>
#include <sanitizer/tsan_interface.h>

typeof(grpc_call_start_batch) __real_grpc_call_start_batch, __wrap_grpc_call_start_batch;
typeof(grpc_server_request_call) __real_grpc_server_request_call, __wrap_grpc_server_request_call;
typeof(grpc_completion_queue_next) __real_grpc_completion_queue_next,
    __wrap_grpc_completion_queue_next;

grpc_call_error __wrap_grpc_call_start_batch(grpc_call *call, const grpc_op *ops, size_t count,
                                             void *tag, void *reserved)
{
    __tsan_release(tag);
    return __real_grpc_call_start_batch(call, ops, count, tag, reserved);
}

grpc_call_error __wrap_grpc_server_request_call(grpc_server *server, grpc_call **call,
                                                grpc_call_details *details,
                                                grpc_metadata_array *metadata,
                                                grpc_completion_queue *bound,
                                                grpc_completion_queue *notified, void *tag)
{
    __tsan_release(tag);
    return __real_grpc_server_request_call(server, call, details, metadata, bound, notified, tag);
}

grpc_event __wrap_grpc_completion_queue_next(grpc_completion_queue *queue, gpr_timespec deadline,
                                             void *reserved)
{
    grpc_event event = __real_grpc_completion_queue_next(queue, deadline, reserved);
    if (event.type == GRPC_OP_COMPLETE)
        __tsan_acquire(event.tag);
    return event;
}
