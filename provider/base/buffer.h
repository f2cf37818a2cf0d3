/* Buffer: bytes that grow, up to a limit given when it is made. The end of a buffer's life is its
 * arena's. Used for what arrives or is written piece by piece. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/arena.h"
#include "base/bytes.h"

#include <stdbool.h>

struct buffer {
    struct arena *arena;
    size_t limit; /* bytes; more is refused */
    char *data;   /* NUL-terminated when not NULL */
    size_t size, capacity;
};

/* False, and nothing is added, when the limit would be passed. */
bool buffer_add(struct buffer *b, const void *data, size_t size);

/* Adds formatted text; same result as buffer_add. */
__attribute__((format(printf, 2, 3))) bool buffer_printf(struct buffer *b, const char *format, ...);

/* What was added so far; "" when nothing was. */
const char *buffer_text(const struct buffer *b);

#endif
