/* Curl: the seam of http.h over libcurl. Requests run on their callers' threads; each has a
 * connection to itself for the time of the exchange, and leaves it open for the next. */
#ifndef HTTP_CURL_H
#define HTTP_CURL_H

#include "base/os.h"
#include "http/http.h"

/* Lives until the arena is reset, which must outlive every send. Finds proxies in the environment
 * (HTTPS_PROXY, NO_PROXY) and root certificates as roots.h says. Ignores SIGPIPE for the whole
 * process, which libcurl leaves to its user. */
struct http *curl_http_new(struct arena *a, const struct os *os);

#endif
