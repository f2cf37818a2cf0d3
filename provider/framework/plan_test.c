/* Plans, each held to Terraform's own rules. */
#include "base/test.h"
#include "framework/core_rules_test.h"
#include "framework/framework_test.h"

#include <string.h>

static const char config[] = "{'name':'web','text':'Hello'}";
static const char prior[] =
    "{'name':'web','mode':'soft','text':'Hello','crypto':[{'type':'plain','key':null}],"
    "'id':'web','changed_at':'monday'}";

static struct op planned(struct arena *a, const char *configured, const char *before)
{
    static struct sample_service service;
    struct op op = sample_op(a, &service, configured, before);
    resource_plan(&op);
    const struct attr *rows = op.resource->schema->attrs;
    const char *fault = core_plan_fault(a, rows, op.config, op.prior, op.plan);
    if (fault)
        print_error("Terraform would refuse the plan of %s\n", fault);
    assert_null(fault);

    struct op again = sample_op(a, &service, configured, before);
    resource_plan(&again);
    CHECK(value_equal(op.plan, again.plan));
    return op;
}

static bool replaces(const struct op *op, const char *path)
{
    for (size_t i = 0; i < op->replace_count; i++)
        if (strcmp(op->replace_paths[i], path) == 0)
            return true;
    return false;
}

TEST(plan__create_has_defaults_and_unknowns)
{
    struct op op = planned(a, config, "null");
    CHECK_TEXT(value_text(op.plan, "mode"), "soft");
    CHECK_TEXT(value_text(op.plan, "crypto[0].type"), "plain");
    CHECK(value_is_unknown(value_member(op.plan, "id")));
    CHECK(value_is_unknown(value_member(op.plan, "changed_at")));
    CHECK_INT(op.replace_count, 0);
}

TEST(plan__of_an_unchanged_object_is_the_prior)
{
    struct op op = planned(a, config, prior);
    CHECK(value_equal(op.plan, op.prior));
}

TEST(plan__keeps_the_old_text_when_it_means_the_same)
{
    struct op op = planned(a, "{'name':'web','text':'HELLO'}", prior);
    CHECK(value_equal(op.plan, op.prior));
}

TEST(plan__update_keeps_what_is_stable_and_forgets_the_rest)
{
    struct op op = planned(a, "{'name':'web','text':'Bye'}", prior);
    CHECK_TEXT(value_text(op.plan, "id"), "web");
    CHECK(value_is_unknown(value_member(op.plan, "changed_at")));
    CHECK_INT(op.replace_count, 0);
}

TEST(plan__replaces_when_an_immutable_attribute_changes)
{
    struct op op = planned(a, "{'name':'other','text':'Hello'}", prior);
    CHECK(replaces(&op, "name"));
    op = planned(a, "{'name':'?','text':'Hello'}", prior);
    CHECK(replaces(&op, "name"));
}

TEST(plan__written_default_block_equals_the_omitted_one)
{
    struct op op = planned(a, "{'name':'web','text':'Hello','crypto':[{'type':'plain'}]}", prior);
    CHECK(value_equal(op.plan, op.prior));
    op = planned(a, "{'name':'web','text':'Hello','crypto':[{}]}", prior);
    CHECK(value_equal(op.plan, op.prior));
    op = planned(a, "{'name':'web','text':'Hello','crypto':[]}", prior);
    CHECK(value_equal(op.plan, op.prior));
}

TEST(plan__default_block_changes_replace)
{
    struct op op = planned(a, "{'name':'web','text':'Hello','crypto':[{'type':'locked'}]}", prior);
    CHECK(replaces(&op, "crypto"));
    op =
        planned(a, config,
                "{'name':'web','mode':'soft','text':'Hello','crypto':[{'type':'locked','key':'k'}],"
                "'id':'web','changed_at':'monday'}");
    CHECK(replaces(&op, "crypto"));
    CHECK_TEXT(value_text(op.plan, "crypto[0].type"), "plain");
}

TEST(plan__computed_field_of_a_block_is_kept_when_not_asked_for)
{
    struct op op = planned(a, "{'name':'web','text':'Hello','crypto':[{'type':'locked'}]}",
                           "{'name':'web','mode':'soft','text':'Hello',"
                           "'crypto':[{'type':'locked','key':'k'}],'id':'web','changed_at':'m'}");
    CHECK(value_equal(op.plan, op.prior));
}

