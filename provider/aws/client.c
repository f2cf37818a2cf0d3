/* The client settles everything once and never changes; a call is a loop of attempts, each signed
 * anew because time passes and credentials may change. What an earlier attempt may have done at AWS
 * is carried along as doubt, since no operation of ECR can be told to act only once. */
#include "aws/aws.h"

#include "aws/answer.h"
#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "aws/retry.h"
#include "aws/sigv4.h"
#include "base/log.h"
#include "base/text.h"
#include "value/json.h"

#include <string.h>

#define CONTENT_TYPE "application/x-amz-json-1.1"

struct aws_client {
    const struct os *os;
    struct http *http;
    const struct aws_service *service;
    const char *region, *user_agent;
    struct endpoint endpoint;
    struct credentials credentials;
    int max_attempts;
};

/* One call: what all its attempts share. */
struct call {
    struct aws_client *client;
    struct arena *arena;
    const char *operation;
    struct bytes body;
    const char *invocation_id;
    int64_t deadline_ms;
    int attempt;   /* from 1 */
    bool in_doubt; /* an attempt may have taken effect */
};

static const char *agent(struct arena *a, const struct aws_settings *settings)
{
    const char *text =
        settings->user_agent ? settings->user_agent : "terraform-provider-ecr/" PROVIDER_VERSION;
    return text_line(a, text, strlen(text), 1000);
}

struct aws_client *aws_client_new(struct arena *a, const struct os *os, struct http *http,
                                  const struct aws_service *service,
                                  const struct aws_settings *settings,
                                  struct aws_problem *ret_problem)
{
    struct aws_client *client = arena_alloc(a, sizeof *client);
    struct config config;
    *client = (struct aws_client){
        .os = os, .http = http, .service = service, .user_agent = agent(a, settings)};

    if (!config_load(a, os, settings, &config, ret_problem) ||
        !config_check_ca_bundle(a, &config, ret_problem) ||
        !config_max_attempts(a, &config, &client->max_attempts, ret_problem) ||
        !endpoint_region(a, &config, &client->region, ret_problem) ||
        !endpoint_find(a, &config, service, client->region, &client->endpoint, ret_problem) ||
        !credentials_load(a, &config, &client->credentials, ret_problem))
        return NULL;

    const struct log_field fields[] = {
        {.key = "service", .text = service->id},
        {.key = "region", .text = client->region},
        {.key = "endpoint", .text = client->endpoint.url},
        {.key = "credential_source", .text = client->credentials.source},
        {0},
    };
    log_event(LOG_DEBUG, "AWS client", fields);
    return client;
}

const char *aws_client_region(const struct aws_client *client)
{
    return client->region;
}

bool aws_error_is(const struct aws_error *error, const char *code)
{
    return error && strcmp(error->code, code) == 0;
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

static const struct http_header *signature(struct call *call, const struct http_header *headers)
{
    struct aws_client *client = call->client;
    struct credentials credentials = client->credentials;
    struct sigv4_request request = {.method = "POST",
                                    .path = client->endpoint.path,
                                    .query = "",
                                    .headers = headers,
                                    .body = call->body};
    struct sigv4_scope scope = {.region = client->region,
                                .service = client->service->signing_name,
                                .now_ms = client->os->now_ms(client->os)};
    return sigv4_sign(call->arena, &request, &scope, &credentials);
}

/* Host is signed but not sent from here: the transport makes it. */
static const struct http_header *call_headers(struct call *call)
{
    struct arena *a = call->arena;
    const struct aws_client *client = call->client;
    const struct http_header named[] = {
        {"Host", client->endpoint.host},
        {"Content-Type", CONTENT_TYPE},
        {"X-Amz-Target", arena_printf(a, "%s.%s", client->service->target_prefix, call->operation)},
        {0},
    };
    const struct http_header *added = signature(call, named);
    const struct http_header all[] = {
        named[1],
        named[2],
        {"User-Agent", client->user_agent},
        {"amz-sdk-invocation-id", call->invocation_id},
        {"amz-sdk-request",
         arena_printf(a, "attempt=%d; max=%d", call->attempt, client->max_attempts)},
        added[0],
        added[1],
        added[1].name ? added[2] : (struct http_header){0},
        {0},
    };
    return memcpy(arena_alloc(a, sizeof all), all, sizeof all);
}

static struct http_response send_attempt(struct call *call)
{
    const struct http_request request = {
        .method = "POST",
        .url = call->client->endpoint.url,
        .headers = call_headers(call),
        .body = call->body,
    };
    return call->client->http->send(call->client->http, call->arena, &request);
}

static void log_attempt(const struct call *call, const struct http_response *response,
                        const struct aws_error *error, int64_t duration_ms)
{
    const struct log_field fields[] = {
        {.key = "service", .text = call->client->service->id},
        {.key = "operation", .text = call->operation},
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
    if (!error || class == RETRY_THROTTLED)
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

static struct aws_result finish(struct call *call, struct aws_result result)
{
    result.in_doubt = call->in_doubt;
    if (!result.error)
        return result;

    struct aws_error *error = arena_alloc(call->arena, sizeof *error);
    *error = *result.error;
    error->attempts = call->attempt;
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

/* One attempt. *ret_delay_ms: how long to wait for the next, or RETRY_STOP. */
static struct aws_result attempt(struct call *call, int64_t *ret_delay_ms)
{
    const struct os *os = call->client->os;
    int64_t start_ms = os->monotonic_ms(os);
    struct http_response response = send_attempt(call);
    struct aws_result result = answer_decode(call->arena, &response);
    log_attempt(call, &response, result.error, os->monotonic_ms(os) - start_ms);

    *ret_delay_ms = RETRY_STOP;
    if (!result.error)
        return result;
    enum retry_class class =
        retry_classify(&response, result.error->code, retry_is_read(call->operation));
    call->in_doubt |= may_have_acted(&response, result.error, class);
    *ret_delay_ms = retry_delay_ms(&(const struct retry_attempt){
        .class = class,
        .number = call->attempt,
        .most = call->client->max_attempts,
        .response = &response,
        .random = os->random(os),
        .left_ms = left_ms(call),
    });
    return result;
}

struct aws_result aws_call(struct aws_client *client, struct arena *a, const char *operation,
                           const struct value *input, int64_t deadline_ms)
{
    const char *body = json_print(a, value_is_null(input) ? &value_empty_map : input);
    struct call call = {.client = client,
                        .arena = a,
                        .operation = operation,
                        .body = {(const uint8_t *)body, strlen(body)},
                        .invocation_id = uuid(a, client->os),
                        .deadline_ms = deadline_ms};
    for (;;) {
        int64_t delay_ms;
        call.attempt++;
        struct aws_result result = attempt(&call, &delay_ms);
        if (delay_ms == RETRY_STOP)
            return finish(&call, result);
        if (!client->os->sleep_ms(client->os, delay_ms))
            return finish(&call, canceled());
    }
}
