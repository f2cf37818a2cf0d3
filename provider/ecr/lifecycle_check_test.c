/* Findings of the lifecycle check: what is refused, what is warned of, and that good policies have
 * none. */
#include "base/test.h"
#include "ecr/lifecycle_check.h"

#include <stdio.h>
#include <string.h>

/* A policy from rules with ' for ". */
static const struct lifecycle_finding *found(struct arena *a, const char *rules)
{
    char *text = arena_printf(a, "{\"rules\":[%s]}", rules);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    return lifecycle_policy_check(a, text);
}

#define EXPIRE   "'action':{'type':'expire'}"
#define COUNT(n) "'countType':'imageCountMoreThan','countNumber':" #n
#define ANY(priority) \
    "{'rulePriority':" #priority ",'selection':{'tagStatus':'any'," COUNT(3) "}," EXPIRE "}"
#define UNTAGGED(priority)                                                                    \
    "{'rulePriority':" #priority                                                              \
    ",'selection':{'tagStatus':'untagged','countType':'sinceImagePushed','countUnit':'days'," \
    "'countNumber':14}," EXPIRE "}"
#define TAGGED(priority, lists)                                              \
    "{'rulePriority':" #priority ",'selection':{'tagStatus':'tagged'," lists \
    "," COUNT(1) "}," EXPIRE "}"
#define WITH(selection, action) \
    "{'rulePriority':1,'selection':{" selection "},'action':{" action "}}"

TEST(lifecycle_check__good_policies_have_no_findings)
{
    static const char *const good[] = {
        ANY(1),
        UNTAGGED(1) "," ANY(2),
        TAGGED(1, "'tagPatternList':['staging']") "," TAGGED(
            2, "'tagPrefixList':['v','w']") "," ANY(9),
        TAGGED(1, "'tagPatternList':['prod*']") "," TAGGED(2, "'tagPatternList':['*']"),
        ANY(9) "," UNTAGGED(1),
        WITH("'tagStatus':'any','countType':'sinceImagePulled','countUnit':'days','countNumber':90",
             "'type':'transition','targetStorageClass':'archive'"),
        WITH("'tagStatus':'any','storageClass':'archive','countType':'sinceImageTransitioned',"
             "'countUnit':'days','countNumber':365",
             "'type':'expire'"),
        ANY(1) ",{'rulePriority':2,'selection':{'tagStatus':'any','storageClass':'archive',"
               "'countType':'sinceImageTransitioned','countUnit':'days','countNumber':365}," EXPIRE
               "}",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        const struct lifecycle_finding *f = found(a, good[i]);
        if (f)
            print_error("policy %zu: %s: %s\n", i, f->path, f->text);
        assert_null(f);
    }
}

struct bad {
    const char *rules, *path, *text;
};

static void check_all(struct arena *a, const struct bad *bad, size_t count, bool are_errors)
{
    for (size_t i = 0; i < count; i++) {
        const struct lifecycle_finding *f = found(a, bad[i].rules);
        if (!f)
            fail_msg("nothing found in %s", bad[i].rules);
        CHECK_TEXT(f->path, bad[i].path);
        CHECK_HAS(f->text, bad[i].text);
        CHECK_INT(f->is_error, are_errors);
    }
}

#define DAYS "'countUnit':'days','countNumber':5"

