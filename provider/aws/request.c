/* A call is a loop of attempts, each signed anew because time passes and credentials may change.
 * What an earlier attempt may have done at AWS is carried along as doubt, since no operation of ECR
 * can be told to act only once. */
#include "aws/request.h"

#include "aws/agent.h"
#include "aws/answer.h"
#include "aws/retry.h"
#include "aws/sigv4.h"
#include "aws/skew.h"
#include "base/log.h"

#include <string.h>

#define ATTEMPTS     3
#define SECRET_HEAD  16 /* characters */
#define SECRET_LEAST 8  /* shorter ones are in tests alone, and parts of common words */

/* One call: what all its attempts share. */
struct call {
    const struct request_client *client;
    const struct request *request;
    struct arena *arena;
    const char *url, *path, *query;
    const char *invocation_id;
    int64_t deadline_ms;
    int attempt;                    /* from 1 */
    int cost;                       /* of the last retry to the quota */
    struct credentials credentials; /* of the attempt */
    int64_t skew_ms;                /* of the attempt: others may learn a new one meanwhile */
    bool was_rejected;
    bool is_worth_more; /* the last attempt was worth another */
    bool in_doubt;      /* an attempt may have taken effect */
};

#define TIMEOUT_MS 60000 /* of the transport, unless the request has its own */

bool request_open(struct arena *a, const struct config *config, struct http *http,
                  const struct aws_service *service, const char *region,
                  struct request_client *ret_client, struct aws_problem *ret_problem)
{
    *ret_client = (struct request_client){.os = config->os,
                                          .http = http,
                                          .service = service,
                                          .user_agent = agent_text(a, config, service),
                                          .max_attempts = ATTEMPTS,
                                          .shared = shared_new(a, config->os, 0, false)};
    if (!endpoint_find(a, config, service, region, &ret_client->endpoint, ret_problem))
        return false;
    ret_client->signing_region = ret_client->endpoint.signing_region;
    return true;
}

/* A random UUID: all attempts of a call share it, so that AWS can tell repeats. */
static const char *uuid(struct arena *a, const struct os *os)
{
    uint64_t high = os->random(os), low = os->random(os);
    return arena_printf(a, "%08llx-%04llx-4%03llx-%04llx-%012llx", (unsigned long long)(high >> 32),
                        (unsigned long long)(high >> 16 & 0xffff),
                        (unsigned long long)(high & 0xfff),
                        (unsigned long long)(low >> 48 & 0x3fff) | 0x8000,
                        (unsigned long long)(low & 0xffffffffffff));
}

/* AWS's time, as far as it is known. */
static int64_t now_ms(const struct call *call)
{
    return call->client->os->now_ms(call->client->os) + call->skew_ms;
}

static size_t count_headers(const struct http_header *headers)
{
    size_t count = 0;
    while (headers && headers[count].name)
        count++;
    return count;
}

static const struct http_header *joined(struct arena *a, const struct http_header *x,
                                        const struct http_header *y)
{
    size_t first = count_headers(x), second = count_headers(y);
    struct http_header *all = arena_array(a, first + second + 1, sizeof *all);
    for (size_t i = 0; i < first; i++)
        all[i] = x[i];
    for (size_t i = 0; i < second; i++)
        all[first + i] = y[i];
    return all;
}

/* Host is signed but not sent from here: the transport makes it. */
static const struct http_header *signed_headers(const struct call *call)
{
    const struct http_header host[] = {{"Host", call->client->endpoint.host}, {0}};
    return joined(call->arena, host, call->request->headers);
}

static const struct http_header *signature(const struct call *call)
{
    const struct request_client *client = call->client;
    struct sigv4_request request = {.method = call->request->method,
                                    .path = call->path,
                                    .query = call->query,
                                    .headers = signed_headers(call),
                                    .body = call->request->body};
    struct sigv4_scope scope = {.region = client->signing_region,
                                .service = client->service->signing_name,
                                .now_ms = now_ms(call)};
    return sigv4_sign(call->arena, &request, &scope, &call->credentials);
}

