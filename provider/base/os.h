/* Os: everything the program asks of the machine besides the network: clock, sleep, randomness,
 * environment, files, programs. The one seam; tests put their own in its place. */
#ifndef BASE_OS_H
#define BASE_OS_H

#include "base/arena.h"
#include "base/bytes.h"

#include <stdbool.h>

enum os_end {
    OS_EXITED,
    OS_NOT_STARTED, /* status is an errno value */
    OS_TIMED_OUT,
    OS_STOPPED,   /* by stop_request() */
    OS_TOO_LARGE, /* wrote more than it may */
};

/* How a program ended. */
struct os_exit {
    enum os_end end;
    int status;          /* of its exit; 128 and the signal's number when a signal ended it */
    struct bytes output; /* what it wrote to its standard output, NUL-terminated */
};

struct os {
    /* Milliseconds since 1970-01-01 UTC; and of a clock that never jumps, for durations. */
    int64_t (*now_ms)(const struct os *os);
    int64_t (*monotonic_ms)(const struct os *os);

    /* False when the sleep was cut short by a request to stop. */
    bool (*sleep_ms)(const struct os *os, int64_t ms);

    uint64_t (*random)(const struct os *os);

    /* NULL when the variable is not set. */
    const char *(*env)(const struct os *os, const char *name);

    /* "NAME=value" of every variable, ended by NULL. */
    const char *const *(*variables)(const struct os *os, struct arena *a);

    /* The whole file, in the arena. 0, or an errno value (EFBIG over 16 MiB). */
    int (*read_file)(const struct os *os, struct arena *a, const char *path,
                     struct bytes *ret_bytes);

    /* Whether the path leads to something that is neither a file nor a directory: a pipe, a socket,
     * a device. Opens nothing. */
    bool (*is_special)(const struct os *os, const char *path);

    /* The file at once as a whole, readable by its owner only. 0, or an errno value. */
    int (*replace_file)(const struct os *os, struct arena *a, const char *path,
                        struct bytes content);

    /* Runs command by "sh -c" with an empty standard input and its standard error thrown away;
     * whatever still runs after timeout_ms, or after stop_request(), is killed. */
    struct os_exit (*run)(const struct os *os, struct arena *a, const char *command,
                          int64_t timeout_ms);
};

extern const struct os os_real;

/* The variable's value, or NULL when it is unset or blank. */
const char *os_env(const struct os *os, const char *name);

/* A path of the user's: a leading "~" or "~/" is replaced by $HOME. */
const char *os_expand_home(const struct os *os, struct arena *a, const char *path);

#endif
