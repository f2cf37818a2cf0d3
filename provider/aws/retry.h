/* Retry: whether and when a failed attempt is made again. Pure: time and chance are arguments.
 * Standard mode of AWS's SDKs in its newer form, with the number of attempts that users of
 * hashicorp/aws know. */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include "http/http.h"

#include <stdbool.h>
#include <stdint.h>

#define RETRY_STOP (-1) /* a delay: do not try again */

enum retry_class {
    RETRY_NEVER,
    RETRY_TRANSIENT,
    RETRY_UNREACHABLE, /* no connection: worth fewer attempts */
    RETRY_THROTTLED,   /* worth longer delays */
};

/* What is known after a failed attempt. */
struct retry_attempt {
    enum retry_class class;
    int number;                           /* from 1 */
    int most;                             /* attempts in all */
    const struct http_response *response; /* for the server's wish, x-amz-retry-after */
    uint64_t random;
    int64_t left_ms;    /* to the deadline; INT64_MAX when there is none */
    int64_t longest_ms; /* bound of the delays, which grow; 0: RETRY_LONGEST_MS */
};

#define RETRY_LONGEST_MS 20000

/* A bucket of tokens: retries take them out, successes put them back. */
struct retry_quota {
    int capacity; /* 0: there is no bucket */
    int tokens;
};

/* code is AWS's, "" when the answer had none. A success that broke off or makes no sense is asked
 * for again, too: whoever changes something settles afterwards what was in doubt. */
enum retry_class retry_classify(const struct http_response *response, const char *code);

/* Milliseconds to wait before the next attempt, or RETRY_STOP. */
int64_t retry_delay_ms(const struct retry_attempt *attempt);

/* Takes what a retry of this class costs, told in *ret_cost. False when there is not enough. */
bool retry_quota_take(struct retry_quota *quota, enum retry_class class, int *ret_cost);

/* Puts back cost, or one token for a success without a retry (cost 0). */
void retry_quota_succeeded(struct retry_quota *quota, int cost);

/* By its name: Describe…, Get…, List…, BatchGet…, BatchCheck…. */
bool retry_is_read(const char *operation);

#endif
