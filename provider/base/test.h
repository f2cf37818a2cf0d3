/* Test: cmocka with tests that register themselves. A test stands beside what it tests, in a file
 * that ends in _test.c; TEST(module__claim) is all it needs to be run. */
#ifndef BASE_TEST_H
#define BASE_TEST_H

#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Called by TEST before main. */
void test_register(const char *name, CMUnitTestFunction run);

/* A test: TEST(sigv4__signs_the_token) { … }. `a` is an arena that is reset afterwards, also when
 * the test fails half way. */
#define TEST(name)                                                 \
    static void name##_in(struct arena *a);                        \
    static void name(void **state)                                 \
    {                                                              \
        name##_in(*state);                                         \
    }                                                              \
    __attribute__((constructor)) static void name##_register(void) \
    {                                                              \
        test_register(#name, name);                                \
    }                                                              \
    static void name##_in(__attribute__((unused)) struct arena *a)

#define CHECK(condition)           assert_true(condition)
#define CHECK_TEXT(actual, wanted) assert_string_equal(actual, wanted)
#define CHECK_INT(actual, wanted)  assert_int_equal(actual, wanted)
#define CHECK_HAS(text, part)      test_check_has(text, part, __FILE__, __LINE__)

/* Fails unless text contains part. */
void test_check_has(const char *text, const char *part, const char *file, int line);

/* Directory of AWS's published vectors (ECR_TEST_VECTORS, or ../shared/vectors), or NULL when it
 * is not there; then a line says that the suite is skipped. */
const char *test_vectors(struct arena *a, const char *suite);

#endif
