/* Dpop: proof, in a header, that whoever sends a request holds a private key. Source: RFC 9449,
 * with ES256 (RFC 7518). */
#ifndef AWS_DPOP_H
#define AWS_DPOP_H

#include "base/os.h"

/* The value of the DPoP header of a POST to url, signed with a P-256 key in PEM (SEC1 or PKCS #8).
 * NULL when the key is none of these. skew_ms is added to the machine's time. */
const char *dpop_proof(struct arena *a, const struct os *os, int64_t skew_ms, const char *key_pem,
                       const char *url);

#endif
