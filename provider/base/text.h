/* Text: what comes from outside made fit to be shown: valid UTF-8, one line, bounded. Diagnostics
 * travel as protobuf strings, which refuse anything else. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/arena.h"
#include "base/bytes.h"

#include <stdbool.h>

/* Bytes of the character that text starts with, as text_is_utf8 has it; 0 when it is none. size: of
 * text. */
size_t text_character_size(const char *text, size_t size);

/* Well-formed UTF-8 without overlong forms and surrogates. Source: Unicode 15, table 3-7. */
bool text_is_utf8(const char *text, size_t size);

/* At most limit bytes of text on one line: control characters and runs of spaces become one space,
 * bytes that are no UTF-8 become U+FFFD, and "…" stands for what was left out. */
const char *text_line(struct arena *a, const char *text, size_t size, size_t limit);

/* Two lower-case hexadecimal digits for each byte. */
const char *text_hex(struct arena *a, struct bytes bytes);

#endif
