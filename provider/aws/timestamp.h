/* Timestamp: AWS's text form of a moment (ISO 8601) to milliseconds and back. */
#ifndef AWS_TIMESTAMP_H
#define AWS_TIMESTAMP_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* "2026-01-31T08:00:00Z", with a fraction or not, with Z, UTC or an offset such as +01:00. False
 * when text is nothing of the kind. */
bool timestamp_parse(const char *text, int64_t *ret_ms);

/* To the second, with Z. */
const char *timestamp_print(struct arena *a, int64_t ms);

#endif
