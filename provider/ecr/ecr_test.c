/* Tags and lifecycle policies as pure functions. */
#include "base/test.h"
#include "ecr/kms_key.h"
#include "ecr/lifecycle_policy.h"
#include "ecr/tags.h"

#include <string.h>

static const struct value *map(struct arena *a, const char *key, const char *value)
{
    return MAP(a, {key, value_string(a, value)});
}

TEST(tags__resource_tags_win_over_defaults_and_null_ones_vanish)
{
    const struct value *defaults = value_with(a, map(a, "a", "1"), "b", value_string(a, "2"));
    const struct value *own = value_with(a, map(a, "a", "own"), "n", &value_null);
    const struct value *merged = tags_merge(a, defaults, own);
    CHECK_INT(value_count(merged), 2);
    CHECK_TEXT(value_text(merged, "a"), "own");
    CHECK(value_equal(tags_minus(a, merged, defaults), map(a, "a", "own")));
}

TEST(tags__lists_and_maps_convert_without_awss_own)
{
    const struct value *list = tags_to_list(a, value_with(a, map(a, "k", "v"), "n", &value_null));
    CHECK_INT(value_count(list), 1);
    CHECK_TEXT(value_text(list, "[0].Key"), "k");
    CHECK(value_equal(tags_from_list(a, list), map(a, "k", "v")));
    CHECK_INT(value_count(tags_from_list(a, tags_to_list(a, map(a, "aws:x", "v")))), 0);
}

#define RULE(priority, selection) "{\"rulePriority\":" #priority ",\"selection\":{" selection "}}"
#define PREFIXES(list)            "\"tagPrefixList\":[" list "]"

TEST(lifecycle_policy__order_and_absence_make_no_difference)
{
    static const char *const same[][2] = {
        {"{\"rules\":[]}", " { \"rules\" : [ ] } "},
        {"{\"rules\":[" RULE(1, "") "," RULE(2, "") "]}",
         "{\"rules\":[" RULE(2, "") "," RULE(1, "") "]}"},
        {"{\"rules\":[" RULE(1, PREFIXES("\"a\",\"b\"")) "]}",
         "{\"rules\":[" RULE(1, PREFIXES("\"b\",\"a\"")) "]}"},
        {"{\"rules\":[" RULE(1, PREFIXES("")) "]}", "{\"rules\":[" RULE(1, "") "]}"},
        {"{\"rules\":[" RULE(1, "\"x\":null") "]}", "{\"rules\":[" RULE(1, "") "]}"},
        {"{\"rules\":[" RULE(1, "\"countNumber\":3.0") "]}",
         "{\"rules\":[" RULE(1, "\"countNumber\":3") "]}"},
        {"{\"rules\":[" RULE(1, "\"storageClass\":\"standard\"") "]}",
         "{\"rules\":[" RULE(1, "") "]}"},
        {"{\"rules\":[{\"description\":\"\"}]}", "{\"rules\":[{}]}"},
        {"{\"d\":\"\\u00e9\"}", "{\"d\":\"é\"}"},
        {"no json", "no json"},
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        CHECK(lifecycle_policy_same(a, same[i][0], same[i][1]));
}

TEST(lifecycle_policy__real_changes_are_seen)
{
    static const char *const different[][2] = {
        {"{\"rules\":[" RULE(1, "\"countNumber\":3") "]}",
         "{\"rules\":[" RULE(1, "\"countNumber\":4") "]}"},
        {"{\"rules\":[" RULE(1, "\"countNumber\":3") "]}",
         "{\"rules\":[" RULE(1, "\"countNumber\":\"3\"") "]}"},
        {"{\"rules\":[" RULE(1, "\"tagStatus\":\"any\"") "]}",
         "{\"rules\":[" RULE(1, "\"tagStatus\":\"ANY\"") "]}"},
        {"{\"rules\":[" RULE(1, "\"storageClass\":\"archive\"") "]}",
         "{\"rules\":[" RULE(1, "") "]}"},
        {"{\"rules\":[" RULE(1, PREFIXES("\"a\"")) "]}", "{\"rules\":[" RULE(1, "") "]}"},
        {"{\"rules\":[{\"description\":\"x\"}]}", "{\"rules\":[{}]}"},
        {"no json", "no  json"},
    };
    for (size_t i = 0; i < sizeof different / sizeof *different; i++)
        CHECK(!lifecycle_policy_same(a, different[i][0], different[i][1]));
}

TEST(lifecycle_policy__compact_sorts_keys_and_drops_what_is_empty)
{
    CHECK_TEXT(
        lifecycle_policy_compact(a, "{ \"b\": 1,\n \"a\": null, \"c\": [], \"A\": [ 3.0 ] }"),
        "{\"A\":[3],\"b\":1}");
    CHECK_TEXT(lifecycle_policy_compact(a, "{,}"), "{,}");
}

TEST(kms_key__the_ways_to_name_one)
{
    const char *arn = "arn:aws:kms:eu-central-1:123456789012:key/1234-abcd";
    const char *other = "arn:aws:kms:eu-west-1:123456789012:key/1234-abcd";
    CHECK(kms_key_same(a, arn, arn));
    CHECK(kms_key_same(a, "1234-abcd", arn));
    CHECK(kms_key_same(a, arn, "1234-abcd"));
    CHECK(!kms_key_same(a, "1234-abce", arn));
    CHECK(!kms_key_same(a, other, arn));
    CHECK(kms_key_same(a, "alias/app", arn));
    CHECK(kms_key_same(a, "alias/app", "arn:aws:kms:eu-central-1:123456789012:alias/app"));
    CHECK(!kms_key_same(a, "alias/app", "alias/web"));
}
