/* What every resource must do, run for each one in the registry: a resource that is added without a
 * row here fails the first test. */
#include "base/test.h"
#include "resources/fake_ecr_test.h"
#include "resources/registry.h"

#include <string.h>

/* A configuration as rich as the resource allows, one that leaves out all it can, the object's id,
 * and a configuration that the full one can be changed to in place. */
static const struct sample {
    const char *name, *full, *least, *id, *changed;
} samples[] = {
    {"ecr_repository",
     "{'name':'team/web','image_tag_mutability':'IMMUTABLE_WITH_EXCLUSION',"
     "'image_tag_mutability_exclusion_filter':[{'filter':'staging','filter_type':'WILDCARD'}],"
     "'encryption_configuration':[{'encryption_type':'KMS','kms_key':'arn:aws:kms:r:1:key/k'}],"
     "'image_scanning_configuration':[{'scan_on_push':true}],'force_delete':true,"
     "'tags':{'a':'b'},'timeouts':{'delete':'1m'}}",
     "{'name':'team/web'}", "team/web",
     "{'name':'team/web','image_tag_mutability':'MUTABLE','encryption_configuration':"
     "[{'encryption_type':'KMS','kms_key':'arn:aws:kms:r:1:key/k'}],'force_delete':true,"
     "'tags':{'c':'d'}}"},
    {"ecr_lifecycle_policy", "{'repository':'team/web','policy':'{\\'rules\\':[]}'}",
     "{'repository':'team/web','policy':' { } '}", "team/web",
     "{'repository':'team/web','policy':'{\\'rules\\':[1]}'}"},
    {"ecr_pull_through_cache_rule",
     "{'ecr_repository_prefix':'hub','upstream_registry_url':'registry-1.docker.io',"
     "'credential_arn':'arn:aws:secretsmanager:r:1:secret:ecr-pullthroughcache/hub',"
     "'custom_role_arn':'arn:aws:iam::1:role/r','upstream_repository_prefix':'lib'}",
     "{'ecr_repository_prefix':'hub','upstream_registry_url':'quay.io'}", "hub",
     "{'ecr_repository_prefix':'hub','upstream_registry_url':'registry-1.docker.io',"
     "'credential_arn':'arn:aws:secretsmanager:r:1:secret:ecr-pullthroughcache/new',"
     "'custom_role_arn':'arn:aws:iam::1:role/r','upstream_repository_prefix':'lib'}"},
};

static const struct sample *sample_of(const struct resource *resource)
{
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        if (strcmp(samples[i].name, resource->schema->name) == 0)
            return &samples[i];
    fail_msg("%s has no sample in behaviour_test.c", resource->schema->name);
    return NULL;
}

/* Runs claim for every resource with its full and its least configuration. */
static void for_each(struct arena *a,
                     void (*claim)(struct fake_ecr *fake, const struct resource *resource,
                                   const struct value *config, const char *id))
{
    for (size_t i = 0; i < ecr_provider.resource_count; i++) {
        const struct resource *resource = ecr_provider.resources[i];
        const struct sample *s = sample_of(resource);
        claim(fake_ecr_new(a, "{'owner':'us'}"), resource, fake_object(a, resource, s->full),
              s->id);
        claim(fake_ecr_new(a, "{}"), resource, fake_object(a, resource, s->least), s->id);
    }
}

static const struct value *created(struct fake_ecr *fake, const struct resource *resource,
                                   const struct value *config)
{
    struct op op = fake_apply(fake, resource, config, &value_null);
    assert_null(op.diagnostics);
    return op.state;
}

static void plan_is_empty(struct fake_ecr *fake, const struct resource *resource,
                          const struct value *config, const char *id)
{
    (void)id;
    const struct value *state = created(fake, resource, config);
    struct op read = fake_refresh(fake, resource, state);
    assert_null(read.diagnostics);
    assert_true(value_equal(read.state, state));
    assert_true(value_equal(fake_plan(fake, resource, config, state).plan, state));
}

TEST(behaviour__after_create_nothing_is_left_to_do)
{
    for_each(a, plan_is_empty);
}

