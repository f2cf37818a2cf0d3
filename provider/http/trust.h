/* Trust: the root certificates, loaded when a first connection wants them and shared by all.
 * Left to libcurl, each connection would load them anew: 30 ms and a megabyte for a bundle. */
#ifndef HTTP_TRUST_H
#define HTTP_TRUST_H

#include "base/arena.h"
#include "base/os.h"
#include "http/roots.h"

#include <curl/curl.h>

struct trust;

/* Lives in the arena, which, as os and the texts of roots, must outlive every connection. */
struct trust *trust_new(struct arena *a, const struct os *os, const struct roots *roots);

/* A CURLOPT_SSL_CTX_FUNCTION whose data is the trust. A file is loaded at once when it is all there
 * is; beside a directory, when a certificate cannot be verified without it.
 * CURLE_SSL_CACERT_BADFILE, and trust_failure says why, when it is wanted at once and cannot be
 * loaded. Safe to use from many threads, as all here. */
CURLcode trust_give(CURL *easy, void *context, void *trust);

/* Why the file could not be loaded, the last time that was tried; NULL when it could. */
const char *trust_failure(struct trust *trust, struct arena *a);

/* The places in use, and why one of them is not. NULL when there are none. */
const char *trust_places(struct trust *trust, struct arena *a);

#endif
