/* Version 2 of the service wants a token of its own with every request; version 1 did not know it.
 * Where asking for one leads nowhere (an old service, or a container one hop too far away, where
 * the answer never arrives) version 1 is tried, unless the user forbids that. */
#include "aws/imds.h"

#include "aws/machine.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NAME     "EC2 instance metadata"
#define ATTEMPTS 3

static const char *setting(const struct credentials_context *c, const char *variable,
                           const char *key)
{
    const char *text = os_env(c->os, variable);
    return text ? text : profile_text(c->config->profile, key);
}

static bool is_url(const char *text)
{
    size_t scheme = strncasecmp(text, "http://", 7) == 0    ? 7
                    : strncasecmp(text, "https://", 8) == 0 ? 8
                                                            : 0;
    for (const char *p = text; *p; p++)
        if (*p <= ' ' || *p > '~' || strchr("?#@\\\"<>", *p))
            return false;
    return scheme && text[scheme] && text[scheme] != '/' && text[scheme] != ':';
}

static const char *default_endpoint(struct arena *a, const struct credentials_context *c,
                                    const char **ret_reason)
{
    const char *mode = c->config->settings->metadata_endpoint_mode;
    if (!mode)
        mode = setting(c, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                       "ec2_metadata_service_endpoint_mode");
    if (!mode || strcasecmp(mode, "IPv4") == 0)
        return "http://169.254.169.254";
    if (strcasecmp(mode, "IPv6") == 0)
        return "http://[fd00:ec2::254]";
    *ret_reason = arena_printf(a,
                               "the mode of its endpoint is \"%s\" (ec2_metadata_service_endpoint_"
                               "mode or AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE), but must be IPv4 "
                               "or IPv6",
                               mode);
    return NULL;
}

const char *imds_endpoint(struct arena *a, const struct credentials_context *c,
                          const char **ret_reason)
{
    const char *url = c->config->settings->metadata_endpoint;
    if (!url)
        url = os_env(c->os, "AWS_EC2_METADATA_SERVICE_ENDPOINT");
    if (!url) /* an old name that hashicorp/aws knows */
        url = setting(c, "AWS_METADATA_URL", "ec2_metadata_service_endpoint");
    if (!url)
        return default_endpoint(a, c, ret_reason);
    if (!is_url(url)) {
        *ret_reason = "its endpoint (ec2_metadata_service_endpoint or "
                      "AWS_EC2_METADATA_SERVICE_ENDPOINT) is no URL such as http://169.254.169.254";
        return NULL;
    }
    size_t size = strlen(url);
    while (url[size - 1] == '/')
        size--;
    return arena_text_n(a, url, size);
}

/* Variables that the AWS CLI knows too; the timeout is in seconds. */
static int64_t number(const struct credentials_context *c, const char *variable, int64_t most,
                      int64_t fallback)
{
    const char *text = os_env(c->os, variable);
    long n = text ? strtol(text, NULL, 10) : 0;
    return n >= 1 && n <= most ? n : fallback;
}

static struct http_response get(const struct credentials_context *c, struct arena *a,
                                const char *method, const char *url,
                                const struct http_header *header)
{
    const struct http_header headers[] = {
        {"User-Agent", c->user_agent}, header ? *header : (struct http_header){0}, {0}};
    return machine_send(
        c, a,
        &(const struct machine_request){
            .name = NAME,
            .method = method,
            .url = url,
            .headers = headers,
            .timeout_ms = 1000 * number(c, "AWS_METADATA_SERVICE_TIMEOUT", 60, 1),
            .attempts = (int)number(c, "AWS_METADATA_SERVICE_NUM_ATTEMPTS", 10, ATTEMPTS)});
}

static bool may_use_version_1(const struct credentials_context *c,
                              const struct http_response *response)
{
    const char *disabled = setting(c, "AWS_EC2_METADATA_V1_DISABLED", "ec2_metadata_v1_disabled");
    if (disabled && strcasecmp(disabled, "true") == 0)
        return false;
    if (response->failure != HTTP_ANSWERED)
        return response->failure == HTTP_NOT_SENT || response->timed_out;
    return response->status == 403 || response->status == 404 || response->status == 405 ||
           response->status >= 500;
}

static bool is_success(const struct http_response *response)
{
    return response->failure == HTTP_ANSWERED && response->status == 200;
}

/* False with the response that says why there is no going on. */
static bool get_token(struct imds *imds, struct arena *a, const char *endpoint,
                      struct http_response *ret_response)
{
    static const struct http_header lifetime = {"x-aws-ec2-metadata-token-ttl-seconds", "21600"};
    *ret_response =
        get(imds->context, a, "PUT", arena_printf(a, "%s/latest/api/token", endpoint), &lifetime);
    imds->token = is_success(ret_response) ? machine_line(a, ret_response) : "";
    return is_success(ret_response) || may_use_version_1(imds->context, ret_response);
}

struct http_response imds_get(struct imds *imds, struct arena *a, const char *path)
{
    struct http_response response = {.failure = HTTP_UNUSABLE}, asked = response;
    const char *endpoint = imds_endpoint(a, imds->context, &response.reason);
    if (!endpoint)
        return response;

    const char *url = arena_printf(a, "%s%s", endpoint, path);
    for (int i = 0; i < 2; i++) {
        if (!imds->token && !get_token(imds, a, endpoint, &asked))
            return asked;
        const struct http_header token = {"x-aws-ec2-metadata-token", imds->token};
        response = get(imds->context, a, "GET", url, *imds->token ? &token : NULL);
        if (response.failure != HTTP_ANSWERED || response.status != 401)
            return response;
        imds->token = NULL; /* it has expired */
    }
    /* Why there is no token says more. */
    return asked.failure != HTTP_ANSWERED || asked.status >= 500 ? asked : response;
}

const char *imds_region(const struct credentials_context *c, struct arena *a)
{
    struct imds imds = {.context = c};
    struct http_response response = imds_get(&imds, a, "/latest/meta-data/placement/region");
    const char *region = machine_line(a, &response);
    return is_success(&response) && *region ? region : NULL;
}
