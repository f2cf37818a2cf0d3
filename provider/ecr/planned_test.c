/* What is kept of plans: the last of each repository. */
#include "base/test.h"
#include "ecr/planned.h"

TEST(planned__the_last_of_each_repository_counts)
{
    struct planned *planned = planned_new(a);
    CHECK(value_is_null(planned_get(planned, a, "web")));

    planned_put(planned, "web", value_string(a, "first"));
    planned_put(planned, "api", value_string(a, "other"));
    const struct value *before = planned_get(planned, a, "web");
    planned_put(planned, "web", value_string(a, "second"));

    CHECK_TEXT(before->text, "first"); /* a copy outlives what it was made of */
    CHECK_TEXT(planned_get(planned, a, "web")->text, "second");
    CHECK_TEXT(planned_get(planned, a, "api")->text, "other");
    CHECK(value_is_null(planned_get(planned, a, "we")));
}
