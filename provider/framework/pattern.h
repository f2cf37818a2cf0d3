/* Pattern: the tables' regular expressions, each compiled when it is first needed and kept. */
#ifndef FRAMEWORK_PATTERN_H
#define FRAMEWORK_PATTERN_H

#include <stdbool.h>

/* The whole text matches the POSIX extended regular expression. What is none matches everything: a
 * test compiles all that the tables have. Safe to use from many threads. */
bool pattern_matches(const char *pattern, const char *text);

#endif
