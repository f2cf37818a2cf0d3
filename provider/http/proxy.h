/* Proxy: which proxy a request goes through. Decided here and not by libcurl, whose rules differ
 * from those that users of Terraform know. Source: Go's golang.org/x/net/http/httpproxy. */
#ifndef HTTP_PROXY_H
#define HTTP_PROXY_H

#include "base/os.h"

/* Arguments of the user's; NULL where the environment decides. */
struct proxy_settings {
    const char *http, *https, *no_proxy;
};

struct proxies {
    const char *http, *https; /* URLs as libcurl takes them; "" for none */
    const char *no_proxy;
    bool https_is_http; /* the argument http_proxy is used for https, for want of another */
};

/* Settings, else HTTP_PROXY, HTTPS_PROXY, NO_PROXY or the same in lower case. NULL, or what is
 * wrong with one of them: a sentence that names it and never quotes it, since it may hold a
 * password; *ret_attribute is then the argument to blame, NULL for the environment. */
const char *proxy_find(struct arena *a, const struct os *os, const struct proxy_settings *settings,
                       struct proxies *ret_proxies, const char **ret_attribute);

/* The proxy's URL for this one; "" when it is to be reached directly. */
const char *proxy_for(struct arena *a, const struct proxies *proxies, const char *url);

#endif
