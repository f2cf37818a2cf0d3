/* Creates whose answers are lost: ours are adopted, others' are not. */
#include "base/test.h"
#include "resources/fake_ecr_test.h"
#include "resources/registry.h"

static const char web[] =
    "{\"name\":\"web\",\"encryption_configuration\":[{\"encryption_type\":\"KMS\"}]}";
static const char hub[] =
    "{\"ecr_repository_prefix\":\"hub\",\"upstream_registry_url\":\"quay.io\"}";

static struct op lost(struct fake_ecr *fake, const struct resource *resource, const char *operation,
                      const char *config, bool after_the_effect)
{
    fake->fails_operation = operation;
    fake->failure = "500 ServerException lost";
    fake->after_the_effect = after_the_effect;
    return fake_apply(fake, resource, fake_object(fake->arena, resource, config), &value_null);
}

TEST(adopt__what_was_made_by_the_lost_attempt_is_ours)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{\"owner\":\"us\"}");
    struct op op = lost(fake, &ecr_repository, "CreateRepository", web, true);
    assert_null(op.diagnostics);
    CHECK_TEXT(value_text(op.state, "id"), "web");
    CHECK_TEXT(fake->calls, "CreateRepository CreateRepository DescribeRepositories ");

    op = lost(fake, &ecr_pull_through_cache_rule, "CreatePullThroughCacheRule", hub, true);
    assert_null(op.diagnostics);
    CHECK_TEXT(value_text(op.state, "id"), "hub");
}

TEST(adopt__what_was_there_before_is_not)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    lost(fake, &ecr_repository, NULL, web, false);
    lost(fake, &ecr_pull_through_cache_rule, NULL, hub, false);
    fake->os.now_ms += 3600 * 1000;

    struct op op = lost(fake, &ecr_repository, "CreateRepository", web, false);
    CHECK_TEXT(op.diagnostics->path, "name");
    CHECK_HAS(op.diagnostics->detail, "not taken over");
    assert_true(value_is_null(op.state));

    op = lost(fake, &ecr_pull_through_cache_rule, "CreatePullThroughCacheRule", hub, false);
    CHECK_TEXT(op.diagnostics->path, "ecr_repository_prefix");
}

TEST(adopt__what_has_other_settings_is_not)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    lost(fake, &ecr_repository, NULL, "{\"name\":\"web\"}", false);
    struct op op = lost(fake, &ecr_repository, "CreateRepository", web, false);
    CHECK_HAS(op.diagnostics->detail, "not taken over");
}

TEST(adopt__without_doubt_there_is_no_adoption)
{
    struct fake_ecr *fake = fake_ecr_new(a, "{}");
    lost(fake, &ecr_repository, NULL, web, false);
    struct op op = lost(fake, &ecr_repository, NULL, web, false);
    CHECK_HAS(op.diagnostics->detail, "RepositoryAlreadyExistsException");
    CHECK_HAS(op.diagnostics->detail, "terraform import");
}
