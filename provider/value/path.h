/* Path: where in a value, as text: encryption_configuration[0].kms_key, tags["app/name"].
 * The one notation for look-ups, diagnostics and tests. */
#ifndef VALUE_PATH_H
#define VALUE_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct path_step {
    const char *name; /* points into the path, not NUL-terminated; NULL for an index */
    size_t size;
    bool quoted; /* written as ["name"]: a key of a map */
    int64_t index;
};

/* Takes the next step off *path. False at the end, or at text that is no path. */
bool path_next(const char **path, struct path_step *ret_step);

#endif
