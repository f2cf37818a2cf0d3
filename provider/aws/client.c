/* The client settles everything once and never changes; what a call is, request.c knows. */
#include "aws/aws.h"

#include "aws/agent.h"
#include "aws/answer.h"
#include "aws/partition.h"
#include "aws/region.h"
#include "aws/request.h"
#include "aws/retry.h"
#include "aws/sts.h"
#include "base/log.h"
#include "base/text.h"
#include "value/json.h"

#include <string.h>

#define CONTENT_TYPE "application/x-amz-json-1.1"

struct aws_client {
    struct request_client request;
    const struct config *config;
    bool adaptive;
};

struct aws_client *aws_client_new(struct arena *a, const struct os *os, struct http *http,
                                  const struct aws_service *service,
                                  const struct aws_settings *settings,
                                  struct aws_problem *ret_problem)
{
    struct aws_client *client = arena_alloc(a, sizeof *client);
    struct config *config = arena_alloc(a, sizeof *config);
    struct aws_settings *kept = arena_alloc(a, sizeof *kept);
    struct credentials_provider *signer;
    struct credentials credentials;
    const struct aws_error *error;
    int attempts;
    bool adaptive;
    *kept = *settings;
    if (!config_load(a, os, kept, config, ret_problem) ||
        !config_max_attempts(a, config, &attempts, ret_problem) ||
        !config_is_adaptive(a, config, &adaptive, ret_problem) ||
        !region_find(a, config, ret_problem) ||
        !(signer =
              credentials_new(a, config, http, agent_text(a, config, &aws_sts), ret_problem)) ||
        !region_settle(a, config, config->region ? NULL : credentials_region(signer, a),
                       ret_problem) ||
        !request_open(a, config, http, service, config->region, &client->request, ret_problem))
        return NULL;
    client->config = config;
    client->request.credentials = signer;
    client->request.max_attempts = attempts;
    client->request.shared = shared_new(a, os, settings->retry_quota, adaptive);
    client->adaptive = adaptive;

    bool has_key = credentials_get(client->request.credentials, a, &credentials, &error);
    const struct log_field fields[] = {
        {.key = "service", .text = service->id},
        {.key = "region", .text = client->config->region},
        {.key = "endpoint", .text = client->request.endpoint.url},
        {.key = "credential_source", .text = has_key ? credentials.source : error->code},
        {0},
    };
    log_event(LOG_DEBUG, "AWS client", fields);
    return client;
}

/* A region becomes a part of a host name, wherever it comes from. */
static bool is_region(struct arena *a, const char *region, struct aws_problem *ret_problem)
{
    if (partition_is_label(region))
        return true;
    *ret_problem = (struct aws_problem){
        .attribute = "region",
        .summary = "Invalid region",
        .detail = arena_printf(a, "\"%s\" is no region", text_line(a, region, strlen(region), 100)),
    };
    return false;
}

struct aws_client *aws_client_in(struct arena *a, const struct aws_client *client,
                                 const char *region, struct aws_problem *ret_problem)
{
    const struct request_client *here = &client->request;
    struct aws_client *there = arena_alloc(a, sizeof *there);
    struct config *config = arena_alloc(a, sizeof *config);
    *config = *client->config;
    config->region = arena_text(a, region);
    *there = (struct aws_client){.config = config, .adaptive = client->adaptive};
    if (!is_region(a, region, ret_problem) ||
        !request_open(a, config, here->http, here->service, config->region, &there->request,
                      ret_problem))
        return NULL;
    there->request.credentials = here->credentials;
    there->request.max_attempts = here->max_attempts;
    there->request.shared =
        shared_new(a, here->os, config->settings->retry_quota, client->adaptive);
    return there;
}

bool aws_ca_bundle(struct arena *a, const struct os *os, const struct aws_settings *settings,
                   const char **ret_path, struct aws_problem *ret_problem)
{
    struct config config;
    return config_load(a, os, settings, &config, ret_problem) &&
           config_ca_bundle(a, &config, ret_path, ret_problem);
}

const char *aws_client_region(const struct aws_client *client)
{
    return client->config->region;
}

int64_t aws_client_skew_ms(const struct aws_client *client)
{
    return shared_skew_ms(client->request.shared);
}

struct aws_result aws_caller_identity(struct aws_client *client, struct arena *a)
{
    return sts_call(client->config, client->request.http, client->request.credentials, a,
                    "GetCallerIdentity", &value_empty_map);
}

bool aws_error_is(const struct aws_error *error, const char *code)
{
    return error && strcmp(error->code, code) == 0;
}

struct aws_result aws_call(struct aws_client *client, struct arena *a, const char *operation,
                           const struct value *input, int64_t deadline_ms)
{
    const char *body = json_print(a, value_is_null(input) ? &value_empty_map : input);
    const struct http_header headers[] = {
        {"Content-Type", CONTENT_TYPE},
        {"X-Amz-Target",
         arena_printf(a, "%s.%s", client->request.service->target_prefix, operation)},
        {0},
    };
    const struct request request = {
        .operation = operation,
        .method = "POST",
        .path = "/",
        .headers = headers,
        .body = {(const uint8_t *)body, strlen(body)},
        .is_read = retry_is_read(operation),
        .decode = answer_decode,
    };
    return request_send(&client->request, a, &request, deadline_ms);
}
