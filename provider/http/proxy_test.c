/* Which proxy for which address. */
#include "http/proxy.h"

#include "base/test.h"

#include <string.h>

static const char *const *variables;

static const char *env(const struct os *os, const char *name)
{
    (void)os;
    for (const char *const *v = variables; *v; v += 2)
        if (strcmp(*v, name) == 0)
            return v[1];
    return NULL;
}

static struct proxies find(struct arena *a, const struct proxy_settings *settings,
                           const char *const *set)
{
    const struct os os = {.env = env};
    struct proxies proxies;
    const char *attribute;
    variables = set;
    CHECK(!proxy_find(a, &os, settings, &proxies, &attribute));
    return proxies;
}

static const char *const none[] = {NULL};

TEST(proxy__arguments_beat_the_environment)
{
    const char *const set[] = {"HTTP_PROXY", "http://e:1",  "http_proxy",
                               "http://l:1", "HTTPS_PROXY", "http://es:1",
                               "NO_PROXY",   "x",           NULL};
    const struct proxy_settings nothing = {0}, all = {"http://a:1", "https://as:2", "y"};
    struct proxies p = find(a, &nothing, set);
    CHECK_TEXT(p.http, "http://e:1");
    CHECK_TEXT(p.https, "http://es:1");
    CHECK_TEXT(p.no_proxy, "x");
    CHECK(!p.https_is_http);
    p = find(a, &all, set);
    CHECK_TEXT(p.http, "http://a:1");
    CHECK_TEXT(p.https, "https://as:2");
    CHECK_TEXT(p.no_proxy, "y");
    p = find(a, &nothing, (const char *const[]){"https_proxy", "l", "ALL_PROXY", "http://z", NULL});
    CHECK_TEXT(p.https, "http://l:80");
    CHECK_TEXT(p.http, "");
}

TEST(proxy__http_argument_serves_https_too_when_nothing_else_does)
{
    const struct proxy_settings only = {.http = "http://a:1"};
    struct proxies p = find(a, &only, none);
    CHECK_TEXT(p.https, "http://a:1");
    CHECK(p.https_is_http);
    p = find(a, &only, (const char *const[]){"https_proxy", "http://b:1", NULL});
    CHECK_TEXT(p.https, "http://b:1");
    CHECK(!p.https_is_http);
    p = find(a, &(const struct proxy_settings){0},
             (const char *const[]){"HTTP_PROXY", "http://b:1", NULL});
    CHECK_TEXT(p.https, "");
}

static const char *normal(struct arena *a, const char *url)
{
    const struct proxy_settings settings = {.https = url};
    return find(a, &settings, none).https;
}

TEST(proxy__urls_get_the_ports_that_go_takes_for_granted)
{
    CHECK_TEXT(normal(a, "proxy"), "http://proxy:80");
    CHECK_TEXT(normal(a, "proxy:3128"), "http://proxy:3128");
    CHECK_TEXT(normal(a, "HTTPS://u:p%40w@proxy/"), "https://u:p%40w@proxy:443");
    CHECK_TEXT(normal(a, "socks5://proxy"), "socks5h://proxy:1080");
    CHECK_TEXT(normal(a, "http://[::1]:8080"), "http://[::1]:8080");
    CHECK_TEXT(normal(a, "http://[::1]"), "http://[::1]:80");
}

TEST(proxy__complaints_name_the_place_and_hide_the_password)
{
    static const char *const bad[] = {"http://u:pass-word@",          "http://u:pass-word@h:99999",
                                      "http://u:pass-word@h:x",       "ftp://u:pass-word@h",
                                      "http://u:pass-word@[bad",      "http://u:pass-word@h h",
                                      "http://u:pass-word@h\r\nX: y", "http://u:pass-word@h:0"};
    const struct os os = {.env = env};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const struct proxy_settings argument = {.http = bad[i]}, nothing = {0};
        const char *const set[] = {"https_proxy", bad[i], NULL};
        struct proxies p;
        const char *attribute;
        variables = none;
        const char *wrong = proxy_find(a, &os, &argument, &p, &attribute);
        CHECK_HAS(wrong, "the argument http_proxy");
        CHECK(!strstr(wrong, "pass-word"));
        CHECK_TEXT(attribute, "http_proxy");
        variables = set;
        wrong = proxy_find(a, &os, &nothing, &p, &attribute);
        CHECK_HAS(wrong, "the environment variable HTTPS_PROXY");
        CHECK(!strstr(wrong, "pass-word"));
        CHECK(!attribute);
    }
}