static void import_matches(struct fake_ecr *fake, const struct resource *resource,
                           const struct value *config, const char *id)
{
    const struct value *state = created(fake, resource, config);
    struct op import = fake_import(fake, resource, id);
    assert_null(import.diagnostics);
    /* What AWS does not know cannot come back. */
    const struct value *asked = value_with(fake->arena, config, "force_delete", &value_null);
    asked = value_with(fake->arena, asked, "timeouts", &value_null);
    const char *path;
    asked = schema_conform(fake->arena, resource->schema->attrs, asked, &path);
    assert_true(value_equal(fake_plan(fake, resource, asked, import.state).plan, import.state));
    assert_string_equal(value_text(import.state, "id"), value_text(state, "id"));
}

TEST(behaviour__after_import_nothing_is_left_to_do)
{
    for_each(a, import_matches);
}

static void gone_is_null(struct fake_ecr *fake, const struct resource *resource,
                         const struct value *config, const char *id)
{
    (void)id;
    const struct value *state = created(fake, resource, config);
    fake->repository = fake->policy = fake->rule = &value_null;
    struct op read = fake_refresh(fake, resource, state);
    assert_null(read.diagnostics);
    assert_true(value_is_null(read.state));
    struct op deleted = fake_apply(fake, resource, &value_null, state);
    assert_null(deleted.diagnostics);
    assert_true(value_is_null(deleted.state));
}

TEST(behaviour__an_object_that_is_gone_reads_as_null_and_deletes_well)
{
    for_each(a, gone_is_null);
}

static void errors_keep_the_state(struct fake_ecr *fake, const struct resource *resource,
                                  const struct value *config, const char *id)
{
    (void)id;
    const struct value *state = created(fake, resource, config);
    static const char *const reads[] = {"DescribeRepositories", "GetLifecyclePolicy",
                                        "DescribePullThroughCacheRules"};
    for (size_t i = 0; i < 3; i++) {
        fake->fails_operation = reads[i];
        fake->failure = "400 AccessDeniedException no";
        struct op read = fake_refresh(fake, resource, state);
        assert_true(value_equal(read.state, state));
        assert_true(op_failed(&read) == (fake->fails_operation == NULL));
    }
}

TEST(behaviour__a_read_that_fails_keeps_the_state)
{
    for_each(a, errors_keep_the_state);
}

static const char *const creates[] = {"CreateRepository", "PutLifecyclePolicy",
                                      "CreatePullThroughCacheRule"};

static void create_fails_cleanly(struct fake_ecr *fake, const struct resource *resource,
                                 const struct value *config, const char *id)
{
    (void)id;
    for (size_t i = 0; i < 3; i++) {
        fake->fails_operation = creates[i];
        fake->failure = "400 AccessDeniedException User is not authorized";
        struct op op = fake_apply(fake, resource, config, &value_null);
        if (fake->fails_operation)
            continue; /* not this resource's call */
        assert_true(op_failed(&op));
        assert_true(value_is_null(op.state));
        CHECK_HAS(op.diagnostics->detail, "AccessDeniedException: User is not authorized");
        CHECK_HAS(op.diagnostics->detail, "request-1");
        return;
    }
}

TEST(behaviour__a_create_that_is_refused_leaves_no_state_and_quotes_aws)
{
    for_each(a, create_fails_cleanly);
}

static void written_by_others(struct fake_ecr *fake, const struct resource *resource,
                              const struct value *config, const char *id)
{
    (void)id;
    const struct value *state = created(fake, resource, config);
    const struct value *theirs = state;
    for (size_t i = 0; i < value_count(state); i++)
        if (value_is_null(state->map.members[i].value) &&
            schema_attr(resource->schema->attrs, state->map.members[i].key)->type == TYPE_STRING)
            theirs = value_with(fake->arena, theirs, state->map.members[i].key, &value_empty_text);
    struct op op = fake_op(fake, resource);
    resource_upgrade(&op, 0, theirs);
    assert_true(value_equal(fake_plan(fake, resource, config, op.state).plan, op.state));
}

TEST(behaviour__blank_strings_in_an_inherited_state_are_no_change)
{
    for_each(a, written_by_others);
}

