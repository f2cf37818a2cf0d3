/* One line per failure and per skip, so that a run tells all of them at once. */
#include "aws/suite_test.h"

#include "base/test.h"

void suite_case(struct suite *suite, const char *name, const char *wrong)
{
    suite->passed += !wrong;
    suite->failed += wrong != NULL;
    if (wrong)
        print_error("%s: \"%s\" failed: %s\n", suite->name, name, wrong);
}

void suite_skip(struct suite *suite, const char *name, const char *reason)
{
    suite->skipped++;
    print_message("%s: \"%s\" skipped: %s\n", suite->name, name, reason);
}

void suite_end(const struct suite *suite)
{
    print_message("%s: %zu cases, %zu passed, %zu skipped\n", suite->name,
                  suite->passed + suite->failed + suite->skipped, suite->passed, suite->skipped);
    CHECK(suite->failed == 0);
}
