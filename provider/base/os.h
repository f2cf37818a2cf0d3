/* Os: everything the program asks of the machine besides the network: clock, sleep, randomness,
 * environment, files. The one seam; tests put their own in its place. */
#ifndef BASE_OS_H
#define BASE_OS_H

#include "base/arena.h"
#include "base/bytes.h"

#include <stdbool.h>

struct os {
    /* Milliseconds since 1970-01-01 UTC; and of a clock that never jumps, for durations. */
    int64_t (*now_ms)(const struct os *os);
    int64_t (*monotonic_ms)(const struct os *os);

    /* False when the sleep was cut short by a request to stop. */
    bool (*sleep_ms)(const struct os *os, int64_t ms);

    uint64_t (*random)(const struct os *os);

    /* NULL when the variable is not set. */
    const char *(*env)(const struct os *os, const char *name);

    /* The whole file, in the arena. 0, or an errno value (EFBIG over 16 MiB). */
    int (*read_file)(const struct os *os, struct arena *a, const char *path,
                     struct bytes *ret_bytes);
};

extern const struct os os_real;

/* The variable's value, or NULL when it is unset or blank. */
const char *os_env(const struct os *os, const char *name);

/* A path of the user's: a leading "~" or "~/" is replaced by $HOME. */
const char *os_expand_home(const struct os *os, struct arena *a, const char *path);

#endif