/* The answer is of no use after ttl, in AWS's time. */
static const char *attempt_header(const struct call *call)
{
    const struct request_client *client = call->client;
    const char *text =
        arena_printf(call->arena, "attempt=%d; max=%d", call->attempt, client->max_attempts);
    if (!shared_skew_is_known(client->shared))
        return text;
    int64_t timeout_ms = call->request->timeout_ms ? call->request->timeout_ms : TIMEOUT_MS;
    return arena_printf(call->arena, "%s; ttl=%s", text,
                        sigv4_time(call->arena, now_ms(call) + timeout_ms));
}

static const struct http_header *call_headers(const struct call *call)
{
    struct arena *a = call->arena;
    const struct http_header own[] = {
        {"User-Agent", call->client->user_agent},
        {"amz-sdk-invocation-id", call->invocation_id},
        {"amz-sdk-request", attempt_header(call)},
        {0},
    };
    const struct http_header *headers = joined(a, call->request->headers, own);
    return call->client->credentials ? joined(a, headers, signature(call)) : headers;
}

static struct http_response send_attempt(const struct call *call)
{
    const struct http_request request = {
        .method = call->request->method,
        .url = call->url,
        .headers = call_headers(call),
        .body = call->request->body,
        .timeout_ms = call->request->timeout_ms,
        .never_use_a_proxy = call->request->never_use_a_proxy,
    };
    return call->client->http->send(call->client->http, call->arena, &request);
}

/* A service, or a proxy before it, may answer with what it was sent. Of a secret its beginning is
 * looked for, since what is shown may be cut within it. */
static size_t size_before(const char *text, size_t size, const char *secret)
{
    if (!secret || strlen(secret) < SECRET_LEAST)
        return size;
    char head[SECRET_HEAD + 1] = "";
    strncat(head, secret, SECRET_HEAD);
    const char *found = strstr(text, head);
    return found && (size_t)(found - text) < size ? (size_t)(found - text) : size;
}

static const char *conceal(const struct call *call, const char *text)
{
    size_t whole = strlen(text), size = whole;
    size = size_before(text, size, call->credentials.session_token);
    size = size_before(text, size, call->credentials.secret_access_key);
    for (const char *const *s = call->request->secrets; s && *s; s++)
        size = size_before(text, size, *s);
    return size == whole ? text : arena_printf(call->arena, "%.*s…", (int)size, text);
}

static const struct aws_error *without_secrets(const struct call *call,
                                               const struct aws_error *error)
{
    if (!error)
        return NULL;
    struct aws_error *copy = arena_alloc(call->arena, sizeof *copy);
    *copy = *error;
    copy->code = conceal(call, error->code);
    copy->message = conceal(call, error->message);
    return copy;
}

static void log_attempt(const struct call *call, const struct http_response *response,
                        const struct aws_error *error, int64_t duration_ms)
{
    const struct log_field fields[] = {
        {.key = "service", .text = call->client->service->id},
        {.key = "operation", .text = call->request->operation},
        {.key = "status", .number = response->status},
        {.key = "request_id", .text = answer_request_id(call->arena, response)},
        {.key = "duration_ms", .number = duration_ms},
        {.key = "attempt", .number = call->attempt},
        {.key = error ? "error_code" : NULL, .text = error ? error->code : NULL}, /* may end it */
        {.key = "error", .text = error ? error->message : NULL},
        {0},
    };
    log_event(LOG_DEBUG, "AWS API call", fields);
}

/* The request may have reached AWS and no answer says that it was refused. */
static bool may_have_acted(const struct http_response *response, const struct aws_error *error,
                           enum retry_class class)
{
    if (!error || (class == RETRY_THROTTLED && response->status >= 400))
        return false;
    bool refused =
        response->failure == HTTP_ANSWERED && response->status >= 300 && response->status < 500;
    return response->sent && !refused;
}

