/* Creates whose answers were lost. */
#include "resources/adopt.h"

#include "base/test.h"
#include "resources/fake_ecr_test.h"
#include "resources/registry.h"

#include <string.h>

/* A service that does what the next create asks, and then its answer is lost. */
static struct fake_ecr *losing(struct arena *a, const char *operation)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    fake->fails_operation = operation;
    fake->failure = "500 ServerException lost";
    fake->after_the_effect = true;
    return fake;
}

static struct op create(struct fake_ecr *fake, const struct resource *resource, const char *config)
{
    return fake_apply(fake, resource, fake_object(fake->arena, resource, config), &value_null);
}

#define FULL                                                             \
    "{'name':'web','tags':{'a':'1'},'image_tag_mutability':'IMMUTABLE'," \
    "'image_scanning_configuration':[{'scan_on_push':true}],"            \
    "'encryption_configuration':[{'encryption_type':'AES256'}]}"

TEST(adopt__takes_the_repository_that_a_lost_attempt_made)
{
    static const char *const configs[] = {"{'name':'web'}", FULL};
    for (size_t i = 0; i < 2; i++) {
        struct fake_ecr *fake = losing(a, "CreateRepository");
        struct op op = create(fake, &ecr_repository, configs[i]);
        assert_null(op.diagnostics);
        CHECK_TEXT(fake->calls,
                   "CreateRepository CreateRepository DescribeRepositories ListTagsForResource ");
        CHECK_HAS(value_text(op.state, "arn"), ":repository/web");
    }
}

TEST(adopt__takes_the_rule_that_a_lost_attempt_made)
{
    struct fake_ecr *fake = losing(a, "CreatePullThroughCacheRule");
    struct op op = create(fake, &ecr_pull_through_cache_rule,
                          "{'ecr_repository_prefix':'quay','upstream_registry_url':'quay.io'}");
    assert_null(op.diagnostics);
    CHECK_TEXT(fake->calls, "CreatePullThroughCacheRule CreatePullThroughCacheRule "
                            "DescribePullThroughCacheRules ");
}

TEST(adopt__looks_when_no_attempt_had_an_answer)
{
    struct fake_ecr *fake = losing(a, "CreateRepository");
    fake->fails_always = true;
    struct op op = create(fake, &ecr_repository, "{'name':'web'}");
    assert_null(op.diagnostics);
    CHECK_HAS(value_text(op.state, "arn"), ":repository/web");

    fake = losing(a, "CreateRepository");
    fake->fails_always = true;
    fake->after_the_effect = false;
    op = create(fake, &ecr_repository, "{'name':'web'}");
    CHECK_HAS(op.diagnostics->detail, "ServerException: lost");
    CHECK(!strstr(op.diagnostics->detail, "may have taken effect"));
    CHECK_HAS(fake->calls, "CreateRepository DescribeRepositories ");
}

TEST(adopt__an_answer_without_the_object_is_a_lost_answer)
{
    struct fake_ecr *fake = losing(a, "CreateRepository");
    fake->failure = "200 Nothing -"; /* a body, but not of a repository */
    struct op op = create(fake, &ecr_repository, FULL);
    assert_null(op.diagnostics);
    CHECK_TEXT(value_text(op.state, "id"), "web");
    fake->fails_operation = "PutLifecyclePolicy";
    op = create(fake, &ecr_lifecycle_policy, "{'repository':'web','policy':'{\\'rules\\':[]}'}");
    assert_null(op.diagnostics);
    CHECK_TEXT(value_text(op.state, "id"), "web");
    fake->fails_operation = "CreatePullThroughCacheRule";
    op = create(fake, &ecr_pull_through_cache_rule,
                "{'ecr_repository_prefix':'quay','upstream_registry_url':'quay.io'}");
    assert_null(op.diagnostics);
    CHECK_TEXT(value_text(op.state, "id"), "quay");
}

TEST(adopt__a_policy_that_is_there_as_planned_was_put)
{
    struct fake_ecr *fake = losing(a, NULL);
    create(fake, &ecr_repository, "{'name':'web'}");
    fake->fails_operation = "PutLifecyclePolicy";
    fake->fails_always = true;
    const char *config = "{'repository':'web','policy':'{\\'rules\\':[]}'}";
    assert_null(create(fake, &ecr_lifecycle_policy, config).diagnostics);

    fake->policy = &value_null;
    fake->after_the_effect = false;
    struct op op = create(fake, &ecr_lifecycle_policy, config);
    CHECK_HAS(op.diagnostics->detail, "ServerException: lost");
    CHECK(value_is_null(op.state));
}

