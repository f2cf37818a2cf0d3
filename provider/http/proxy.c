/* The machine's own addresses never go through a proxy. In NO_PROXY "example.com" means the host
 * and all below it, ".example.com" only what is below; a port limits an entry to that port. */
#include "http/proxy.h"

#include "base/bytes.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Go's names of schemes, and libcurl's of the same; the port is what Go takes for granted. */
static const struct scheme {
    const char *name, *curl_name, *port;
} schemes[] = {
    {"http://", "http://", ":80"},
    {"https://", "https://", ":443"},
    {"socks5://", "socks5h://", ":1080"},
    {"socks5h://", "socks5h://", ":1080"},
};

static const struct scheme *scheme_of(const char *url)
{
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
        if (strncasecmp(url, schemes[i].name, strlen(schemes[i].name)) == 0)
            return &schemes[i];
    return strstr(url, "://") ? NULL : &schemes[0];
}

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    long port = strtol(text, NULL, 10);
    return digits > 0 && digits <= 5 && text[digits] == '\0' && port > 0 && port <= 65535;
}

/* "host", "host:port" or "[address]:port". *ret_port: from the colon on; "" when there is none. */
static bool split_host(struct arena *a, const char *text, const char **ret_host,
                       const char **ret_port)
{
    bool bracket = *text == '[';
    size_t size = bracket ? strcspn(text, "]") : strcspn(text, ":");
    const char *rest = text + size + (bracket && text[size] ? 1 : 0);
    *ret_host = bracket ? arena_text_n(a, text + 1, size - 1) : arena_text_n(a, text, size);
    *ret_port = rest;
    return **ret_host && (!bracket || text[size] == ']') &&
           (*rest == '\0' || (*rest == ':' && is_port(rest + 1)));
}

/* As libcurl takes it, with a port; NULL when it is no proxy's URL. */
static const char *normal_url(struct arena *a, const char *url)
{
    const struct scheme *scheme = scheme_of(url);
    for (const char *p = url; *p; p++)
        if (*p <= ' ' || *p > '~')
            return NULL;
    if (!scheme)
        return NULL;
    const char *start = strstr(url, "://") ? strstr(url, "://") + 3 : url;
    const char *authority = arena_text_n(a, start, strcspn(start, "/?#"));
    const char *at = strrchr(authority, '@'), *host, *port;
    if (!split_host(a, at ? at + 1 : authority, &host, &port))
        return NULL;
    return arena_printf(a, "%s%s%s", scheme->curl_name, authority, *port ? "" : scheme->port);
}

static const char *from_env(const struct os *os, const char *upper, const char *lower)
{
    const char *text = os_env(os, upper);
    return text ? text : os_env(os, lower);
}

/* One of the two URLs: what is wrong with it, or NULL. */
static const char *take(struct arena *a, const char *setting, const char *variable_value,
                        const char *argument, const char *variable, const char **ret_url,
                        const char **ret_attribute)
{
    const char *url = setting ? setting : variable_value;
    *ret_url = url ? normal_url(a, url) : "";
    if (*ret_url)
        return NULL;
    *ret_attribute = setting ? argument : NULL;
    return arena_printf(a,
                        "The proxy of %s %s is no URL of a proxy. It must look like "
                        "\"http://proxy.example.com:3128\"; http, https and socks5 are "
                        "possible, and a user name and password, percent-encoded, before the "
                        "host. It is not shown, since it may hold a password.",
                        setting ? "the argument" : "the environment variable",
                        setting ? argument : variable);
}

const char *proxy_find(struct arena *a, const struct os *os, const struct proxy_settings *settings,
                       struct proxies *ret_proxies, const char **ret_attribute)
{
    *ret_proxies = (struct proxies){.http = "", .https = "", .no_proxy = ""};
    const char *wrong = take(a, settings->http, from_env(os, "HTTP_PROXY", "http_proxy"),
                             "http_proxy", "HTTP_PROXY", &ret_proxies->http, ret_attribute);
    if (!wrong)
        wrong = take(a, settings->https, from_env(os, "HTTPS_PROXY", "https_proxy"), "https_proxy",
                     "HTTPS_PROXY", &ret_proxies->https, ret_attribute);
    if (wrong)
        return wrong;
    if (settings->http && !*ret_proxies->https) {
        ret_proxies->https = ret_proxies->http;
        ret_proxies->https_is_http = true;
    }
    const char *no_proxy =
        settings->no_proxy ? settings->no_proxy : from_env(os, "NO_PROXY", "no_proxy");
    ret_proxies->no_proxy = no_proxy ? arena_text(a, no_proxy) : "";
    return NULL;
}

