/* Skew: how far the machine's clock is from AWS's, learned from the Date of answers. A signature is
 * only good for some minutes, so a machine with a wrong clock could make no call without it. */
#ifndef AWS_SKEW_H
#define AWS_SKEW_H

#include "http/http.h"

#include <stdint.h>

/* True with *ret_skew_ms, which is to be added to the machine's time, when the answer tells: it has
 * a Date, comes from no cache and did not take too long. sent and received: os->now_ms. */
bool skew_measure(const struct http_response *response, int64_t sent_ms, int64_t received_ms,
                  int64_t *ret_skew_ms);

/* A time that is so far from the measured one is refused: more than 4 minutes. */
bool skew_matters(int64_t used_ms, int64_t measured_ms);

/* The error may be the clock's fault: code is one of those that a wrong date gets, and the request
 * was signed for a time more than 4 minutes off. */
bool skew_explains(const char *code, int64_t used_ms, int64_t measured_ms);

#endif
