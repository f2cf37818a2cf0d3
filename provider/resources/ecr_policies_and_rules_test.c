/* The lifecycle policy's and the pull through cache rule's own rules. */
#include "base/test.h"
#include "resources/fake_ecr_test.h"
#include "resources/registry.h"

static const char rule_text[] =
    "{'ecr_repository_prefix':'hub','upstream_registry_url':'registry-1.docker.io',"
    "'credential_arn':'arn:aws:secretsmanager:r:1:secret:ecr-pullthroughcache/hub'}";

static const struct value *created(struct fake_ecr *fake, const struct resource *resource,
                                   const char *config)
{
    struct op op =
        fake_apply(fake, resource, fake_object(fake->arena, resource, config), &value_null);
    assert_null(op.diagnostics);
    fake->calls = "";
    return op.state;
}

TEST(ecr_lifecycle_policy__is_sent_compact_and_kept_as_written)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state = created(
        fake, &ecr_lifecycle_policy, "{'repository':'web','policy':' { \\'b\\':1, \\'a\\':2 } '}");
    CHECK_TEXT(value_text(fake->policy, "lifecyclePolicyText"), "{\"a\":2,\"b\":1}");
    CHECK_TEXT(value_text(state, "policy"), " { \"b\":1, \"a\":2 } ");
}

TEST(ecr_lifecycle_policy__is_updated_in_place)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state =
        created(fake, &ecr_lifecycle_policy, "{'repository':'web','policy':'{\\'a\\':1}'}");
    const struct value *config =
        fake_object(a, &ecr_lifecycle_policy, "{'repository':'web','policy':'{\\'a\\':2}'}");
    CHECK_INT(fake_plan(fake, &ecr_lifecycle_policy, config, state).replace_count, 0);
    fake->calls = "";
    fake_apply(fake, &ecr_lifecycle_policy, config, state);
    CHECK_TEXT(fake->calls, "DescribeRepositories PutLifecyclePolicy GetLifecyclePolicy ");
}

TEST(ecr_lifecycle_policy__is_waited_for_until_aws_shows_it)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    fake->fails_operation = "GetLifecyclePolicy";
    fake->failure = "400 LifecyclePolicyNotFoundException not yet";
    const char *config = "{'repository':'web','policy':'{\\'a\\':1}'}";
    fake_apply(fake, &ecr_lifecycle_policy, fake_object(a, &ecr_lifecycle_policy, config),
               &value_null);
    CHECK_HAS(fake->calls, "PutLifecyclePolicy GetLifecyclePolicy GetLifecyclePolicy ");
}

#define EXCLUDING                                                      \
    "{'name':'web','image_tag_mutability':'IMMUTABLE_WITH_EXCLUSION'," \
    "'image_tag_mutability_exclusion_filter':[{'filter':'staging','filter_type':'WILDCARD'}]}"
#define EXPIRING                                                                                \
    "{'repository':'web','policy':'{\\'rules\\':[{\\'rulePriority\\':4,\\'selection\\':"        \
    "{\\'tagStatus\\':\\'any\\',\\'countType\\':\\'imageCountMoreThan\\',\\'countNumber\\':9}," \
    "\\'action\\':{\\'type\\':\\'expire\\'}}]}'}"

static void check_covers(struct op op, bool covers)
{
    CHECK(covers == (op.diagnostics != NULL));
    if (!covers)
        return;
    CHECK(op.diagnostics->severity == SEVERITY_WARNING);
    CHECK_TEXT(op.diagnostics->path, "policy");
    CHECK_HAS(op.diagnostics->detail, "rulePriority 4");
    CHECK_HAS(op.diagnostics->detail, "\"staging\"");
}

TEST(ecr_lifecycle_policy__warns_of_excluded_tags_that_are_planned_or_there)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *policy = fake_object(a, &ecr_lifecycle_policy, EXPIRING);
    check_covers(fake_plan(fake, &ecr_lifecycle_policy, policy, &value_null), false);
    fake_plan(fake, &ecr_repository, fake_object(a, &ecr_repository, EXCLUDING), &value_null);
    check_covers(fake_plan(fake, &ecr_lifecycle_policy, policy, &value_null), true);

    fake = fake_ecr_new(a, "{}");
    created(fake, &ecr_repository, EXCLUDING);
    fake->ecr = ecr_new(a, fake->ecr); /* a process of another run */
    check_covers(fake_plan(fake, &ecr_lifecycle_policy, policy, &value_null), true);
}

