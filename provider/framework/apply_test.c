/* Apply, read, import and upgrade: above all, what is kept when something fails. */
#include "base/test.h"
#include "framework/core_rules_test.h"
#include "framework/framework_test.h"

static const char config[] = "{'name':'web','text':'Hello','crypto':[{'type':'locked'}]}";

static struct op applied(struct arena *a, struct sample_service *service, const char *configured,
                         const struct value *before)
{
    struct op op = sample_op(a, service, configured, "null");
    op.prior = before;
    resource_plan(&op);
    struct op apply = op_new(a, op.os, op.provider, op.resource);
    apply.meta = service;
    apply.config = op.config, apply.prior = op.prior, apply.plan = op.plan;
    resource_apply(&apply);
    if (!op_failed(&apply) && !value_is_null(op.plan))
        CHECK(!core_state_fault(a, op.resource->schema->attrs, op.plan, apply.state));
    CHECK(value_is_known(apply.state));
    return apply;
}

static struct op refreshed(struct arena *a, struct sample_service *service,
                           const struct value *state, bool imported)
{
    struct op op = op_new(a, &os_real, &sample_provider, &sample_resource);
    op.meta = service;
    op.prior = state;
    op.private = imported ? MAP(a, {"imported", &value_true}) : &value_empty_map;
    resource_read(&op);
    return op;
}

TEST(apply__create_completes_the_plan)
{
    struct sample_service service = {0};
    struct op op = applied(a, &service, config, &value_null);
    CHECK_TEXT(value_text(op.state, "id"), "web");
    CHECK_TEXT(value_text(op.state, "changed_at"), "monday");
    CHECK(value_is_null(value_get(op.state, "crypto[0].key")));
}

TEST(apply__a_create_that_fails_late_keeps_the_object)
{
    struct sample_service service = {.fails_at = "create"};
    struct op op = applied(a, &service, config, &value_null);
    CHECK(op_failed(&op));
    CHECK_TEXT(value_text(op.state, "id"), "web");
}

TEST(apply__an_answer_that_lacks_something_fails_and_keeps_the_object)
{
    struct sample_service service = {.forgets = true};
    struct op op = applied(a, &service, config, &value_null);
    CHECK(op_failed(&op));
    CHECK_TEXT(op.diagnostics->path, "changed_at");
    CHECK_TEXT(value_text(op.state, "id"), "web");
}

TEST(apply__an_update_that_fails_keeps_what_succeeded)
{
    struct sample_service service = {0};
    const struct value *before = applied(a, &service, config, &value_null).state;
    service.fails_at = "update";
    struct op op =
        applied(a, &service,
                "{'name':'web','text':'Bye','mode':'hard','crypto':[{'type':'locked'}]}", before);
    CHECK(op_failed(&op));
    CHECK_TEXT(value_text(op.state, "mode"), "hard");
    CHECK_TEXT(value_text(op.state, "text"), "Hello");
}

TEST(apply__a_delete_that_fails_keeps_the_state)
{
    struct sample_service service = {0};
    const struct value *before = applied(a, &service, config, &value_null).state;
    service.fails_at = "delete";
    struct op op = applied(a, &service, "null", before);
    CHECK(op_failed(&op));
    CHECK(value_equal(op.state, before));
    service.fails_at = NULL;
    CHECK(value_is_null(applied(a, &service, "null", before).state));
}

TEST(apply__without_a_configured_provider_says_so)
{
    struct op op = applied(a, NULL, config, &value_null);
    CHECK(op_failed(&op));
    CHECK_HAS(op.diagnostics->detail, "not known yet");
}

TEST(read__keeps_the_words_of_the_state)
{
    struct sample_service service = {0};
    const struct value *state = applied(a, &service, config, &value_null).state;
    service.remote = value_with(a, service.remote, "theText", value_string(a, "HELLO"));
    service.remote = value_with(a, service.remote, "theLink", value_string(a, "ROOT"));
    service.remote = value_with(a, service.remote, "theCrypto",
                                sample(a, "{'type':'locked','key':'made-by-aws'}"));
    struct op op = refreshed(a, &service, state, false);
    CHECK(value_equal(op.state, state));
}

TEST(read__sees_drift)
{
    struct sample_service service = {0};
    const struct value *state = applied(a, &service, config, &value_null).state;
    service.remote = value_with(a, service.remote, "theMode", value_string(a, "hard"));
    service.remote = value_with(a, service.remote, "theRules", sample(a, "[{'match':'x'}]"));
    struct op op = refreshed(a, &service, state, false);
    CHECK_TEXT(value_text(op.state, "mode"), "hard");
    CHECK_TEXT(value_text(op.state, "rule[0].match"), "x");
}

TEST(read__after_import_takes_everything)
{
    struct sample_service service = {0};
    applied(a, &service, config, &value_null);
    service.remote = value_with(a, service.remote, "theLink", value_string(a, "ROOT"));
    service.remote = value_with(a, service.remote, "theCrypto", sample(a, "{'type':'plain'}"));

    struct op import = op_new(a, &os_real, &sample_provider, &sample_resource);
    resource_import(&import, "web");
    CHECK(!op_failed(&import));
    struct op op = refreshed(a, &service, import.state, true);
    CHECK_TEXT(value_text(op.state, "link"), "ROOT");
    CHECK_TEXT(value_text(op.state, "crypto[0].type"), "plain");
    CHECK_TEXT(value_text(op.state, "mode"), "soft");
}

TEST(read__of_a_gone_object_is_null_and_of_a_failing_service_the_prior)
{
    struct sample_service service = {0};
    const struct value *state = applied(a, &service, config, &value_null).state;
    service.gone = true;
    CHECK(value_is_null(refreshed(a, &service, state, false).state));
    service.fails_at = "read";
    CHECK(value_equal(refreshed(a, &service, state, false).state, state));
}

TEST(import__refuses_what_is_no_id)
{
    struct op op = op_new(a, &os_real, &sample_provider, &sample_resource);
    resource_import(&op, "Not An Id");
    CHECK(op_failed(&op));
    CHECK_HAS(op.diagnostics->detail, "Import ecr_sample by the name");
}

static struct op upgraded(struct arena *a, int64_t version, const char *stored)
{
    struct op op = op_new(a, &os_real, &sample_provider, &sample_resource);
    resource_upgrade(&op, version, sample(a, stored));
    return op;
}

TEST(upgrade__fills_what_is_missing_and_drops_what_is_unknown)
{
    struct op op =
        upgraded(a, 0, "{'name':'web','link':'','count':'3','force':'true','region':'x'}");
    CHECK(!op_failed(&op));
    CHECK(value_is_null(value_member(op.state, "link")));
    CHECK_INT(value_integer(op.state, "count", 0), 3);
    CHECK(value_is_true(op.state, "force"));
    CHECK(value_is_null(value_member(op.state, "region")));
    CHECK_INT(value_member(op.state, "rule")->kind, VALUE_LIST);
}

TEST(upgrade__refuses_what_it_cannot_read)
{
    CHECK_HAS(upgraded(a, 9, "{}").diagnostics->detail, "version 9");
    CHECK_HAS(upgraded(a, 1, "{'tags':{'a':['b']}}").diagnostics->detail, "tags[\"a\"]");
    CHECK(op_failed(&(struct op[]){upgraded(a, 1, "[]")}[0]));
}
