/* Two steps: what the user wants, from all the places where it can be said; and the address that
 * AWS's rules make of it, which is a pure function and held against AWS's tests. */
#include "aws/endpoint.h"

#include "aws/partition.h"
#include "base/buffer.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define HOST_LIMIT 255

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

    const char *path = arena_text_n(a, host + host_size, size - (size_t)(host + host_size - url));
    ret_endpoint->path = *path ? path : "/";
    ret_endpoint->host = host_header(a, host, host_size, port);
    ret_endpoint->url = arena_printf(a, "%.*s%s", (int)size, url, *path ? "" : "/");
    return true;
}

static const char *suffix(const char *name, size_t size, const char *region)
{
    const struct partition *p = partition_or_aws(region);
    if (strncmp(name, "region", size) == 0)
        return region;
    if (strncmp(name, "dns", size) == 0)
        return p->dns_suffix;
    return strncmp(name, "dual", size) == 0 ? p->dual_stack_suffix : p->console_suffix;
}

/* Puts in what stands in braces. */
static const char *fill_in(struct arena *a, const char *host, const char *region)
{
    struct buffer filled = {.arena = a, .limit = HOST_LIMIT};
    while (*host) {
        size_t plain = strcspn(host, "{"), name = strcspn(host + plain, "}");
        buffer_add(&filled, host, plain);
        host += plain;
        if (!*host)
            break;
        buffer_printf(&filled, "%s", suffix(host + 1, name - 1, region));
        host += name + 1;
    }
    return buffer_text(&filled);
}

static bool is_one_of(const char *const *texts, const char *text)
{
    for (; texts && *texts; texts++)
        if (strcmp(*texts, text) == 0)
            return true;
    return false;
}

static bool is_global(const struct aws_service *service, const struct endpoint_wish *wish)
{
    if (!service->global || wish->fips || wish->dual_stack)
        return false;
    return strcmp(wish->region, "aws-global") == 0 ||
           (wish->global && is_one_of(service->legacy_regions, wish->region));
}

static const char *host_of(const struct aws_service *service, const struct endpoint_wish *wish)
{
    bool gov = strcmp(partition_or_aws(wish->region)->id, "aws-us-gov") == 0;
    if (wish->fips && !wish->dual_stack && gov && service->gov_fips)
        return service->gov_fips;
    return service->hosts[wish->fips + 2 * wish->dual_stack];
}

/* The one host that follows no pattern. */
static const char *exception(const struct aws_service *service, const struct endpoint_wish *wish)
{
    bool old = service == &aws_signin && wish->fips && !wish->dual_stack &&
               strcmp(wish->region, "us-gov-west-1") == 0;
    return old ? "signin-fips.{console}" : NULL;
}

static const char *own_url(struct arena *a, const struct aws_service *service,
                           const struct endpoint_wish *wish)
{
    const char *host = exception(service, wish);
    return arena_printf(a, "https://%s",
                        fill_in(a, host ? host : host_of(service, wish), wish->region));
}

const char *endpoint_of(struct arena *a, const struct aws_service *service,
                        const struct endpoint_wish *wish, struct endpoint *ret_endpoint)
{
    *ret_endpoint = (struct endpoint){.signing_region = wish->region};
    if (wish->url && wish->fips)
        return "Invalid Configuration: FIPS and custom endpoint are not supported";
    if (wish->url && wish->dual_stack)
        return "Invalid Configuration: Dualstack and custom endpoint are not supported";
    if (wish->url)
        return split_url(a, wish->url, ret_endpoint) ? NULL : "Invalid Configuration: no URL";
    if (!wish->region)
        return "Invalid Configuration: Missing Region";
    bool global = is_global(service, wish);
    if (global)
        ret_endpoint->signing_region = "us-east-1";
    const char *url =
        global ? arena_printf(a, "https://%s", service->global) : own_url(a, service, wish);
    return split_url(a, url, ret_endpoint) ? NULL
                                           : "Invalid Configuration: the region makes no host name";
}

/* "SSO OIDC" is _SSO_OIDC in variables and sso_oidc in files. */
static char *service_key(struct arena *a, const struct aws_service *service, int (*to_case)(int))
{
    char *name = arena_text(a, service->id);
    for (char *p = name; *p; p++) {
        int letter = *p == ' ' ? '_' : to_case((unsigned char)*p);
        *p = (char)letter;
    }
    return name;
}

static const char *setting_url(const struct aws_settings *settings,
                               const struct aws_service *service)
{
    const char *const *pair = settings->endpoints;
    for (; pair && *pair; pair += 2)
        if (strcmp(pair[0], service->id) == 0 && pair[1])
            return pair[1];
    return NULL;
}

/* NULL with *ret_place NULL when AWS's own address is to be used. *ret_place: who asked for
 * another; the profile's services section may be asked for in vain, which config_services says. */
static const char *configured_url(struct arena *a, const struct config *config,
                                  const struct aws_service *service, const char **ret_place)
{
    const char *url;
    *ret_place = "the argument endpoints";
    if ((url = setting_url(config->settings, service)))
        return url;
    if (config_ignores_endpoint_urls(config))
        return NULL;
    *ret_place = arena_printf(a, "AWS_ENDPOINT_URL_%s", service_key(a, service, toupper));
    if ((url = os_env(config->os, *ret_place)))
        return url;
    *ret_place = "AWS_ENDPOINT_URL";
    if ((url = os_env(config->os, *ret_place)))
        return url;
    *ret_place = "the profile's services section";
    if ((url = config_service_text(a, config, service_key(a, service, tolower), "endpoint_url")))
        return url;
    *ret_place = "the profile's endpoint_url";
    return profile_text(config->profile, "endpoint_url");
}

static struct aws_problem bad_url(struct arena *a, const struct config *config,
                                  const struct aws_service *service, const char *place)
{
    return (struct aws_problem){
        .attribute = setting_url(config->settings, service) ? "endpoints" : NULL,
        .summary = "Invalid endpoint URL",
        .detail = arena_printf(a,
                               "The endpoint from %s must be a URL such as "
                               "\"https://ecr.example.com:8443/path\": http or https, a host, and "
                               "neither user, query nor fragment.",
                               place),
    };
}

static struct aws_problem no_dual_stack(struct arena *a, const char *rule, const char *place)
{
    return (struct aws_problem){
        .attribute = "use_dualstack_endpoint",
        .summary = "Endpoint URL and dual-stack exclude each other",
        .detail = arena_printf(a,
                               "%s. The URL comes from %s; remove it, or turn "
                               "use_dualstack_endpoint (AWS_USE_DUALSTACK_ENDPOINT) off.",
                               rule, place),
    };
}

bool endpoint_find(struct arena *a, const struct config *config, const struct aws_service *service,
                   const char *region, struct endpoint *ret_endpoint,
                   struct aws_problem *ret_problem)
{
    const char *place;
    struct endpoint_wish wish = {.region = region,
                                 .url = configured_url(a, config, service, &place),
                                 .dual_stack = config->use_dual_stack,
                                 .global = config->legacy_sts};
    wish.fips = config->use_fips && !wish.url;
    const char *wrong = endpoint_of(a, service, &wish, ret_endpoint);
    if (!wrong)
        return true;
    *ret_problem =
        wish.dual_stack ? no_dual_stack(a, wrong, place) : bad_url(a, config, service, place);
    return false;
}