TEST(ecr_lifecycle_policy__must_be_json)
{
    struct op op = fake_op(fake_ecr_new(a, "{}"), &ecr_lifecycle_policy);
    op.config = fake_object(a, &ecr_lifecycle_policy, "{'repository':'web','policy':'{rules}'}");
    resource_validate_config(&op);
    CHECK_TEXT(op.diagnostics->path, "policy");
    CHECK_HAS(op.diagnostics->detail, "line 1, column");
}

static struct op validated_policy(struct arena *a, const char *policy)
{
    struct op op = fake_op(fake_ecr_new(a, "{}"), &ecr_lifecycle_policy);
    op.config = value_with(a, fake_object(a, op.resource, "{'repository':'web'}"), "policy",
                           value_string(a, policy));
    resource_validate_config(&op);
    return op;
}

TEST(ecr_lifecycle_policy__what_ecr_would_refuse_is_told_with_its_place)
{
    struct op op = validated_policy(a, "{\"rules\":[]}");
    CHECK(op_failed(&op));
    CHECK_TEXT(op.diagnostics->path, "policy");
    CHECK_TEXT(op.diagnostics->summary, "Invalid lifecycle policy");
    CHECK_HAS(op.diagnostics->detail, "At rules in policy: ");

    op = validated_policy(a, "{\"rules\":[{\"rulePriority\":1,\"note\":1,\"selection\":"
                             "{\"tagStatus\":\"any\",\"countType\":\"imageCountMoreThan\","
                             "\"countNumber\":3},\"action\":{\"type\":\"expire\"}}]}");
    CHECK(!op_failed(&op));
    CHECK_TEXT(op.diagnostics->summary, "Questionable lifecycle policy");
    CHECK_HAS(op.diagnostics->detail, "At rules[0].note in policy: \"note\" is not known");
}

TEST(ecr_pull_through_cache_rule__a_new_credential_is_an_update)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state = created(fake, &ecr_pull_through_cache_rule, rule_text);
    const struct value *config =
        value_with(a, fake_object(a, &ecr_pull_through_cache_rule, rule_text), "credential_arn",
                   value_string(a, "arn:aws:secretsmanager:r:1:secret:ecr-pullthroughcache/new"));
    fake_apply(fake, &ecr_pull_through_cache_rule, config, state);
    CHECK_TEXT(fake->calls, "UpdatePullThroughCacheRule ");
    CHECK_HAS(value_text(fake->rule, "credentialArn"), "/new");
}

TEST(ecr_pull_through_cache_rule__a_removed_credential_is_a_replacement)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    const struct value *state = created(fake, &ecr_pull_through_cache_rule, rule_text);
    const struct value *config = fake_object(
        a, &ecr_pull_through_cache_rule,
        "{'ecr_repository_prefix':'hub','upstream_registry_url':'registry-1.docker.io'}");
    struct op op = fake_plan(fake, &ecr_pull_through_cache_rule, config, state);
    CHECK_INT(op.replace_count, 1);
    CHECK_TEXT(op.replace_paths[0], "credential_arn");
}

TEST(ecr_pull_through_cache_rule__prefixes_are_those_of_the_api)
{
    static const char *const good[] = {"ROOT", "hub", "a__b", "a--b", "team/hub", "hub/"};
    static const char *const bad[] = {"Hub", "a", "-hub", "hub//x",
                                      "this-prefix-is-longer-than-30-characters"};
    const char *config = "{'ecr_repository_prefix':'%s','upstream_registry_url':'quay.io'}";
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct op op = fake_op(fake_ecr_new(a, "{}"), &ecr_pull_through_cache_rule);
        op.config = value_with(a, fake_object(a, op.resource, config), "ecr_repository_prefix",
                               value_string(a, good[i]));
        resource_validate_config(&op);
        CHECK(!op_failed(&op));
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct op op = fake_op(fake_ecr_new(a, "{}"), &ecr_pull_through_cache_rule);
        op.config = value_with(a, fake_object(a, op.resource, config), "ecr_repository_prefix",
                               value_string(a, bad[i]));
        resource_validate_config(&op);
        CHECK(op_failed(&op));
    }
}
