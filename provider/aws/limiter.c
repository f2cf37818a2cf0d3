/* Source: the adaptive mode of AWS's SDKs, with the same constants. */
#include "aws/limiter.h"

#include <math.h>

#define BETA         0.7 /* a throttling leaves this much of the rate */
#define SCALE        0.4
#define SMOOTHING    0.8
#define LEAST_RATE   0.5
#define LEAST_TOKENS 1.0

struct limiter limiter_new(int64_t now_ms)
{
    return (struct limiter){.start_ms = now_ms};
}

static double seconds(const struct limiter *l, int64_t now_ms)
{
    return (double)(now_ms - l->start_ms) / 1000;
}

static void refill(struct limiter *l, double at)
{
    if (at > l->filled_at)
        l->tokens = fmin(l->capacity, l->tokens + (at - l->filled_at) * l->fill_rate);
    l->filled_at = at;
}

int64_t limiter_take_ms(struct limiter *l, int64_t now_ms)
{
    if (!l->enabled)
        return 0;
    refill(l, seconds(l, now_ms));
    l->tokens -= 1; /* below zero: those who wait already */
    return l->tokens >= 0 ? 0 : (int64_t)ceil(-l->tokens / l->fill_rate * 1000);
}

static void measure(struct limiter *l, double at)
{
    double bucket = floor(at * 2) / 2;
    l->sent_in_bucket++;
    if (bucket <= l->bucket)
        return;
    double rate = (double)l->sent_in_bucket / (bucket - l->bucket);
    l->measured_rate = rate * SMOOTHING + l->measured_rate * (1 - SMOOTHING);
    l->sent_in_bucket = 0;
    l->bucket = bucket;
}

static void set_window(struct limiter *l)
{
    l->window = cbrt(l->last_max_rate * (1 - BETA) / SCALE);
}

double limiter_success_rate(struct limiter *l, double at)
{
    set_window(l);
    return SCALE * pow(at - l->last_throttle - l->window, 3) + l->last_max_rate;
}

double limiter_throttled_rate(struct limiter *l, double at, double rate)
{
    l->last_max_rate = rate;
    l->last_throttle = at;
    set_window(l);
    return rate * BETA;
}

void limiter_answered(struct limiter *l, int64_t now_ms, bool throttled)
{
    double at = seconds(l, now_ms), rate;
    measure(l, at);
    if (throttled) {
        rate = l->enabled ? fmin(l->measured_rate, l->fill_rate) : l->measured_rate;
        rate = limiter_throttled_rate(l, at, rate);
        l->enabled = true;
    } else {
        rate = limiter_success_rate(l, at);
    }
    rate = fmin(rate, 2 * l->measured_rate);
    refill(l, at);
    l->fill_rate = fmax(rate, LEAST_RATE);
    l->capacity = fmax(rate, LEAST_TOKENS);
    l->tokens = fmin(l->tokens, l->capacity);
}