static int64_t left_ms(const struct call *call)
{
    const struct os *os = call->client->os;
    return call->deadline_ms ? call->deadline_ms - os->monotonic_ms(os) : INT64_MAX;
}

static bool is_one_of(const char *const *texts, const char *text)
{
    for (; texts && *texts; texts++)
        if (strcmp(*texts, text) == 0)
            return true;
    return false;
}

static const char *const key_refusals[] = {"ExpiredToken", "ExpiredTokenException",
                                           "InvalidClientTokenId", "UnrecognizedClientException",
                                           NULL};

/* A key that has expired was not renewed for a reason, which says more than the refusal. */
static const char *with_cause(const struct call *call, const struct aws_error *error)
{
    struct credentials_provider *signer = call->client->credentials;
    const struct aws_error *cause = signer && is_one_of(key_refusals, error->code)
                                        ? credentials_failure(signer, call->arena)
                                        : NULL;
    return cause ? arena_printf(call->arena, "%s; new credentials could not be had: %s: %s",
                                error->message, cause->code, cause->message)
                 : error->message;
}

static struct aws_result finish(struct call *call, struct aws_result result)
{
    result.in_doubt = call->in_doubt;
    if (!result.error)
        return result;

    struct aws_error *error = arena_alloc(call->arena, sizeof *error);
    *error = *result.error;
    error->message = with_cause(call, result.error);
    error->attempts = call->attempt;
    error->exhausted = call->is_worth_more && !error->stopped;
    error->in_doubt = call->in_doubt;
    result.error = error;
    return result;
}

static struct aws_result canceled(void)
{
    static const struct aws_error error = {.code = "RequestCanceled",
                                           .message = "Terraform asked to stop",
                                           .request_id = "",
                                           .stopped = true};
    return (struct aws_result){&value_empty_map, &error, false};
}

/* Learns the clock's skew and says whether the error may be its fault. */
static bool is_skew(const struct call *call, const struct http_response *response, const char *code,
                    int64_t sent_ms)
{
    struct shared *shared = call->client->shared;
    int64_t measured_ms;
    if (!skew_measure(response, sent_ms, call->client->os->now_ms(call->client->os), &measured_ms))
        return false;
    shared_set_skew(shared, measured_ms);
    return skew_explains(code, call->skew_ms, measured_ms);
}

/* AWS refused the key, and another has taken its place. Worth one more attempt. */
static bool has_new_key(struct call *call, const char *code)
{
    struct credentials_provider *provider = call->client->credentials;
    struct credentials now;
    const struct aws_error *error;
    if (!provider || call->was_rejected || !is_one_of(key_refusals, code))
        return false;
    call->was_rejected = true;
    credentials_reject(provider, call->credentials.access_key_id);
    return credentials_get(provider, call->arena, &now, &error) &&
           strcmp(now.access_key_id, call->credentials.access_key_id) != 0;
}

static enum retry_class classify(struct call *call, const struct http_response *response,
                                 const char *code, int64_t sent_ms)
{
    if (has_new_key(call, code))
        return RETRY_TRANSIENT;
    if (is_skew(call, response, code, sent_ms) || is_one_of(call->request->also, code))
        return RETRY_TRANSIENT;
    return retry_classify(response, code);
}

/* Milliseconds to wait before the next attempt, or RETRY_STOP. */
static int64_t delay_ms(struct call *call, const struct http_response *response,
                        enum retry_class class)
{
    const struct os *os = call->client->os;
    int64_t delay_ms = retry_delay_ms(&(const struct retry_attempt){
        .class = class,
        .number = call->attempt,
        .most = call->client->max_attempts,
        .response = response,
        .random = os->random(os),
        .left_ms = left_ms(call),
    });
    if (delay_ms == RETRY_STOP || !shared_take_retry(call->client->shared, class, &call->cost))
        return RETRY_STOP;
    return delay_ms;
}

