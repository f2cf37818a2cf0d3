/* Checks: what strings of common kinds must look like, for the .check of a row. Each returns the
 * end of a sentence that begins with the attribute's name, or NULL when the text is fine. */
#ifndef FRAMEWORK_CHECKS_H
#define FRAMEWORK_CHECKS_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

const char *check_json(struct arena *a, const char *text);
const char *check_arn(struct arena *a, const char *text);
const char *check_url(struct arena *a, const char *text);
const char *check_role_duration(struct arena *a, const char *text); /* STS: 15m to 12h */
const char *check_duration(struct arena *a, const char *text);

/* Reads a duration such as "1h30m" or "90s". Source: Go's time.ParseDuration, without fractions,
 * up to 10 years. */
bool duration_parse(const char *text, int64_t *ret_ms);

#endif
