/* The role of an ECS task or an EKS pod. The environment says where to ask; since a token goes
 * there in clear text, plain HTTP is used only to addresses that are on the machine. */
#include "aws/container.h"
#include "aws/machine.h"
#include "base/text.h"
#include "value/json.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#define RELATIVE "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define FULL     "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define PLACE    "the container's credentials endpoint"

static bool is_clean(const char *url)
{
    for (; *url; url++)
        if (*url <= ' ' || *url > '~' || strchr("\\\"<>#", *url))
            return false;
    return true;
}

/* Loopback, or an address that ECS or EKS serves on. */
static bool is_on_the_machine(const char *host)
{
    static const char *const known[] = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23", "::1"};
    struct in_addr v4;
    struct in6_addr v6, wanted;
    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127 || strcmp(host, known[0]) == 0 ||
               strcmp(host, known[1]) == 0;
    for (size_t i = 2; i < 4; i++)
        if (inet_pton(AF_INET6, host, &v6) == 1 && inet_pton(AF_INET6, known[i], &wanted) == 1 &&
            memcmp(&v6, &wanted, sizeof v6) == 0)
            return true;
    return false;
}

/* Without port and brackets; NULL when the URL has none, or a user in front of it. */
static const char *host_of(struct arena *a, const char *rest)
{
    size_t size = strcspn(rest, "/?");
    const char *authority = arena_text_n(a, rest, size);
    if (!*authority || strchr(authority, '@'))
        return NULL;
    if (*authority == '[') {
        size = strcspn(authority, "]");
        return authority[size] ? arena_text_n(a, authority + 1, size - 1) : NULL;
    }
    size = strcspn(authority, ":");
    return size ? arena_text_n(a, authority, size) : NULL;
}

static const char *refuse(const char *reason, const char **ret_reason, bool *ret_broken)
{
    *ret_reason = reason;
    *ret_broken = true;
    return NULL;
}

static const char *full_url(struct arena *a, const char *url, const char **ret_reason,
                            bool *ret_broken)
{
    bool secure = strncasecmp(url, "https://", 8) == 0;
    bool plain = strncasecmp(url, "http://", 7) == 0;
    const char *host = secure || plain ? host_of(a, url + (secure ? 8 : 7)) : NULL;
    if (!host || !is_clean(url))
        return refuse(FULL
                      " must be a URL with a host, such as http://169.254.170.23/v1/credentials",
                      ret_reason, ret_broken);
    if (plain && !is_on_the_machine(host))
        return refuse(arena_printf(a,
                                   FULL " names the host %s by plain HTTP; that is done for "
                                        "loopback addresses and those of ECS and EKS only",
                                   text_line(a, host, strlen(host), 100)),
                      ret_reason, ret_broken);
    return arena_text(a, url);
}

const char *container_url(struct arena *a, const struct os *os, const char **ret_reason,
                          bool *ret_broken)
{
    const char *relative = os_env(os, RELATIVE), *full = os_env(os, FULL);
    *ret_broken = false;
    if (relative && (*relative != '/' || !is_clean(relative)))
        return refuse(RELATIVE " must be a path that starts with a slash", ret_reason, ret_broken);
    if (relative)
        return arena_printf(a, "http://169.254.170.2%s", relative);
    if (full)
        return full_url(a, full, ret_reason, ret_broken);
    *ret_reason = RELATIVE " and " FULL " are not set";
    return NULL;
}

static const char *trimmed(struct arena *a, const char *text)
{
    text += strspn(text, " \t\r\n");
    size_t size = strlen(text);
    while (size && strchr(" \t\r\n", text[size - 1]))
        size--;
    return arena_text_n(a, text, size);
}

/* The Authorization header's value, read anew each time; NULL when there is to be none. */
static bool authorization(const struct os *os, struct arena *a, const char **ret_value,
                          const struct aws_error **ret_error)
{
    const char *file = os_env(os, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *text = os_env(os, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    struct bytes content;
    int error = file ? os->read_file(os, a, file, &content) : 0;
    if (error)
        return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE,
                                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names %s, which cannot be "
                                "read: %s",
                                file, strerror(error));
    if (file)
        text = content.size ? (const char *)content.data : "";
    *ret_value = text ? trimmed(a, text) : NULL;
    if (*ret_value && strpbrk(*ret_value, "\r\n"))
        return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE,
                                "the token in %s has a line break in it",
                                file ? file : "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    return true;
}

static bool decode(struct arena *a, const char *url, const struct http_response *response,
                   struct credentials *ret_credentials, const struct aws_error **ret_error)
{
    static const struct credentials_names names = {"AccessKeyId", "SecretAccessKey", "Token",
                                                   "Expiration", "AccountId"};
    bool answered = response->failure == HTTP_ANSWERED;
    const struct value *v =
        answered ? json_parse(a, (const char *)response->body.data, response->body.size, NULL)
                 : NULL;
    if (answered && response->status == 200 && v)
        return credentials_from_json(a, v, &names, ret_credentials, ret_error);
    if (answered && response->status == 200)
        return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE, PLACE ", %s, answered no JSON",
                                url);
    if (v && *value_text(v, "code"))
        return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE,
                                PLACE " answered with status %d: %s: %s", response->status,
                                value_text(v, "code"), value_text(v, "message"));
    return machine_fail(a, response, PLACE, ret_error);
}

static bool retrieve(const struct credentials_source *source, struct arena *a,
                     struct credentials *ret_credentials, const struct aws_error **ret_error)
{
    const struct credentials_context *c = source->context;
    const char *token = NULL;
    if (!authorization(c->os, a, &token, ret_error))
        return false;
    const struct http_header headers[] = {
        {"Accept", "application/json"},
        {"User-Agent", c->user_agent},
        token ? (struct http_header){"Authorization", token} : (struct http_header){0},
        {0},
    };
    struct http_response response =
        machine_send(c, a,
                     &(const struct machine_request){.name = "container credentials",
                                                     .method = "GET",
                                                     .url = source->settings,
                                                     .headers = headers,
                                                     .timeout_ms = 2000,
                                                     .attempts = 3,
                                                     .must_be_there = true});
    return decode(a, source->settings, &response, ret_credentials, ret_error);
}

const struct credentials_kind credentials_container = {.name = "container", .retrieve = retrieve};

struct credentials_choice credentials_container_choose(struct arena *a,
                                                       const struct credentials_context *context)
{
    const char *reason = "";
    bool is_broken;
    const char *url = container_url(a, context->os, &reason, &is_broken);
    if (!url)
        return is_broken ? credentials_broken(a, "%s", reason) : credentials_absent(reason);
    return credentials_found(credentials_provider_new(
        a, &(const struct credentials_source){
               .kind = &credentials_container, .context = context, .settings = url}));
}
