/* Jobs that wait for each other, so that each needs a thread of its own. */
#include "plugin/workers.h"

#include "base/os.h"
#include "base/test.h"

#include <pthread.h>
#include <stdatomic.h>

#define JOBS 40

/* Where all jobs of a round meet. */
struct meeting {
    pthread_barrier_t all_are_there;
    atomic_int done;
};

static void meet(void *context)
{
    struct meeting *meeting = context;
    pthread_barrier_wait(&meeting->all_are_there);
    meeting->done++;
}

/* Ends only when all jobs run at the same time. */
static void run_round(struct workers *workers, unsigned count)
{
    struct meeting meeting = {.done = 0};
    struct job jobs[JOBS];
    pthread_barrier_init(&meeting.all_are_there, NULL, count + 1);
    for (unsigned i = 0; i < count; i++) {
        jobs[i] = (struct job){.run = meet, .context = &meeting};
        CHECK(workers_run(workers, &jobs[i]));
    }
    pthread_barrier_wait(&meeting.all_are_there);
    while (meeting.done < (int)count)
        os_real.sleep_ms(&os_real, 1);
    pthread_barrier_destroy(&meeting.all_are_there);
}

TEST(workers__run_all_jobs_at_the_same_time_round_after_round)
{
    static struct arena lifetime; /* threads go on waiting after the test */
    static const unsigned counts[] = {1, JOBS, 1, 20, JOBS, 5};
    struct workers *workers = workers_new(&lifetime);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        run_round(workers, counts[i]);
}

static void tell_thread(void *context)
{
    atomic_ulong *thread = context;
    *thread = pthread_self();
}

static unsigned long thread_of_job(struct workers *workers)
{
    atomic_ulong thread = 0;
    struct job job = {.run = tell_thread, .context = &thread};
    CHECK(workers_run(workers, &job));
    while (!thread)
        os_real.sleep_ms(&os_real, 1);
    return thread;
}

TEST(workers__take_a_thread_that_waits)
{
    static struct arena lifetime;
    struct workers *workers = workers_new(&lifetime);
    unsigned long first = thread_of_job(workers);
    int again = 0;
    for (int i = 0; i < 100; i++)
        again += thread_of_job(workers) == first;
    CHECK(again > 0);
}
