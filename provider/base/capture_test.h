/* Capture: what the log wrote while a test ran. */
#ifndef BASE_CAPTURE_TEST_H
#define BASE_CAPTURE_TEST_H

#include "base/arena.h"

/* stderr while a test reads it through a pipe. */
struct capture {
    int saved, reader;
};

/* level as in log_set_level. */
struct capture capture_start(const char *level);

/* What was written since, at most 64 KiB; the log is off again. */
const char *capture_end(struct arena *a, struct capture *c);

#endif
