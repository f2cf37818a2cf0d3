/* A stack of threads that wait: the last to come is the first to go on, since its memory is in the
 * cache still. */
#include "plugin/workers.h"

#include <pthread.h>

#define STACK_SIZE (512 * 1024)
#define WAIT_MOST  16 /* after many calls at once their threads end, and give their memory back */

/* On the stack of its thread. */
struct worker {
    struct worker *next;
    pthread_cond_t has_job;
    struct job *job;
};

struct workers {
    pthread_attr_t attributes;
    pthread_mutex_t lock; /* of what follows, and of those who wait */
    struct worker *waiting;
    int count; /* of them */
};

struct workers *workers_new(struct arena *a)
{
    struct workers *workers = arena_alloc(a, sizeof *workers);
    pthread_mutex_init(&workers->lock, NULL);
    pthread_attr_init(&workers->attributes);
    pthread_attr_setstacksize(&workers->attributes, STACK_SIZE);
    pthread_attr_setdetachstate(&workers->attributes, PTHREAD_CREATE_DETACHED);
    return workers;
}

/* NULL when there are enough that wait. */
static struct job *wait_for_job(struct workers *workers, struct worker *self)
{
    pthread_mutex_lock(&workers->lock);
    bool waits = workers->count < WAIT_MOST;
    if (waits) {
        self->job = NULL;
        self->next = workers->waiting;
        workers->waiting = self;
        workers->count++;
    }
    while (waits && !self->job)
        pthread_cond_wait(&self->has_job, &workers->lock);
    pthread_mutex_unlock(&workers->lock);
    return waits ? self->job : NULL;
}

static void *work(void *first)
{
    struct job *job = first;
    struct workers *workers = job->workers;
    struct worker self = {.has_job = PTHREAD_COND_INITIALIZER};
    do
        job->run(job->context);
    while ((job = wait_for_job(workers, &self)));
    pthread_cond_destroy(&self.has_job);
    return NULL;
}

static bool hand_over(struct workers *workers, struct job *job)
{
    pthread_mutex_lock(&workers->lock);
    struct worker *worker = workers->waiting;
    if (worker) {
        workers->waiting = worker->next;
        workers->count--;
        worker->job = job;
        pthread_cond_signal(&worker->has_job);
    }
    pthread_mutex_unlock(&workers->lock);
    return worker != NULL;
}

bool workers_run(struct workers *workers, struct job *job)
{
    pthread_t thread;
    job->workers = workers;
    return hand_over(workers, job) || pthread_create(&thread, &workers->attributes, work, job) == 0;
}