TEST(adopt__a_failed_update_or_delete_is_looked_at)
{
    struct fake_ecr *fake = losing(a, NULL);
    struct op made = create(fake, &ecr_repository, "{'name':'web'}");
    const struct value *config =
        fake_object(a, &ecr_repository, "{'name':'web','image_tag_mutability':'IMMUTABLE'}");
    fake->fails_always = true;
    fake->fails_operation = "PutImageTagMutability";
    struct op op = fake_apply(fake, &ecr_repository, config, made.state);
    CHECK_HAS(op.diagnostics->detail, "ServerException: lost");
    CHECK_TEXT(value_text(op.state, "image_tag_mutability"), "IMMUTABLE");

    fake->fails_operation = "DeleteRepository";
    op = fake_apply(fake, &ecr_repository, &value_null, made.state);
    assert_null(op.diagnostics);
    CHECK(value_is_null(op.state));
}

/* What is there differs in one member from what is asked for; the attempt never got through. */
static const char *refusal(struct arena *a, const char *member, const struct value *v,
                           int64_t age_ms)
{
    struct fake_ecr *fake = losing(a, NULL);
    fake->after_the_effect = false;
    create(fake, &ecr_repository, FULL);
    fake->repository = value_with(a, fake->repository, member, v);
    fake->os.now_ms += age_ms;
    fake->fails_operation = "CreateRepository";
    struct op op = create(fake, &ecr_repository, FULL);
    if (!op.diagnostics)
        return "adopted";
    CHECK_HAS(op.diagnostics->detail, "RepositoryAlreadyExistsException");
    CHECK_TEXT(op.diagnostics->path, "name");
    CHECK(value_is_null(op.state));
    return op.diagnostics->detail;
}

TEST(adopt__leaves_what_is_older_or_different)
{
    const struct value *on = MAP(a, {"scanOnPush", &value_true}),
                       *off = MAP(a, {"scanOnPush", &value_false});
    const struct value *kms = MAP(a, {"encryptionType", value_string(a, "KMS")});
    CHECK_TEXT(refusal(a, "imageScanningConfiguration", on, 1000), "adopted");
    CHECK_HAS(refusal(a, "imageScanningConfiguration", on, 3000), "was created before this");
    CHECK_HAS(refusal(a, "imageScanningConfiguration", off, 0),
              "has another image_scanning_configuration");
    CHECK_HAS(refusal(a, "encryptionConfiguration", kms, 0),
              "has another encryption_configuration");
    CHECK_HAS(refusal(a, "imageTagMutability", value_string(a, "MUTABLE"), 0),
              "has another image_tag_mutability");
    CHECK_HAS(refusal(a, "createdAt", &value_null, 0), "date of creation");
    CHECK_HAS(refusal(a, "createdAt", value_string(a, "yesterday"), 0), "date of creation");
}

TEST(adopt__leaves_what_has_other_tags)
{
    struct fake_ecr *fake = losing(a, "CreateRepository");
    create(fake, &ecr_repository, FULL);
    fake->fails_operation = "CreateRepository";
    fake->after_the_effect = false;
    struct op op = create(fake, &ecr_repository,
                          "{'name':'web','tags':{'a':'2'},'image_tag_mutability':"
                          "'IMMUTABLE','image_scanning_configuration':[{'scan_on_push':true}]}");
    CHECK_HAS(op.diagnostics->detail, "has other tags");
}

TEST(adopt__an_existing_repository_without_a_doubt_is_a_conflict)
{
    struct fake_ecr *fake = losing(a, NULL);
    create(fake, &ecr_repository, FULL);
    fake->calls = "";
    struct op op = create(fake, &ecr_repository, FULL);
    CHECK_HAS(op.diagnostics->detail, "terraform import");
    CHECK_TEXT(fake->calls, "CreateRepository ");
}

TEST(adopt__a_delete_whose_answer_was_lost_is_a_success)
{
    struct fake_ecr *fake = losing(a, NULL);
    struct op made = create(fake, &ecr_repository, FULL);
    fake->fails_operation = "DeleteRepository";
    fake->calls = "";
    struct op op = fake_apply(fake, &ecr_repository, &value_null, made.state);
    assert_null(op.diagnostics);
    CHECK_HAS(fake->calls, "DeleteRepository DeleteRepository ");
}

TEST(adopt__what_cannot_be_looked_at_is_left_in_doubt)
{
    struct fake_ecr *fake = losing(a, "CreateRepository");
    fake->denied_operation = "DescribeRepositories";
    struct op op = create(fake, &ecr_repository, FULL);
    CHECK(value_is_null(op.state));
    CHECK_HAS(op.diagnostics->detail, "RepositoryAlreadyExistsException");
    CHECK_HAS(op.diagnostics->detail, "it may have taken effect. Look before you apply again");

    fake = losing(a, "CreateRepository");
    fake->denied_operation = "ListTagsForResource";
    op = create(fake, &ecr_repository, FULL);
    CHECK(value_is_null(op.state));
    CHECK_HAS(op.diagnostics->detail, "what is there has tags that cannot be read "
                                      "(AccessDeniedException: not allowed). It was left as it "
                                      "is.\n\nIf it is yours");
}
