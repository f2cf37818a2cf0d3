/* Which tags are out of a policy's reach. */
#include "base/test.h"
#include "ecr/lifecycle_reach.h"

#include <string.h>

#define RULE(priority, selection) \
    "{'rulePriority':" #priority ",'selection':{" selection "},'action':{'type':'expire'}}"
#define TAGGED(patterns, count) \
    "'tagStatus':'tagged','tagPatternList':[" patterns "],'countType':" count
#define PREFIXED(prefixes, count) \
    "'tagStatus':'tagged','tagPrefixList':[" prefixes "],'countType':" count
#define KEEP_ONE "'imageCountMoreThan','countNumber':1"
#define KEEP_TEN "'imageCountMoreThan','countNumber':10"
#define A_WEEK   "'sinceImagePushed','countUnit':'days','countNumber':7"
#define ANY      "'tagStatus':'any','countType':"

static void check_reach(struct arena *a, const char *rules, const char *pattern, int64_t expected)
{
    char *policy = arena_printf(a, "{'rules':[%s]}", rules);
    for (char *p = policy; *p; p++)
        if (*p == '\'')
            *p = '"';
    CHECK_INT(lifecycle_reaches(a, policy, pattern), expected);
}

TEST(lifecycle_reach__any_rule_for_all_images_reaches_all_tags)
{
    check_reach(a, RULE(3, ANY KEEP_TEN), "staging", 3);
    check_reach(a, RULE(3, ANY KEEP_TEN), "v*", 3);
}

TEST(lifecycle_reach__a_rule_for_just_the_tag_keeps_it_from_later_ones)
{
    check_reach(a, RULE(2, ANY KEEP_TEN) "," RULE(1, TAGGED("'staging'", KEEP_ONE)), "staging", 0);
    check_reach(a, RULE(1, ANY KEEP_TEN) "," RULE(2, TAGGED("'staging'", KEEP_ONE)), "staging", 1);
    check_reach(a, RULE(1, TAGGED("'staging'", A_WEEK)), "staging", 1);
    check_reach(a, RULE(1, TAGGED("'staging'", KEEP_ONE)) "," RULE(2, ANY KEEP_TEN), "stag*", 2);
}

TEST(lifecycle_reach__patterns_meet_when_some_tag_matches_both)
{
    check_reach(a, RULE(1, TAGGED("'dev-*'", KEEP_TEN)), "*-7", 1);
    check_reach(a, RULE(1, TAGGED("'dev-*'", KEEP_TEN)), "prod-*", 0);
    check_reach(a, RULE(1, TAGGED("'a*b*c'", KEEP_TEN)), "a-x-c", 0);
    check_reach(a, RULE(1, TAGGED("'a*b*c'", KEEP_TEN)), "*bc", 1);
    check_reach(a, RULE(1, TAGGED("'*'", KEEP_TEN)), "staging", 1);
    check_reach(a, RULE(1, PREFIXED("'stag'", KEEP_ONE)), "staging", 1);
    check_reach(a, RULE(1, TAGGED("'x*','staging'", KEEP_ONE)), "staging", 1);
}

TEST(lifecycle_reach__untagged_images_and_the_archive_are_no_matter)
{
    check_reach(a, RULE(1, "'tagStatus':'untagged','countType':" A_WEEK), "staging", 0);
    check_reach(a, RULE(1, "'storageClass':'archive'," ANY KEEP_TEN), "staging", 0);
}

TEST(lifecycle_reach__what_is_no_policy_reaches_nothing)
{
    static const char *const texts[] = {"", "{", "[]", "{}", "{\"rules\":7}", "{\"rules\":[7]}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        CHECK_INT(lifecycle_reaches(a, texts[i], "staging"), 0);
}

TEST(lifecycle_reach__tags_that_are_no_texts_are_passed_over)
{
    check_reach(a, RULE(1, TAGGED("'dev-*',true,7", KEEP_TEN)), "dev-1", 1);
    check_reach(a, RULE(1, TAGGED("true", KEEP_TEN)), "staging", 0);
    check_reach(a, RULE(1, PREFIXED("7", KEEP_TEN)), "staging", 0);
}
