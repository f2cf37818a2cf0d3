/* These services answer in milliseconds or are not there. */
#include "aws/machine.h"

#include "base/log.h"

#include <string.h>

#define LONGEST_WAIT_MS 1000
#define LINE_LIMIT      8192u

static void log_attempt(const struct machine_request *request, const struct http_response *response,
                        int attempt)
{
    const struct log_field fields[] = {
        {.key = "service", .text = request->name},
        {.key = "status", .number = response->status},
        {.key = "attempt", .number = attempt},
        {.key = response->reason ? "error" : NULL, .text = response->reason},
        {0}};
    log_event(LOG_DEBUG, "metadata request", fields);
}

static bool is_worth_another(const struct machine_request *request,
                             const struct http_response *response)
{
    switch (response->failure) {
    case HTTP_ANSWERED:
        return response->status >= 500 || response->status == 429;
    case HTTP_NOT_SENT:
        return request->must_be_there;
    case HTTP_LOST:
        return request->must_be_there || !response->timed_out;
    default:
        return false;
    }
}

struct http_response machine_send(const struct credentials_context *context, struct arena *a,
                                  const struct machine_request *request)
{
    const struct http_request http_request = {.method = request->method,
                                              .url = request->url,
                                              .headers = request->headers,
                                              .timeout_ms = request->timeout_ms,
                                              .never_use_a_proxy = true};
    int64_t wait_ms = 100;
    for (int attempt = 1;; attempt++) {
        struct http_response response = context->http->send(context->http, a, &http_request);
        log_attempt(request, &response, attempt);
        if (attempt >= request->attempts || !is_worth_another(request, &response))
            return response;
        if (!context->os->sleep_ms(context->os, wait_ms))
            return (struct http_response){.failure = HTTP_STOPPED,
                                          .reason = "Terraform asked to stop"};
        wait_ms = wait_ms * 2 < LONGEST_WAIT_MS ? wait_ms * 2 : LONGEST_WAIT_MS;
    }
}

bool machine_fail(struct arena *a, const struct http_response *response, const char *place,
                  const struct aws_error **ret_error)
{
    if (response->failure == HTTP_ANSWERED)
        return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE, "%s answered with status %d",
                                place, response->status);
    credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE, "%s cannot be asked: %s", place,
                     response->reason);
    if (response->failure == HTTP_STOPPED) {
        struct aws_error *stopped = arena_alloc(a, sizeof *stopped);
        *stopped = **ret_error;
        stopped->code = "RequestCanceled";
        stopped->stopped = true;
        *ret_error = stopped;
    }
    return false;
}

const char *machine_line(struct arena *a, const struct http_response *response)
{
    const char *text = response->body.size ? (const char *)response->body.data : "";
    text += strspn(text, " \t\r\n");
    size_t size = strcspn(text, "\r\n");
    while (size && strchr(" \t", text[size - 1]))
        size--;
    for (size_t i = 0; i < size; i++)
        if (text[i] <= ' ' || text[i] > '~')
            return "";
    return size <= LINE_LIMIT ? arena_text_n(a, text, size) : "";
}
