/* Trust: the root certificates, loaded when a first connection wants them and shared by all.
 * Left to libcurl, each connection would load them anew: 30 ms and a megabyte for a bundle. */
#ifndef HTTP_TRUST_H
#define HTTP_TRUST_H

#include "base/arena.h"
#include "http/roots.h"

#include <curl/curl.h>

struct trust;

struct trust *trust_new(struct arena *a, const struct roots *roots);

/* A CURLOPT_SSL_CTX_FUNCTION whose data is the trust. CURLE_SSL_CACERT_BADFILE when there is no
 * certificate at its place. Safe to use from many threads. */
CURLcode trust_give(CURL *easy, void *context, void *trust);

#endif
