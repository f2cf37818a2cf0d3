/* A region is "<prefix>-<word>-<digits>", and the prefix tells the partition; so regions that AWS
 * opens later work without a change here. */
#include "aws/endpoint.h"

#include "base/text.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

struct partition {
    const char *prefixes[10]; /* of its regions */
    const char *dns_suffix;
};

static const struct partition partitions[] = {
    {{"us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"}, "amazonaws.com"},
    {{"cn"}, "amazonaws.com.cn"},
    {{"us-gov"}, "amazonaws.com"},
    {{"eusc-de"}, "amazonaws.eu"},
    {{"us-iso"}, "c2s.ic.gov"},
    {{"us-isob"}, "sc2s.sgov.gov"},
    {{"eu-isoe"}, "cloud.adc-e.uk"},
    {{"us-isof"}, "csp.hci.ic.gov"},
};

/* region is prefix, "-", letters and digits, "-", digits. */
static bool has_prefix(const char *region, const char *prefix)
{
    size_t size = strlen(prefix);
    if (strncmp(region, prefix, size) != 0 || region[size] != '-')
        return false;
    const char *word = region + size + 1;
    size_t letters = strspn(word, "abcdefghijklmnopqrstuvwxyz0123456789");
    if (letters == 0 || word[letters] != '-')
        return false;
    const char *number = word + letters + 1;
    size_t digits = strspn(number, "0123456789");
    return digits && !number[digits] && strlen(region) <= 63; /* one label of a host name */
}

/* NULL when region looks like no partition's. */
static const struct partition *partition_of(const char *region)
{
    for (size_t i = 0; i < sizeof partitions / sizeof *partitions; i++)
        for (const char *const *prefix = partitions[i].prefixes; *prefix; prefix++)
            if (has_prefix(region, *prefix))
                return &partitions[i];
    return NULL;
}

#define WHERE_TO_SET                                                                         \
    "It is looked for in the provider's argument region, then in the environment variables " \
    "AWS_REGION and AWS_DEFAULT_REGION, then in the profile. A region looks like \"eu-west-1\"."

static struct aws_problem no_region(void)
{
    return (struct aws_problem){.attribute = "region",
                                .summary = "Missing region",
                                .detail = "No AWS region is configured. " WHERE_TO_SET};
}

static struct aws_problem bad_region(struct arena *a, const char *region, const char *place)
{
    return (struct aws_problem){
        .attribute = "region",
        .summary = "Invalid region",
        .detail = arena_printf(a, "\"%s\" (from %s) is no AWS region. " WHERE_TO_SET,
                               text_line(a, region, strlen(region), 100), place),
    };
}

static const char *first_region(const struct config *config, const char **ret_place)
{
    const char *region;
    if ((region = config->settings->region))
        *ret_place = "the argument region";
    else if ((region = os_env(config->os, "AWS_REGION")))
        *ret_place = "AWS_REGION";
    else if ((region = os_env(config->os, "AWS_DEFAULT_REGION")))
        *ret_place = "AWS_DEFAULT_REGION";
    else if ((region = profile_text(config->profile, "region")))
        *ret_place = "the profile";
    return region;
}

bool endpoint_region(struct arena *a, const struct config *config, const char **ret_region,
                     struct aws_problem *ret_problem)
{
    const char *place = NULL;
    const char *region = first_region(config, &place);
    if (region && partition_of(region)) {
        *ret_region = arena_text(a, region);
        return true;
    }
    *ret_problem = region && *region ? bad_region(a, region, place) : no_region();
    return false;
}

/* "SSO OIDC" is AWS_ENDPOINT_URL_SSO_OIDC. */
static const char *variable_of(struct arena *a, const struct aws_service *service)
{
    char *name = arena_printf(a, "AWS_ENDPOINT_URL_%s", service->id);
    for (char *p = name; *p; p++)
        if (*p == ' ')
            *p = '_';
        else
            *p = (char)toupper((unsigned char)*p);
    return name;
}

/* NULL when AWS's own address is to be used. *ret_place says who asked for another. */
static const char *override_url(struct arena *a, const struct config *config,
                                const struct aws_service *service, const char **ret_place)
{
    *ret_place = "the argument endpoints";
    if (config->settings->endpoint)
        return config->settings->endpoint;
    const char *ignore = os_env(config->os, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
    if (ignore && strcasecmp(ignore, "true") == 0)
        return NULL;

    *ret_place = variable_of(a, service);
    const char *url = os_env(config->os, *ret_place);
    if (url)
        return url;
    *ret_place = "AWS_ENDPOINT_URL";
    return os_env(config->os, *ret_place);
}

static bool is_url_text(const char *text)
{
    for (; *text; text++)
        if (*text <= ' ' || *text > '~' || strchr("?#@\\\"<>", *text))
            return false;
    return true;
}

/* The port that a URL of this scheme need not name. */
static const char *scheme_port(const char *url)
{
    if (strncasecmp(url, "https://", 8) == 0)
        return ":443";
    return strncasecmp(url, "http://", 7) == 0 ? ":80" : NULL;
}

/* The Host header leaves the scheme's own port out, and the signature covers that header. */
static const char *host_header(struct arena *a, const char *host, size_t size, const char *port)
{
    size_t tail = strlen(port);
    if (size > tail && memcmp(host + size - tail, port, tail) == 0)
        size -= tail;
    return arena_text_n(a, host, size);
}

static bool split_url(struct arena *a, const char *url, struct endpoint *ret_endpoint)
{
    const char *port = scheme_port(url);
    if (!port || !is_url_text(url))
        return false;
    const char *host = strstr(url, "://") + 3;
    size_t host_size = strcspn(host, "/"), size = strlen(url);
    if (host_size == 0 || *host == ':')
        return false;
    while (url + size > host + host_size && url[size - 1] == '/')
        size--;

    const char *path = arena_text_n(a, host + host_size, size - (size_t)(host + host_size - url));
    ret_endpoint->path = *path ? path : "/";
    ret_endpoint->host = host_header(a, host, host_size, port);
    ret_endpoint->url = arena_printf(a, "%.*s%s", (int)size, url, *path ? "" : "/");
    return true;
}

static struct aws_problem bad_url(struct arena *a, const struct config *config, const char *place)
{
    return (struct aws_problem){
        .attribute = config->settings->endpoint ? "endpoints" : NULL,
        .summary = "Invalid endpoint URL",
        .detail = arena_printf(a,
                               "The endpoint from %s must be a URL such as "
                               "\"https://ecr.example.com:8443/path\": http or https, a host, and "
                               "neither user, query nor fragment.",
                               place),
    };
}

bool endpoint_find(struct arena *a, const struct config *config, const struct aws_service *service,
                   const char *region, struct endpoint *ret_endpoint,
                   struct aws_problem *ret_problem)
{
    const char *place;
    const char *url = override_url(a, config, service, &place);
    if (!url)
        url = arena_printf(a, "https://%s.%s.%s", service->host_prefix, region,
                           partition_of(region)->dns_suffix);
    if (split_url(a, url, ret_endpoint))
        return true;
    *ret_problem = bad_url(a, config, place);
    return false;
}