TEST(lifecycle_check__what_ecr_refuses_is_an_error)
{
    static const struct bad bad[] = {
        {"", "rules", "at least one rule"},
        {"3", "rules[0]", "object"},
        {"{'selection':{'tagStatus':'any'," COUNT(3) "}," EXPIRE "}", "rules[0].rulePriority",
         "missing"},
        {ANY(0), "rules[0].rulePriority", "from 1 on"},
        {ANY(1.5), "rules[0].rulePriority", "whole number"},
        {ANY('1'), "rules[0].rulePriority", "without quotation marks"},
        {"{'rulePriority':1," EXPIRE "}", "rules[0].selection", "missing"},
        {"{'rulePriority':1,'selection':{'tagStatus':'any'," COUNT(3) "}}", "rules[0].action",
         "missing"},
        {WITH(COUNT(1), "'type':'expire'"), "rules[0].selection.tagStatus", "missing"},
        {WITH("'tagStatus':'ANY'," COUNT(1), "'type':'expire'"), "rules[0].selection.tagStatus",
         "ANY"},
        {WITH("'tagStatus':'any','countType':'imageCountMoreThan'", "'type':'expire'"),
         "rules[0].selection.countNumber", "missing"},
        {WITH("'tagStatus':'any'," COUNT(0), "'type':'expire'"), "rules[0].selection.countNumber",
         "from 1 on"},
        {WITH("'tagStatus':'any','countUnit':'days'," COUNT(1), "'type':'expire'"),
         "rules[0].selection.countUnit", "Remove it"},
        {WITH("'tagStatus':'any','countType':'sinceImagePushed','countNumber':1",
              "'type':'expire'"),
         "rules[0].selection.countUnit", "missing"},
        {WITH("'tagStatus':'any','countType':'sinceImagePushed','countUnit':'day','countNumber':1",
              "'type':'expire'"),
         "rules[0].selection.countUnit", "must be days"},
        {WITH("'tagStatus':'tagged'," COUNT(1), "'type':'expire'"), "rules[0].selection",
         "must say which tags"},
        {WITH("'tagStatus':'tagged','tagPrefixList':[]," COUNT(1), "'type':'expire'"),
         "rules[0].selection", "must say which tags"},
        {WITH("'tagStatus':'tagged','tagPrefixList':['a'],'tagPatternList':['b']," COUNT(1),
              "'type':'expire'"),
         "rules[0].selection", "not both"},
        {WITH("'tagStatus':'untagged','tagPrefixList':['a']," COUNT(1), "'type':'expire'"),
         "rules[0].selection", "only with tagStatus tagged"},
        {WITH("'tagStatus':'tagged','tagPatternList':['*a*b*c*d*']," COUNT(1), "'type':'expire'"),
         "rules[0].selection.tagPatternList[0]", "at most 4"},
        {WITH("'tagStatus':'tagged','tagPrefixList':['a','']," COUNT(1), "'type':'expire'"),
         "rules[0].selection.tagPrefixList[1]", "not empty"},
        {WITH("'tagStatus':1," COUNT(1), "'type':'expire'"), "rules[0].selection.tagStatus",
         "tagStatus must be tagged, untagged or any, as text."},
        {WITH("'tagStatus':'tagged','tagPatternList':'v*'," COUNT(1), "'type':'expire'"),
         "rules[0].selection", "must be lists of text"},
        {WITH("'tagStatus':'any','countNumber':1", "'type':'expire'"),
         "rules[0].selection.countType", "missing"},
        {"{'rulePriority':1,'description':7,'selection':{'tagStatus':'any'," COUNT(3) "}," EXPIRE
                                                                                      "}",
         "rules[0].description", "must be text"},
    };
    check_all(a, bad, sizeof bad / sizeof *bad, true);
}

