/* What the stub says to AWS's operations; the repositories and rules that it was told to make are
 * all that it knows. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct answer {
    int status;
    const char *type; /* of the body */
    char *body;       /* the caller frees it */
};

/* body is that of a request, ended by NUL. target is X-Amz-Target, or "" for a form (STS). */
struct answer answer_call(const char *target, const char *body);

/* {"calls": {OPERATION: number}, "cpu_us": …}: since answer_reset, and of the whole process. */
char *answer_counters(int connections);
void answer_reset(void);

/* As if nothing had ever been made. */
void answer_forget(void);
