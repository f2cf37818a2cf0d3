/* Values: built, looked into, compared, copied. */
#include "value/value.h"

#include "base/test.h"

#include <string.h>

static const struct value *sample(struct arena *a)
{
    const struct value *repository =
        MAP(a, {"repositoryName", value_string(a, "app")}, {"count", value_int(a, -7)},
            {"scan", value_bool(true)}, {"a.b", value_string(a, "dotted")});
    return MAP(a, {"repositories", LIST(a, repository)}, {"none", &value_null});
}

TEST(value__look_ups_follow_paths)
{
    const struct value *v = sample(a);
    CHECK_TEXT(value_text(v, "repositories[0].repositoryName"), "app");
    CHECK_TEXT(value_text(v, "repositories[0].count"), "-7");
    CHECK_INT(value_integer(v, "repositories[0].count", 0), -7);
    CHECK(value_is_true(v, "repositories[0].scan"));
    CHECK_TEXT(value_text(v, "repositories[0][\"a.b\"]"), "dotted");
    CHECK(value_get(v, "") == v);
}

TEST(value__what_is_absent_is_null)
{
    const struct value *v = sample(a);
    CHECK(value_is_null(value_get(v, "repositories[1].repositoryName")));
    CHECK(value_is_null(value_get(v, "repositories.repositoryName")));
    CHECK(value_is_null(value_get(v, "none.deeper[3].still")));
    CHECK(value_is_null(value_member(&value_true, "x")));
    CHECK(value_is_null(value_item(v, 0)));
    CHECK_TEXT(value_text(v, "absent"), "");
    CHECK(!value_is_true(v, "absent"));
    CHECK_INT(value_integer(v, "absent", 5), 5);
    CHECK_INT(value_count(&value_null), 0);
    CHECK(value_is_null(value_string(a, NULL)));
}

TEST(value__member_names_match_whole)
{
    const struct value *v = MAP(a, {"ab", &value_true}, {"a", &value_false});
    CHECK(value_member(v, "a") == &value_false);
    CHECK(value_is_null(value_member(v, "abc")));
}

TEST(value__integer_is_exact_or_the_fallback)
{
    static const char *const no_int64[] = {"1.5", "1e3", "9223372036854775808", "", "x", "1 "};
    for (size_t i = 0; i < sizeof no_int64 / sizeof *no_int64; i++)
        CHECK_INT(value_integer(value_number(a, no_int64[i]), "", -1), -1);
    CHECK(value_integer(value_number(a, "9223372036854775807"), "", 0) == INT64_MAX);
    CHECK_INT(value_integer(value_string(a, "5"), "", -1), -1);
}

TEST(value__doubles_are_written_as_short_as_they_can_be)
{
    CHECK_TEXT(value_double(a, 1705071987.0)->text, "1705071987");
    CHECK_TEXT(value_double(a, 1705071987.123)->text, "1705071987.123");
    CHECK_TEXT(value_double(a, 0.1)->text, "0.1");
    CHECK_TEXT(value_double(a, -0.5)->text, "-0.5");
    CHECK_TEXT(value_double(a, 9007199254740992.0)->text, "9007199254740992");
    CHECK_TEXT(value_double(a, 1e30)->text, "1e+30");
    CHECK_TEXT(value_double(a, 0.1 + 0.2)->text, "0.30000000000000004");
    CHECK_TEXT(value_double(a, -0.0)->text, "0");
}

TEST(value__with_and_without_leave_the_original)
{
    const struct value *v = MAP(a, {"a", &value_true}, {"b", &value_true});
    const struct value *changed = value_with(a, v, "a", &value_false);
    const struct value *grown = value_with(a, v, "c", &value_false);
    const struct value *shrunk = value_without(a, v, "a");
    CHECK(value_member(v, "a") == &value_true);
    CHECK_INT(value_count(v), 2);
    CHECK(value_member(changed, "a") == &value_false);
    CHECK(value_member(changed, "b") == &value_true);
    CHECK_INT(value_count(changed), 2);
    CHECK_INT(value_count(grown), 3);
    CHECK(value_member(grown, "c") == &value_false);
    CHECK_INT(value_count(shrunk), 1);
    CHECK(value_is_null(value_member(shrunk, "a")));
    CHECK_INT(value_count(value_with(a, &value_null, "a", &value_true)), 1);
    CHECK_INT(value_count(value_without(a, &value_null, "a")), 0);
}

TEST(value__is_known_looks_everywhere)
{
    CHECK(value_is_known(sample(a)));
    CHECK(!value_is_known(&value_unknown));
    CHECK(!value_is_known(LIST(a, &value_true, MAP(a, {"x", LIST(a, &value_unknown)}))));
    CHECK(value_is_unknown(&value_unknown));
    CHECK(!value_is_unknown(&value_null));
}

TEST(value__equal_goes_by_contents)
{
    const struct value *x = MAP(a, {"a", value_int(a, 1)}, {"b", LIST(a, &value_true)});
    const struct value *y = MAP(a, {"b", LIST(a, &value_true)}, {"a", value_int(a, 1)});
    CHECK(value_equal(x, y));
    CHECK(!value_equal(x, value_with(a, y, "c", &value_null)));
    CHECK(!value_equal(x, value_with(a, y, "a", value_int(a, 2))));
    CHECK(!value_equal(value_int(a, 1), value_string(a, "1")));
    CHECK(!value_equal(LIST(a, &value_true, &value_false), LIST(a, &value_false, &value_true)));
    CHECK(!value_equal(&value_null, &value_unknown));
    CHECK(value_equal(&value_empty_list, &value_empty_list));
    CHECK(!value_equal(&value_empty_list, &value_empty_map));
    CHECK(!value_equal(&value_true, &value_false));
}

TEST(value__copy_outlives_its_source)
{
    struct arena source = {0};
    const struct value *original =
        LIST(&source, sample(&source), &value_unknown, &value_null, &value_false);
    const struct value *copy = value_copy(a, original);
    CHECK(value_equal(original, copy));
    arena_reset(&source);
    CHECK_TEXT(value_text(copy, "[0].repositories[0].repositoryName"), "app");
    CHECK(value_is_unknown(value_item(copy, 1)));
}
