/* Stop: Terraform's StopProvider (or SIGTERM) seen by everything that waits. One flag for the whole
 * process, because Terraform stops a provider as a whole; whoever sleeps or waits for the network
 * is woken at once. */
#ifndef BASE_STOP_H
#define BASE_STOP_H

#include <stdbool.h>
#include <stdint.h>

/* A waiter that must be woken in its own way. Owned by the caller, who keeps it in place between
 * stop_watch and stop_unwatch. wake runs on another thread and must not block. */
struct stop_watcher {
    void (*wake)(void *context);
    void *context;
    struct stop_watcher *next, **link;
};

void stop_request(void);
bool stop_requested(void);

/* Forgets an earlier request: a process under a debugger serves one run after another. */
void stop_reset(void);

void stop_watch(struct stop_watcher *w);
void stop_unwatch(struct stop_watcher *w);

/* Sleeps. False when stop was requested before the time was over. */
bool stop_sleep_ms(int64_t ms);

#endif
