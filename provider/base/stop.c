/* A flag, a condition for sleepers, a list of watchers; one mutex round all three. */
#include "base/stop.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t requested_changed;
static pthread_once_t condition_once = PTHREAD_ONCE_INIT;
static bool requested;
static struct stop_watcher *watchers;

static void condition_init(void)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&requested_changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

void stop_request(void)
{
    pthread_once(&condition_once, condition_init);
    pthread_mutex_lock(&lock);
    requested = true;
    for (struct stop_watcher *w = watchers; w; w = w->next)
        w->wake(w->context);
    pthread_cond_broadcast(&requested_changed);
    pthread_mutex_unlock(&lock);
}

bool stop_requested(void)
{
    pthread_mutex_lock(&lock);
    bool result = requested;
    pthread_mutex_unlock(&lock);
    return result;
}

void stop_reset(void)
{
    pthread_mutex_lock(&lock);
    requested = false;
    pthread_mutex_unlock(&lock);
}

void stop_watch(struct stop_watcher *w)
{
    pthread_mutex_lock(&lock);
    w->next = watchers;
    w->link = &watchers;
    if (watchers)
        watchers->link = &w->next;
    watchers = w;
    if (requested)
        w->wake(w->context);
    pthread_mutex_unlock(&lock);
}

void stop_unwatch(struct stop_watcher *w)
{
    pthread_mutex_lock(&lock);
    *w->link = w->next;
    if (w->next)
        w->next->link = w->link;
    pthread_mutex_unlock(&lock);
}

bool stop_sleep_ms(int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;

    pthread_once(&condition_once, condition_init);
    pthread_mutex_lock(&lock);
    int waited = 0;
    while (!requested && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&requested_changed, &lock, &until);
    bool slept = !requested;
    pthread_mutex_unlock(&lock);
    return slept;
}
