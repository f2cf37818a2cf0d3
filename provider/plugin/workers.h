/* Workers: threads that calls are answered on. There are as many as calls at the same time, and a
 * few of them wait for the next call: starting a thread and ending it costs more than most calls.
 */
#ifndef PLUGIN_WORKERS_H
#define PLUGIN_WORKERS_H

#include "base/arena.h"

#include <stdbool.h>

struct workers;

/* Belongs to the caller, who may let go of it once run has been called. */
struct job {
    void (*run)(void *context);
    void *context;
    struct workers *workers; /* set by workers_run */
};

/* For the life of the process: threads are never joined. */
struct workers *workers_new(struct arena *a);

/* Runs the job at once, on a thread that waits or on a new one. False when there can be no more. */
bool workers_run(struct workers *workers, struct job *job);

#endif