/* An address in 16 bytes, those of version 4 mapped. */
struct address {
    uint8_t bytes[16];
    bool is_v4;
};

static bool parse_address(const char *text, struct address *ret_address)
{
    struct address v6 = {0}, v4 = {.bytes = {[10] = 0xff, [11] = 0xff}, .is_v4 = true};
    if (inet_pton(AF_INET, text, v4.bytes + 12) == 1) {
        *ret_address = v4;
        return true;
    }
    if (inet_pton(AF_INET6, text, v6.bytes) != 1)
        return false;
    v6.is_v4 = memcmp(v6.bytes, v4.bytes, 12) == 0;
    *ret_address = v6;
    return true;
}

static bool is_loopback(const char *host)
{
    static const uint8_t one[16] = {[15] = 1};
    struct address x;
    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (!parse_address(host, &x))
        return false;
    return x.is_v4 ? x.bytes[12] == 127 : memcmp(x.bytes, one, sizeof one) == 0;
}

/* "10.0.0.0/8": whether it is a network, and whether host is in it. */
static bool match_network(struct arena *a, const char *entry, const char *host, bool *ret_matches)
{
    const char *slash = strchr(entry, '/');
    struct address network, x;
    if (!slash || !parse_address(arena_text_n(a, entry, (size_t)(slash - entry)), &network) ||
        slash[1] == '\0' || slash[1 + strspn(slash + 1, "0123456789")])
        return false;
    long prefix = strtol(slash + 1, NULL, 10);
    if (prefix > (network.is_v4 ? 32 : 128))
        return false;
    int bits = (int)prefix + (network.is_v4 ? 96 : 0);
    *ret_matches =
        parse_address(host, &x) && x.is_v4 == network.is_v4 &&
        memcmp(x.bytes, network.bytes, (size_t)bits / 8) == 0 &&
        (bits % 8 == 0 || (x.bytes[bits / 8] ^ network.bytes[bits / 8]) >> (8 - bits % 8) == 0);
    return true;
}

static bool match_name(const char *pattern, const char *host)
{
    if (strncmp(pattern, "*.", 2) == 0)
        pattern++;
    bool itself = *pattern != '.';
    size_t host_size = strlen(host), size = strlen(pattern);
    if (itself && strcasecmp(pattern, host) == 0)
        return true;
    if (host_size <= size || strcasecmp(host + host_size - size, pattern) != 0)
        return false;
    return !itself || host[host_size - size - 1] == '.';
}

static bool match_entry(struct arena *a, const char *entry, const char *host, const char *port)
{
    bool matches = false;
    const char *pattern, *pattern_port;
    struct address x, y;
    if (strcmp(entry, "*") == 0 || match_network(a, entry, host, &matches))
        return matches || *entry == '*';
    if (parse_address(entry, &x))
        return parse_address(host, &y) && memcmp(x.bytes, y.bytes, sizeof x.bytes) == 0;
    if (!split_host(a, entry, &pattern, &pattern_port) ||
        (*pattern_port && strcmp(pattern_port, port) != 0))
        return false;
    if (parse_address(pattern, &x))
        return parse_address(host, &y) && memcmp(x.bytes, y.bytes, sizeof x.bytes) == 0;
    return match_name(pattern, host);
}

static bool is_exempt(struct arena *a, const char *no_proxy, const char *host, const char *port)
{
    while (*no_proxy) {
        size_t skip = strspn(no_proxy, ", \t"), size = strcspn(no_proxy + skip, ", \t");
        if (size && match_entry(a, arena_text_n(a, no_proxy + skip, size), host, port))
            return true;
        no_proxy += skip + size;
    }
    return false;
}

const char *proxy_for(struct arena *a, const struct proxies *proxies, const char *url)
{
    bool tls = strncasecmp(url, "https://", 8) == 0;
    const char *proxy = tls ? proxies->https : proxies->http, *start = strstr(url, "://");
    const char *host, *port;
    if (!*proxy || !start ||
        !split_host(a, arena_text_n(a, start + 3, strcspn(start + 3, "/?#")), &host, &port))
        return "";
    if (!*port)
        port = tls ? ":443" : ":80";
    return is_loopback(host) || is_exempt(a, proxies->no_proxy, host, port) ? "" : proxy;
}
