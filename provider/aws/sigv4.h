/* Sigv4: AWS's Signature Version 4 in its header form. Pure: the clock and the keys are arguments.
 * The stages are declared for the tests, which hold each against AWS's own vectors.
 * Source: the "AWS Signature Version 4" chapters of the IAM user guide. */
#ifndef AWS_SIGV4_H
#define AWS_SIGV4_H

#include "aws/credentials.h"
#include "base/bytes.h"
#include "http/http.h"

/* All headers given are signed; names in any case and order, a name may repeat. Host must be among
 * them, exactly as it is sent. */
struct sigv4_request {
    const char *method;
    const char *path;                  /* as sent; "" is "/" */
    const char *query;                 /* as sent, without "?"; "" when there is none */
    const struct http_header *headers; /* ends with {0} */
    struct bytes body;
};

/* Where and when a signature is good. */
struct sigv4_scope {
    const char *region, *service;
    int64_t now_ms;
};

/* What must be sent besides the request's own headers: X-Amz-Date, X-Amz-Security-Token where
 * there is a token, Authorization. Ends with {0}. */
const struct http_header *sigv4_sign(struct arena *a, const struct sigv4_request *request,
                                     const struct sigv4_scope *scope,
                                     const struct credentials *credentials);

/* The request's headers followed by those that sigv4_sign adds, Authorization left out. */
const struct http_header *sigv4_headers(struct arena *a, const struct sigv4_request *request,
                                        const struct sigv4_scope *scope,
                                        const struct credentials *credentials);

const char *sigv4_canonical_request(struct arena *a, const struct sigv4_request *request);
const char *sigv4_string_to_sign(struct arena *a, const struct sigv4_scope *scope,
                                 const char *canonical_request);
const char *sigv4_signature(struct arena *a, const struct sigv4_scope *scope,
                            const char *secret_key, const char *string_to_sign);

/* SHA-256 in lower-case hexadecimal. */
/* 20150830T123600Z, AWS's form of a time. */
const char *sigv4_time(struct arena *a, int64_t now_ms);

const char *sigv4_hash(struct arena *a, struct bytes bytes);

#endif