TEST(lifecycle_check__wrong_actions_and_rules_that_clash_are_errors)
{
    static const struct bad bad[] = {
        {WITH("'tagStatus':'any'," COUNT(1), "'type':'expires'"), "rules[0].action.type",
         "expires"},
        {WITH("'tagStatus':'any'," COUNT(1), "'type':'expire','targetStorageClass':'archive'"),
         "rules[0].action.targetStorageClass", "Remove it"},
        {WITH("'tagStatus':'any','countType':'sinceImagePushed'," DAYS, "'type':'transition'"),
         "rules[0].action.targetStorageClass", "missing"},
        {WITH("'tagStatus':'any','storageClass':'archive'," COUNT(1), "'type':'expire'"),
         "rules[0].selection", "sinceImageTransitioned"},
        {WITH("'tagStatus':'any','countType':'sinceImagePulled'," DAYS, "'type':'expire'"),
         "rules[0].selection", "only with action transition"},
        {WITH("'tagStatus':'any','countType':'sinceImageTransitioned','countUnit':'days','"
              "countNumber':99",
              "'type':'expire'"),
         "rules[0].selection", "needs storageClass archive"},
        {WITH("'tagStatus':'any','storageClass':'archive','countType':'sinceImageTransitioned',"
              "'countUnit':'days','countNumber':99",
              "'type':'transition','targetStorageClass':'archive'"),
         "rules[0].selection", "only with action expire"},
        {WITH("'tagstatus':'any'," COUNT(1), "'type':'expire'"), "rules[0].selection.tagstatus",
         "\"tagStatus\" is probably meant"},
        {ANY(1) "," UNTAGGED(2), "rules[1]", "highest rulePriority"},
        {ANY(1) "," ANY(2), "rules[1]", "highest rulePriority"},
        {UNTAGGED(1) "," UNTAGGED(2), "rules[1]", "already for untagged"},
        {UNTAGGED(1) "," ANY(1), "rules[1]", "rulePriority 1"},
        {TAGGED(1, "'tagPrefixList':['a','b']") "," TAGGED(2, "'tagPrefixList':['b','a']"),
         "rules[1]", "same tags"},
    };
    check_all(a, bad, sizeof bad / sizeof *bad, true);
}

TEST(lifecycle_check__what_cannot_be_meant_is_a_warning)
{
    static const struct bad bad[] = {
        {"{'rulePriority':1,'note':'x','selection':{'tagStatus':'any'," COUNT(3) "}," EXPIRE "}",
         "rules[0].note", "not known"},
        {"{'rulePriority':1,'a_member_whose_name_is_so_long_that_no_slip_of_the_pen_can_be_why':1,"
         "'selection':{'tagStatus':'any'," COUNT(3) "}," EXPIRE "}",
         "rules[0].a_member_whose_name_is_so_long_that_no_slip_of_the_pen_can_be_why", "not known"},
        {WITH("'tagStatus':'signed'," COUNT(1), "'type':'expire'"), "rules[0].selection.tagStatus",
         "ECR decides"},
        {WITH("'tagStatus':'tagged','tagPrefixList':['v*']," COUNT(1), "'type':'expire'"),
         "rules[0].selection.tagPrefixList[0]", "no wildcard"},
        {WITH("'tagStatus':'any','storageClass':'archive','countType':'sinceImageTransitioned',"
              "'countUnit':'days','countNumber':30",
              "'type':'expire'"),
         "rules[0].selection", "at least 90 days"},
        {TAGGED(1, "'tagPatternList':['*']") "," TAGGED(2, "'tagPatternList':['staging']"),
         "rules[1]", "means to keep"},
        {TAGGED(1, "'tagPrefixList':['v']") "," TAGGED(2, "'tagPatternList':['v1*','x']"),
         "rules[1]", "never acts"},
        {TAGGED(1, "'tagPatternList':['*']") "," UNTAGGED(2) "," ANY(3), "rules[2]", "never acts"},
    };
    check_all(a, bad, sizeof bad / sizeof *bad, false);
}

TEST(lifecycle_check__limits)
{
    const char *rules = ANY(51);
    for (int i = 1; i <= 50; i++)
        rules = arena_printf(a, TAGGED(% d, "'tagPrefixList':['p%03d']") ",%s", i, i, rules);
    CHECK_HAS(found(a, rules)->text, "There are 51 rules");

    char *long_text = arena_alloc(a, 31000);
    memset(long_text, 'x', 30999);
    const char *rule = arena_printf(a,
                                    "{'rulePriority':1,'description':'%s','selection':{'tagStatus':"
                                    "'any'," COUNT(3) "}," EXPIRE "}",
                                    long_text);
    CHECK_HAS(found(a, rule)->text, "at most 30720");
}

TEST(lifecycle_check__text_that_is_no_json_is_another_checks_matter)
{
    assert_null(lifecycle_policy_check(a, "{rules}"));
}