TEST(plan__clearing_replaces_only_where_the_row_says_so)
{
    const char *linked = "{'name':'web','mode':'soft','text':'Hello','link':'l','count':3,"
                         "'crypto':[{'type':'plain'}],'id':'web','changed_at':'m'}";
    struct op op = planned(a, config, linked);
    CHECK(replaces(&op, "link"));
    CHECK(!replaces(&op, "count"));
    op = planned(a, "{'name':'web','text':'Hello','link':'m','count':3}", linked);
    CHECK_INT(op.replace_count, 0);
}

TEST(plan__blocks_in_another_order_are_no_change)
{
    const char *two = "{'name':'web','mode':'soft','rule':[{'match':'a'},{'match':'b'}],"
                      "'crypto':[{'type':'plain'}],'id':'web','changed_at':'m'}";
    struct op op = planned(a, "{'name':'web','rule':[{'match':'b'},{'match':'a'}]}", two);
    CHECK(value_equal(op.plan, op.prior));
    op = planned(a, "{'name':'web','rule':[{'match':'b'},{'match':'b'}]}", two);
    CHECK(!value_equal(op.plan, op.prior));
}

TEST(plan__unknown_blocks_stay_unknown)
{
    struct op op = planned(a, "{'name':'web','rule':'?','crypto':'?'}", "null");
    CHECK(value_is_unknown(value_member(op.plan, "rule")));
    CHECK(value_is_unknown(value_member(op.plan, "crypto")));
    op = planned(a, "{'name':'web','rule':[{'match':'?'}],'crypto':[{'type':'locked','key':'?'}]}",
                 "null");
    CHECK(value_is_unknown(value_get(op.plan, "rule[0].match")));
}

TEST(plan__empty_and_null_maps_mean_the_same_but_are_planned_as_written)
{
    struct op op = planned(a, "{'name':'web','tags':{}}", "null");
    CHECK_INT(value_member(op.plan, "tags")->kind, VALUE_MAP);
    op = planned(a, "{'name':'web','tags':{'a':'b','n':null}}",
                 "{'name':'web','mode':'soft','tags':{'a':'b'},'crypto':[{'type':'plain'}],"
                 "'id':'web','changed_at':'m'}");
    CHECK(value_equal(op.plan, op.prior));
}

TEST(plan__keeps_what_another_provider_wrote_for_nothing)
{
    static const char *const before[] = {"{'flag':false,'map':{}}", "{'flag':null,'map':null}",
                                         "{'flag':true,'map':{'a':'b'}}"};
    static const struct attr rows[] = {
        ATTR("flag", BOOL, OPTIONAL | COMPUTED | MAY_STAY_EMPTY, .doc = "."),
        ATTR("map", STRING_MAP, OPTIONAL | COMPUTED | MAY_STAY_EMPTY, .doc = "."),
        END,
    };
    static const struct schema schema = {.name = "ecr_empty", .attrs = rows};
    static const struct resource resource = {.schema = &schema};
    for (size_t i = 0; i < 3; i++) {
        struct op op = op_new(a, &os_real, &sample_provider, &resource);
        op.config = sample(a, before[1]);
        op.prior = sample(a, before[i]);
        resource_plan(&op);
        CHECK(value_equal(op.plan, i < 2 ? op.prior : op.config));
        assert_null(core_plan_fault(a, rows, op.config, op.prior, op.plan));
    }
}

TEST(plan__destroy_is_null)
{
    struct op op = planned(a, "null", prior);
    CHECK(value_is_null(op.plan));
}

TEST(plan__hook_keeps_an_object_that_the_table_would_replace)
{
    struct op op = planned(a, "{'name':'other','crypto':[{'type':'locked'}]}", prior);
    CHECK_INT(op.replace_count, 2);
    op_keep_object(&op, "name");
    CHECK_INT(op.replace_count, 1);
    CHECK(replaces(&op, "crypto"));
    op_keep_object(&op, "text");
    CHECK_INT(op.replace_count, 1);
}