/* True when url goes through the proxy. */
static bool goes(struct arena *a, const char *no_proxy, const char *url)
{
    const struct proxies p = {.http = "http://p:1", .https = "http://p:2", .no_proxy = no_proxy};
    const char *proxy = proxy_for(a, &p, url);
    if (*proxy)
        CHECK_TEXT(proxy, strncmp(url, "https:", 6) == 0 ? "http://p:2" : "http://p:1");
    return *proxy;
}

TEST(proxy__never_serves_the_machine_itself)
{
    CHECK(!goes(a, "", "http://localhost/"));
    CHECK(!goes(a, "", "https://LOCALHOST:8443/"));
    CHECK(!goes(a, "", "http://127.0.0.1:4566/"));
    CHECK(!goes(a, "", "http://127.8.9.1/"));
    CHECK(!goes(a, "", "http://[::1]:80/"));
    CHECK(!goes(a, "", "http://[::ffff:127.0.0.1]/"));
    CHECK(goes(a, "", "http://localhost.example.com/"));
    CHECK(goes(a, "", "http://128.0.0.1/"));
    CHECK(goes(a, "", "http://[::2]/"));
}

TEST(proxy__exempts_what_no_proxy_says)
{
    static const struct {
        const char *no_proxy, *url;
        bool goes;
    } cases[] = {
        {"*", "https://h/", false},
        {"example.com", "https://example.com/", false},
        {"example.com", "https://EXAMPLE.com/", false},
        {"example.com", "https://a.b.example.com/", false},
        {"example.com", "https://notexample.com/", true},
        {".example.com", "https://a.example.com/", false},
        {".example.com", "https://example.com/", true},
        {"*.example.com", "https://a.example.com/", false},
        {"*.example.com", "https://example.com/", true},
        {"example.com:443", "https://example.com/", false},
        {"example.com:443", "https://example.com:8443/", true},
        {"example.com:80", "http://example.com/", false},
        {"example.com:x", "https://example.com/", true},
        {"a, example.com ,b", "https://example.com/", false},
        {"10.0.0.0/8", "https://10.255.1.2/", false},
        {"10.0.0.0/8", "https://11.0.0.1/", true},
        {"10.1.0.0/20", "https://10.1.15.255/", false},
        {"10.1.0.0/20", "https://10.1.16.0/", true},
        {"0.0.0.0/0", "https://8.8.8.8/", false},
        {"0.0.0.0/0", "https://[2001:db8::1]/", true},
        {"fd00::/8", "https://[fd12::1]/", false},
        {"fd00::/8", "https://[fe80::1]/", true},
        {"10.0.0.1/33", "https://10.0.0.1/", true},
        {"10.0.0.1/", "https://10.0.0.1/", true},
        {"192.0.2.1", "https://192.0.2.1:8443/", false},
        {"192.0.2.1:443", "https://192.0.2.1:8443/", true},
        {"2001:db8::1", "https://[2001:DB8:0::1]/", false},
        {"[2001:db8::1]:443", "https://[2001:db8::1]/", false},
        {"[2001:db8::1]:80", "https://[2001:db8::1]/", true},
        {"", "https://h/", true},
        {", ,", "https://h/", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (goes(a, cases[i].no_proxy, cases[i].url) != cases[i].goes)
            fail_msg("NO_PROXY=%s %s", cases[i].no_proxy, cases[i].url);
}
