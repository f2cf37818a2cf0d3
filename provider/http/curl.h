/* Curl: the seam of http.h over libcurl. Requests run on their callers' threads; each has a
 * connection to itself for the time of the exchange, and leaves it open for the next. */
#ifndef HTTP_CURL_H
#define HTTP_CURL_H

#include "base/os.h"
#include "http/http.h"
#include "http/proxy.h"

struct curl_settings {
    struct proxies proxies; /* {0}: none */
    const char *ca_bundle;  /* replaces the roots that roots.h finds; NULL: it does not */
    bool insecure;          /* any certificate will do */
};

/* Lives until the arena is reset, which must outlive every send; so must os and the settings'
 * texts. Ignores SIGPIPE for the whole process, which libcurl leaves to its user. */
struct http *curl_http_new(struct arena *a, const struct os *os,
                           const struct curl_settings *settings);

#endif
