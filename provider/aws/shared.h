/* Shared: what the calls of one client learn for those that follow: the clock's skew, the retry
 * quota, the send rate. The one part of a client that changes; safe to use from many threads. */
#ifndef AWS_SHARED_H
#define AWS_SHARED_H

#include "aws/retry.h"
#include "base/os.h"

struct shared;

/* quota: capacity of the retry token bucket, 0 for none. adaptive: sends are slowed down after
 * throttling. Lives in the arena. */
struct shared *shared_new(struct arena *a, const struct os *os, int quota, bool adaptive);

/* To be added to os->now_ms; 0 until an answer has told. */
int64_t shared_skew_ms(struct shared *s);
bool shared_skew_is_known(struct shared *s);
void shared_set_skew(struct shared *s, int64_t skew_ms);

/* How long to wait before a send. */
int64_t shared_wait_ms(struct shared *s);

/* After every answer, with its class (RETRY_NEVER for a success, too). */
void shared_answered(struct shared *s, enum retry_class class);

/* False when the quota does not allow a retry; else *ret_cost says what it took. */
bool shared_take_retry(struct shared *s, enum retry_class class, int *ret_cost);

/* After a success; cost is that of the retry before it, 0 when there was none. */
void shared_succeeded(struct shared *s, int cost);

#endif
