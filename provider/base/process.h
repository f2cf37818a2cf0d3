/* Process: a command line of the user's run to its end, whatever it does. */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include "base/os.h"

/* As run of struct os. */
struct os_exit process_run(struct arena *a, const char *command, int64_t timeout_ms);

#endif
