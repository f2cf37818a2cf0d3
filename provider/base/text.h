/* Text: what comes from outside made fit to be shown: valid UTF-8, one line, bounded. Diagnostics
 * travel as protobuf strings, which refuse anything else. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/arena.h"

#include <stdbool.h>

/* Well-formed UTF-8 without overlong forms and surrogates. Source: Unicode 15, table 3-7. */
bool text_is_utf8(const char *text, size_t size);

/* At most limit bytes of text on one line: control characters and runs of spaces become one space,
 * bytes that are no UTF-8 become U+FFFD, and "…" stands for what was left out. */
const char *text_line(struct arena *a, const char *text, size_t size, size_t limit);

#endif