/* 200 and an empty object, as something between here and AWS may make of an answer. */
static void hollow_answers_keep_the_state(struct fake_ecr *fake, const struct resource *resource,
                                          const struct value *config, const char *id)
{
    (void)id;
    const struct value *state = created(fake, resource, config);
    fake->hollow = true;
    struct op read = fake_refresh(fake, resource, state);
    assert_true(op_failed(&read));
    assert_true(value_equal(read.state, state));
}

TEST(behaviour__a_hollow_answer_is_no_deletion)
{
    for_each(a, hollow_answers_keep_the_state);
}

/* A read's answer about another object, about several, about none, or with members of wrong types.
 */
static const struct odd {
    const char *operation, *answer;
} odd[] = {
    {"DescribeRepositories", "{'repositories':[{'repositoryName':'other'}]}"},
    {"DescribeRepositories", "{'repositories':[{'repositoryName':7}]}"},
    {"DescribeRepositories", "{'repositories':[{'repositoryName':'team/web'}]}"},
    {"DescribeRepositories", "{'repositories':[null]}"},
    {"DescribeRepositories", "{'repositories':[]}"},
    {"DescribeRepositories", "{'repositories':{}}"},
    {"DescribeRepositories", "{'repositories':[{'repositoryName':'team/web','repositoryArn':[]}]}"},
    {"DescribeRepositories", "{'repositories':[{'repositoryName':'team/web','registryId':7}]}"},
    {"DescribeRepositories", "{'repositories':[{'repositoryName':'team/web',"
                             "'imageScanningConfiguration':{'scanOnPush':'yes'}}]}"},
    {"DescribeRepositories", "{'repositories':[{'repositoryName':'team/web',"
                             "'encryptionConfiguration':{'encryptionType':{}}}]}"},
    {"ListTagsForResource", "{'tags':{'a':'b'}}"},
    {"GetLifecyclePolicy", "{'repositoryName':'other','lifecyclePolicyText':'{}'}"},
    {"GetLifecyclePolicy", "{'repositoryName':'team/web','lifecyclePolicyText':5}"},
    {"DescribePullThroughCacheRules", "{'pullThroughCacheRules':[{'ecrRepositoryPrefix':'o'}]}"},
    {"DescribePullThroughCacheRules", "{'pullThroughCacheRules':[]}"},
    {"DescribePullThroughCacheRules",
     "{'pullThroughCacheRules':[{'ecrRepositoryPrefix':'hub','upstreamRegistryUrl':true}]}"},
};

static void odd_answers_keep_the_state(struct fake_ecr *fake, const struct resource *resource,
                                       const struct value *config, const char *id)
{
    (void)id;
    const struct value *state = created(fake, resource, config);
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        fake->calls = "";
        fake->odd_operation = odd[i].operation;
        fake->odd_answer = odd[i].answer;
        struct op read = fake_refresh(fake, resource, state);
        bool asked = strstr(fake->calls, odd[i].operation) != NULL;
        if (op_failed(&read) != asked || !value_equal(read.state, state))
            fail_msg("%s: %s", resource->schema->name, odd[i].answer);
    }
}

TEST(behaviour__an_answer_that_is_not_about_the_object_changes_nothing)
{
    for_each(a, odd_answers_keep_the_state);
}

static void odd_create_is_kept(struct fake_ecr *fake, const struct resource *resource,
                               const struct value *config, const char *id)
{
    static const char *const answers[] = {
        "{'repository':{'repositoryName':'team/web','registryId':123456789012,"
        "'repositoryArn':'arn','repositoryUri':'uri'}}",
        "{'repositoryName':'team/web','lifecyclePolicyText':'{}','registryId':[]}",
        "{'ecrRepositoryPrefix':'hub','registryId':{}}",
    };
    for (size_t i = 0; i < 3; i++) {
        fake = fake_ecr_new(fake->arena, "{}");
        fake->odd_operation = creates[i];
        fake->odd_answer = answers[i];
        struct op op = fake_apply(fake, resource, config, &value_null);
        assert_string_equal(value_text(op.state, "id"), id);
        if (op_failed(&op))
            CHECK_HAS(op.diagnostics->detail, "AWS's answer has no registry_id");
    }
}

