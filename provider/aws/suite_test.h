/* Suite: cases that come from data: counted, each failure told, and a line at the end:
 * "NAME: N cases, P passed, S skipped". */
#ifndef AWS_SUITE_TEST_H
#define AWS_SUITE_TEST_H

#include <stddef.h>

struct suite {
    const char *name;
    size_t passed, failed, skipped;
};

/* wrong: what is wrong, NULL when nothing is. */
void suite_case(struct suite *suite, const char *name, const char *wrong);

/* A case that says nothing about this program, and why. */
void suite_skip(struct suite *suite, const char *name, const char *reason);

/* Prints the line; the test fails when a case did. */
void suite_end(const struct suite *suite);

#endif
