/* One lock, held for a few instructions. */
#include "aws/shared.h"

#include "aws/limiter.h"

#include <pthread.h>

struct shared {
    const struct os *os;
    bool adaptive;
    pthread_mutex_t lock; /* of what follows */
    int64_t skew_ms;
    bool skew_is_known;
    struct retry_quota quota;
    struct limiter limiter;
};

static void release(void *handle)
{
    struct shared *s = handle;
    pthread_mutex_destroy(&s->lock);
}

struct shared *shared_new(struct arena *a, const struct os *os, int quota, bool adaptive)
{
    struct shared *s = arena_alloc(a, sizeof *s);
    *s = (struct shared){.os = os,
                         .adaptive = adaptive,
                         .quota = {.capacity = quota, .tokens = quota},
                         .limiter = limiter_new(os->monotonic_ms(os))};
    pthread_mutex_init(&s->lock, NULL);
    arena_defer(a, release, s);
    return s;
}

int64_t shared_skew_ms(struct shared *s)
{
    pthread_mutex_lock(&s->lock);
    int64_t skew_ms = s->skew_ms;
    pthread_mutex_unlock(&s->lock);
    return skew_ms;
}

bool shared_skew_is_known(struct shared *s)
{
    pthread_mutex_lock(&s->lock);
    bool known = s->skew_is_known;
    pthread_mutex_unlock(&s->lock);
    return known;
}

void shared_set_skew(struct shared *s, int64_t skew_ms)
{
    pthread_mutex_lock(&s->lock);
    s->skew_ms = skew_ms;
    s->skew_is_known = true;
    pthread_mutex_unlock(&s->lock);
}

int64_t shared_wait_ms(struct shared *s)
{
    if (!s->adaptive)
        return 0;
    pthread_mutex_lock(&s->lock);
    int64_t wait_ms = limiter_take_ms(&s->limiter, s->os->monotonic_ms(s->os));
    pthread_mutex_unlock(&s->lock);
    return wait_ms;
}

void shared_answered(struct shared *s, enum retry_class class)
{
    if (!s->adaptive)
        return;
    pthread_mutex_lock(&s->lock);
    limiter_answered(&s->limiter, s->os->monotonic_ms(s->os), class == RETRY_THROTTLED);
    pthread_mutex_unlock(&s->lock);
}

bool shared_take_retry(struct shared *s, enum retry_class class, int *ret_cost)
{
    pthread_mutex_lock(&s->lock);
    bool allowed = retry_quota_take(&s->quota, class, ret_cost);
    pthread_mutex_unlock(&s->lock);
    return allowed;
}

void shared_succeeded(struct shared *s, int cost)
{
    pthread_mutex_lock(&s->lock);
    retry_quota_succeeded(&s->quota, cost);
    pthread_mutex_unlock(&s->lock);
}