TEST(behaviour__what_was_made_with_an_answer_of_wrong_types_is_in_the_state)
{
    for_each(a, odd_create_is_kept);
}

/* It says nothing of the object that it made, which is looked for then. */
static void hollow_create_is_no_loss(struct fake_ecr *fake, const struct resource *resource,
                                     const struct value *config, const char *id)
{
    for (size_t i = 0; i < 3; i++) {
        fake = fake_ecr_new(fake->arena, "{}");
        fake->hollow_operation = creates[i];
        struct op op = fake_apply(fake, resource, config, &value_null);
        assert_null(op.diagnostics);
        assert_string_equal(value_text(op.state, "id"), id);
        assert_true(value_equal(fake_refresh(fake, resource, op.state).state, op.state));
    }
}

TEST(behaviour__an_object_whose_create_was_answered_with_nothing_is_found)
{
    for_each(a, hollow_create_is_no_loss);
}

/* The step, with a call of this operation refused. Terraform must be told of AWS's words when the
 * step fails. */
static struct op apply_refused(struct fake_ecr *fake, const struct resource *resource,
                               const char *operation, const struct value *config,
                               const struct value *prior)
{
    fake->fails_operation = operation;
    fake->failure = "400 AccessDeniedException not allowed";
    struct op op = fake_apply(fake, resource, config, prior);
    fake->fails_operation = NULL;
    if (op_failed(&op))
        CHECK_HAS(op.diagnostics->detail, "AccessDeniedException: not allowed");
    return op;
}

/* As Terraform goes on: what failed while it was created is destroyed and created anew, else the
 * step is taken again from what is read. */
static const struct value *apply_again(struct fake_ecr *fake, const struct resource *resource,
                                       const struct op *failed)
{
    const struct value *state = failed->state;
    if (!value_is_null(state))
        state = fake_refresh(fake, resource, state).state;
    if (value_is_null(failed->prior) && !value_is_null(state)) {
        struct op destroyed = fake_apply(fake, resource, &value_null, state);
        assert_null(destroyed.diagnostics);
        state = destroyed.state;
    }
    struct op again = fake_apply(fake, resource, failed->config, state);
    assert_null(again.diagnostics);
    return again.state;
}

static void check_converges(struct fake_ecr *fake, const struct resource *resource,
                            const char *operation)
{
    const char *const configs[] = {sample_of(resource)->full, sample_of(resource)->changed};
    const struct value *state = &value_null;
    for (size_t i = 0; i < 2; i++) {
        const struct value *config = fake_object(fake->arena, resource, configs[i]);
        struct op op = apply_refused(fake, resource, operation, config, state);
        state = op_failed(&op) ? apply_again(fake, resource, &op) : op.state;
        CHECK(value_equal(fake_refresh(fake, resource, state).state, state));
        CHECK(value_equal(fake_plan(fake, resource, config, state).plan, state));
    }
    struct op op = apply_refused(fake, resource, operation, &value_null, state);
    CHECK(op_failed(&op) == !value_is_null(op.state));
    if (op_failed(&op))
        assert_null(fake_apply(fake, resource, &value_null, op.state).diagnostics);
    CHECK(value_is_null(fake->repository) && value_is_null(fake->policy) &&
          value_is_null(fake->rule));
}

TEST(behaviour__the_next_apply_puts_right_what_any_refused_call_left)
{
    static const char *const operations[] = {
        "CreateRepository",
        "DescribeRepositories",
        "ListTagsForResource",
        "TagResource",
        "UntagResource",
        "PutImageTagMutability",
        "PutImageScanningConfiguration",
        "DeleteRepository",
        "PutLifecyclePolicy",
        "GetLifecyclePolicy",
        "DeleteLifecyclePolicy",
        "CreatePullThroughCacheRule",
        "DescribePullThroughCacheRules",
        "UpdatePullThroughCacheRule",
        "DeletePullThroughCacheRule",
    };
    for (size_t i = 0; i < ecr_provider.resource_count; i++)
        for (size_t j = 0; j < sizeof operations / sizeof *operations; j++)
            check_converges(fake_ecr_new(a, "{'owner':'us'}"), ecr_provider.resources[i],
                            operations[j]);
}
