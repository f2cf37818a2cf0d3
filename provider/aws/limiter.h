/* Limiter: the adaptive retry mode's brake. After the first throttling answer requests wait for
 * tokens, which flow at a rate that grows along a cubic curve and falls with each further one.
 * The only floating point outside the codecs: the curve is defined by a cube root, and AWS's test
 * data by decimals of it. Not for use by two threads at a time. */
#ifndef AWS_LIMITER_H
#define AWS_LIMITER_H

#include <stdbool.h>
#include <stdint.h>

/* Times are in seconds since the limiter was made. */
struct limiter {
    int64_t start_ms;
    bool enabled;
    double fill_rate, capacity, tokens, filled_at; /* the bucket */
    double measured_rate, bucket;                  /* what is really sent, by half seconds */
    int64_t sent_in_bucket;
    double last_max_rate, last_throttle, window; /* the curve */
};

struct limiter limiter_new(int64_t now_ms);

/* Takes a token for one send. How long to wait before sending; 0 until the first throttling. */
int64_t limiter_take_ms(struct limiter *l, int64_t now_ms);

/* After every answer. */
void limiter_answered(struct limiter *l, int64_t now_ms, bool throttled);

/* The curve alone, for the tests: the rate at a time after a success, and after a throttling that
 * came while sending at rate. */
double limiter_success_rate(struct limiter *l, double at);
double limiter_throttled_rate(struct limiter *l, double at, double rate);

#endif
