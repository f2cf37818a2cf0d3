/* Exchange: one request as libcurl's options, what libcurl hands over while it runs, and what its
 * end means. Only curl.c uses it. */
#ifndef HTTP_EXCHANGE_H
#define HTTP_EXCHANGE_H

#include "base/buffer.h"
#include "http/http.h"
#include "http/proxy.h"
#include "http/trust.h"

#include <curl/curl.h>

/* What all exchanges have in common. */
struct exchange_settings {
    struct trust *trust;
    struct proxies proxies;
    bool insecure;
};

/* Must stay in place from exchange_begin until the easy handle is reset. */
struct exchange {
    struct arena *arena;
    struct trust *trust;
    struct buffer head, body;
    const char *proxy; /* host and port; "" when there is none */
    int sends;
    bool too_large;
    char error[CURL_ERROR_SIZE];
};

/* The name of a header whose value holds a line break, which would start a header of its own. */
const char *exchange_broken_header(const struct http_request *request);

/* Sets all options of a handle that is new or reset. The answer will live in the arena. */
void exchange_begin(struct exchange *x, struct arena *a, CURL *easy,
                    const struct http_request *request, const struct exchange_settings *settings);

/* What came of it, by libcurl's result. */
struct http_response exchange_end(struct exchange *x, CURL *easy, CURLcode code);

/* What came of it when it was cut short by stop_request. */
struct http_response exchange_stopped(const struct exchange *x);

#endif
