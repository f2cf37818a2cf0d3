/* Complaints about configurations, and their paths. */
#include "base/test.h"
#include "framework/framework_test.h"

#include <string.h>

static struct op validated(struct arena *a, const char *config)
{
    static struct sample_service service;
    struct op op = sample_op(a, &service, config, "null");
    resource_validate_config(&op);
    return op;
}

static void check_fault(struct arena *a, const char *config, const char *path, const char *detail)
{
    struct op op = validated(a, config);
    assert_non_null(op.diagnostics);
    CHECK_TEXT(op.diagnostics->path, path);
    CHECK_HAS(op.diagnostics->detail, detail);
}

TEST(validate__takes_what_is_right)
{
    CHECK(
        !op_failed(&(struct op[]){validated(a, "{'name':'web','mode':'hard','rule':[{'match':'x'}],"
                                               "'timeouts':{'delete':'5m'}}")}[0]));
}

TEST(validate__never_judges_unknown_values)
{
    struct op op = validated(a, "{'name':'?','mode':'?','rule':'?','crypto':[{'type':'?'}]}");
    CHECK(!op_failed(&op));
}

TEST(validate__names_the_attribute_and_what_it_must_be)
{
    check_fault(a, "{'name':'WEB'}", "name", "name must be lower-case letters. It is \"WEB\".");
    check_fault(a, "{'name':'w'}", "name", "at least 2 characters");
    check_fault(a, "{'name':'web','mode':'x'}", "mode", "must be \"soft\" or \"hard\"");
    check_fault(a, "{'name':'web','crypto':[{'type':'x'}]}", "crypto[0].type", "\"plain\" or");
    check_fault(a, "{'name':'web','rule':[{'match':'a'},{'match':'123456'}]}", "rule[1].match",
                "at most 5 characters");
    check_fault(a, "{'name':'web','timeouts':{'delete':'soon'}}", "timeouts.delete", "duration");
}

TEST(validate__refuses_what_only_aws_sets)
{
    check_fault(a, "{'name':'web','id':'x'}", "id", "AWS sets id");
    check_fault(a, "{'name':'web','id':'?'}", "id", "AWS sets id");
}

TEST(validate__counts_blocks)
{
    check_fault(a, "{'name':'web','crypto':[{},{}]}", "crypto", "at most 1");
    check_fault(a, "{'name':'web','rule':[{'match':'a'},{'match':'b'},{'match':'c'}]}", "rule",
                "at most 2");
}

TEST(validate__does_not_repeat_a_secret)
{
    struct op op = validated(a, "{'name':'web','secret':'hunter2'}");
    assert_non_null(op.diagnostics);
    CHECK(!strstr(op.diagnostics->detail, "hunter2"));
}

TEST(validate__every_fault_is_reported)
{
    struct op op = validated(a, "{'name':'W','mode':'x'}");
    CHECK(op.diagnostics && op.diagnostics->next);
}

TEST(validate__shortens_a_long_text_between_two_characters)
{
    const char *const thirty = "ABCDEFGHIJABCDEFGHIJABCDEFGHIJ";
    struct op op = validated(a, arena_printf(a, "{'name':'%s%s%s'}", thirty, thirty, thirty));
    CHECK_HAS(op.diagnostics->detail,
              "It is \"ABCDEFGHIJABCDEFGHIJABCDEFGHIJABCDEFGHIJABCDEFGHIJABCDEFGHIJ"
              "ABCDEFGHIJABCDEFGHIJ…\".");
    op = validated(a, arena_printf(a, "{'name':'%s%sABCDEFGHIJABCDEFGHI€X'}", thirty, thirty));
    CHECK_HAS(op.diagnostics->detail, "ABCDEFGHIJABCDEFGHI…\".");
}

TEST(validate__asks_nothing_of_an_object_that_is_not_known)
{
    struct op op = validated(a, "{'name':'web','rule':['?'],'timeouts':'?'}");
    CHECK(!op.diagnostics);
    op = validated(a, "null");
    CHECK(!op.diagnostics);
}

TEST(validate__shows_a_hundred_problems_and_shortens_what_is_long)
{
    char *name = arena_alloc(a, 20001);
    memset(name, 'x', 20000);
    struct op op = op_new(a, NULL, &sample_provider, NULL);
    op_fail(&op, name, "Long", "%s", name);
    CHECK_TEXT(op.diagnostics->path, "");
    CHECK_INT(strlen(op.diagnostics->detail), 16 * 1024 + strlen("…"));
    for (int i = 0; i < 200; i++)
        op_warn(&op, "name", "Warning", "-");
    int count = 0;
    for (const struct diagnostic *d = op.diagnostics; d; d = d->next)
        count++;
    CHECK_INT(count, 101);
}
