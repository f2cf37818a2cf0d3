/* Read from the end: the digest, the tag, and what is left is split at its first slash. */
#include "ecr/image_uri.h"

#include "aws/partition.h"

#include <ctype.h>
#include <string.h>

#define LONGEST_REPOSITORY 255
#define LONGEST_TAG        128
#define HUB                "registry-1.docker.io"

static const char lower_hex[] = "0123456789abcdef";
static const char lower_alphanumeric[] = "abcdefghijklmnopqrstuvwxyz0123456789";

static bool is_digest(const char *text)
{
    return strncmp(text, "sha256:", 7) == 0 && strspn(text + 7, lower_hex) == 64 &&
           text[7 + 64] == '\0';
}

static bool is_tag(const char *text)
{
    size_t size = strlen(text);
    for (const char *p = text; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '_' && (p == text || !strchr(".-", *p)))
            return false;
    return size > 0 && size <= LONGEST_TAG;
}

/* Letters and digits, joined by one . or _ or two _ or hyphens. */
static bool is_component(const char *text, size_t size)
{
    const char *end = text + size;
    while (text < end) {
        size_t word = strspn(text, lower_alphanumeric);
        if (word == 0)
            return false;
        text += word;
        if (text >= end)
            return text == end;
        size_t hyphens = strspn(text, "-");
        text += hyphens ? hyphens : strncmp(text, "__", 2) == 0 ? 2 : strchr("._", *text) ? 1 : 0;
        if (!strchr(lower_alphanumeric, *text) || !*text)
            return false;
    }
    return false;
}

static bool is_repository(const char *text)
{
    if (strlen(text) > LONGEST_REPOSITORY)
        return false;
    for (;;) {
        size_t size = strcspn(text, "/");
        if (!is_component(text, size))
            return false;
        if (!text[size])
            return true;
        text += size + 1;
    }
}

/* A host, which has a dot or a port or is localhost; anything else begins a repository's name. */
static bool is_host(const char *text, size_t size)
{
    return memchr(text, '.', size) || memchr(text, ':', size) ||
           (size == 9 && strncmp(text, "localhost", 9) == 0);
}

static bool is_host_text(const char *text)
{
    size_t name = strcspn(text, ":"), port = text[name] ? strlen(text + name + 1) : 0;
    for (size_t i = 0; i < name; i++)
        if (!isalnum((unsigned char)text[i]) && !strchr(".-", text[i]))
            return false;
    return name > 0 && name <= 253 && !strchr(".-", text[0]) &&
           (!text[name] ||
            (port > 0 && port <= 5 && strspn(text + name + 1, "0123456789") == port));
}

/* The part between two places of a private registry's host. */
static const char *between(struct arena *a, const char *host, const char *before,
                           const char *const *after)
{
    if (strncmp(host, before, strlen(before)) != 0)
        return NULL;
    const char *region = host + strlen(before);
    size_t size = strcspn(region, ".");
    for (; *after; after++)
        if (strcmp(region + size, *after) == 0)
            return arena_text_n(a, region, size);
    return NULL;
}

/* 123456789012.dkr.ecr.eu-west-1.amazonaws.com, its FIPS and its dual-stack form. */
static void find_ecr(struct arena *a, struct image_uri *uri)
{
    static const char *const plain[] = {
        ".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu",   ".c2s.ic.gov",
        ".sc2s.sgov.gov", ".cloud.adc-e.uk",   ".csp.hci.ic.gov", NULL};
    static const char *const dual[] = {".on.aws", ".on.amazonwebservices.com.cn",
                                       ".on.amazonwebservices.eu", NULL};
    const char *host = uri->registry;
    if (strspn(host, "0123456789") != 12)
        return;
    const char *rest = host + 12, *region = between(a, rest, ".dkr.ecr.", plain);
    region = region ? region : between(a, rest, ".dkr.ecr-fips.", plain);
    region = region ? region : between(a, rest, ".dkr-ecr.", dual);
    region = region ? region : between(a, rest, ".dkr-ecr-fips.", dual);
    if (region && partition_of(region)) {
        uri->account_id = arena_text_n(a, host, 12);
        uri->region = region;
    }
}

/* Docker Hub goes by several names, and keeps its own images under library/. */
static void find_registry(struct arena *a, char *name, struct image_uri *uri)
{
    static const char *const hub[] = {"docker.io", "index.docker.io", HUB, NULL};
    size_t first = strcspn(name, "/");
    bool named = name[first] && is_host(name, first);
    uri->registry = named ? arena_text_n(a, name, first) : HUB;
    uri->repository = named ? name + first + 1 : name;
    for (const char *const *h = hub; *h; h++)
        if (strcmp(uri->registry, *h) == 0)
            uri->registry = HUB;
    if (strcmp(uri->registry, HUB) == 0 && !strchr(uri->repository, '/'))
        uri->repository = arena_printf(a, "library/%s", uri->repository);
}

const char *image_uri_parse(struct arena *a, const char *text, struct image_uri *ret_uri)
{
    char *name = arena_text(a, text);
    *ret_uri = (struct image_uri){0};
    if (strstr(text, "://"))
        return "must have no scheme such as https:// in front";
    char *at = strchr(name, '@');
    if (at) {
        *at = '\0';
        ret_uri->digest = at + 1;
        if (!is_digest(ret_uri->digest))
            return "must have sha256: and 64 lower-case hexadecimal digits behind the @";
    }
    char *slash = strrchr(name, '/'), *colon = strchr(slash ? slash : name, ':');
    if (colon) {
        *colon = '\0';
        ret_uri->tag = colon + 1;
        if (!is_tag(ret_uri->tag))
            return "must have a tag behind the colon: at most 128 letters, digits, _ . and -, not "
                   "beginning with . or -";
    }
    find_registry(a, name, ret_uri);
    if (!is_host_text(ret_uri->registry))
        return "must begin with the host name of a registry, or with none";
    if (!is_repository(ret_uri->repository))
        return "must name a repository: lower-case letters and digits, joined by . _ __ or "
               "hyphens, "
               "with / between its parts";
    find_ecr(a, ret_uri);
    return NULL;
}

const char *image_uri_check_version(const char *text)
{
    if (strchr(text, ':'))
        return is_digest(text) ? NULL
                               : "must be a digest: sha256: and 64 lower-case hexadecimal digits";
    return is_tag(text) ? NULL
                        : "must be a tag (at most 128 letters, digits, _ . and -, not beginning "
                          "with . or -) or a digest (sha256:…)";
}

const char *image_uri_with(struct arena *a, const char *repository, const char *version)
{
    return arena_printf(a, "%s%s%s", repository, strchr(version, ':') ? "@" : ":", version);
}

const char *image_uri_registry(struct arena *a, const char *account_id, const char *region)
{
    return arena_printf(a, "%s.dkr.ecr.%s.%s", account_id, region,
                        partition_or_aws(region)->dns_suffix);
}
