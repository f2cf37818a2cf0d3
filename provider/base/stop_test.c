/* A request to stop reaches sleepers and watchers, before and after they begin. */
#include "base/stop.h"

#include "base/os.h"
#include "base/test.h"

#include <pthread.h>
#include <unistd.h>

static void *stop_soon(void *unused)
{
    usleep(30000);
    stop_request();
    return unused;
}

static int64_t now_ms(void)
{
    return os_real.monotonic_ms(&os_real);
}

TEST(stop__sleep_lasts_its_time)
{
    int64_t start_ms = now_ms();
    CHECK(stop_sleep_ms(30));
    CHECK(now_ms() - start_ms >= 30);
    CHECK(stop_sleep_ms(0));
}

TEST(stop__request_cuts_a_sleep_short)
{
    pthread_t stopper;
    int64_t start_ms = now_ms();
    pthread_create(&stopper, NULL, stop_soon, NULL);
    CHECK(!stop_sleep_ms(60000));
    CHECK(now_ms() - start_ms < 5000);
    pthread_join(stopper, NULL);
    CHECK(stop_requested());
    CHECK(!stop_sleep_ms(60000));
    stop_reset();
    CHECK(!stop_requested());
}

static void count(void *context)
{
    ++*(int *)context;
}

TEST(stop__request_wakes_every_watcher)
{
    int woken[3] = {0};
    struct stop_watcher watchers[3];
    for (size_t i = 0; i < 3; i++) {
        watchers[i] = (struct stop_watcher){.wake = count, .context = &woken[i]};
        stop_watch(&watchers[i]);
    }
    stop_unwatch(&watchers[1]);
    stop_request();
    CHECK_INT(woken[0], 1);
    CHECK_INT(woken[1], 0);
    CHECK_INT(woken[2], 1);
    stop_unwatch(&watchers[2]);
    stop_unwatch(&watchers[0]);
    stop_reset();
    stop_request();
    CHECK_INT(woken[0], 1);
    stop_reset();
}

TEST(stop__late_watcher_is_woken_at_once)
{
    int woken = 0;
    struct stop_watcher watcher = {.wake = count, .context = &woken};
    stop_request();
    stop_watch(&watcher);
    CHECK_INT(woken, 1);
    stop_unwatch(&watcher);
    stop_reset();
}