/* One attempt. *ret_delay_ms: how long to wait for the next, or RETRY_STOP. */
static struct aws_result attempt(struct call *call, int64_t *ret_delay_ms)
{
    const struct os *os = call->client->os;
    struct aws_result result = {.output = &value_empty_map};
    struct credentials_provider *signer = call->client->credentials;
    *ret_delay_ms = RETRY_STOP;
    if (signer && !credentials_get(signer, call->arena, &call->credentials, &result.error))
        return result;

    call->skew_ms = shared_skew_ms(call->client->shared);
    int64_t start_ms = os->monotonic_ms(os), sent_ms = os->now_ms(os);
    struct http_response response = send_attempt(call);
    result = call->request->decode(call->arena, &response);
    result.error = without_secrets(call, result.error);
    const char *code = result.error ? result.error->code : "";
    log_attempt(call, &response, result.error, os->monotonic_ms(os) - start_ms);

    enum retry_class class = classify(call, &response, code, sent_ms);
    call->is_worth_more = class != RETRY_NEVER;
    shared_answered(call->client->shared, result.error ? class : RETRY_NEVER);
    if (!result.error) {
        shared_succeeded(call->client->shared, call->cost);
        return result;
    }
    call->in_doubt |= !call->request->is_read && may_have_acted(&response, result.error, class);
    *ret_delay_ms = delay_ms(call, &response, class);
    return result;
}

/* Below the endpoint's own path, which is nothing more than a slash for AWS's own hosts. A path
 * that somebody configured is kept to the letter. */
static const char *path_of(struct arena *a, const char *base, const char *path)
{
    size_t size = strlen(base);
    if (strcmp(path, "/") == 0)
        return base;
    while (size && base[size - 1] == '/')
        size--;
    return arena_printf(a, "%.*s%s", (int)size, base, path);
}

static struct call call_new(const struct request_client *client, struct arena *a,
                            const struct request *request)
{
    const char *base = client->endpoint.path;
    const char *path = path_of(a, base, request->path);
    const char *query = request->query ? request->query : "";
    size_t size = strlen(client->endpoint.url) - strlen(base);
    return (struct call){
        .client = client,
        .request = request,
        .arena = a,
        .url = arena_printf(a, "%.*s%s%s%s", (int)size, client->endpoint.url, path,
                            *query ? "?" : "", query),
        .path = path,
        .query = query,
        .invocation_id = uuid(a, client->os),
    };
}

static struct aws_result too_late(void)
{
    static const struct aws_error error = {.code = "RequestTimeout",
                                           .message = "the time for this operation is over",
                                           .request_id = ""};
    return (struct aws_result){&value_empty_map, &error, false};
}

/* The adaptive mode's brake. False when there is no time for the wait, or stop was requested; then
 * *ret_result is what the call ends with. */
static bool may_send(const struct call *call, struct aws_result *ret_result)
{
    const struct os *os = call->client->os;
    int64_t wait_ms = shared_wait_ms(call->client->shared);
    if (wait_ms == 0)
        return true;
    if (wait_ms >= left_ms(call)) {
        *ret_result = call->attempt ? *ret_result : too_late();
        return false;
    }
    if (os->sleep_ms(os, wait_ms))
        return true;
    *ret_result = canceled();
    return false;
}

struct aws_result request_send(const struct request_client *client, struct arena *a,
                               const struct request *request, int64_t deadline_ms)
{
    struct call call = call_new(client, a, request);
    struct aws_result result = {0};
    call.deadline_ms = deadline_ms;
    while (may_send(&call, &result)) {
        int64_t pause_ms;
        call.attempt++;
        result = attempt(&call, &pause_ms);
        if (pause_ms == RETRY_STOP)
            return finish(&call, result);
        if (!client->os->sleep_ms(client->os, pause_ms))
            return finish(&call, canceled());
    }
    return finish(&call, result);
}
