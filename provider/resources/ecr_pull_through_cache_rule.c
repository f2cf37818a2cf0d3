/* ecr_pull_through_cache_rule: create, read, update of the credential, and delete. */
#include "resources/adopt.h"
#include "resources/common.h"
#include "resources/registry.h"
#include "schema/schema.h"

static const char exists[] = "PullThroughCacheRuleAlreadyExistsException";
static const char *const not_found[] = {"PullThroughCacheRuleNotFoundException", NULL};

static const struct aws_advice advice[] = {
    {exists, "ecr_repository_prefix",
     "Choose another prefix, or take the rule that is there into the state:\n"
     "  terraform import ADDRESS PREFIX"},
    {"UnsupportedUpstreamRegistryException", "upstream_registry_url", NULL},
    {"SecretNotFoundException", "credential_arn",
     "The secret must be in the same account and region as the rule."},
    {"UnableToAccessSecretException", "credential_arn",
     "The caller needs secretsmanager:GetSecretValue for the secret."},
    {"UnableToDecryptSecretValueException", "credential_arn",
     "The caller needs kms:Decrypt for the key of the secret."},
    {0},
};

static const struct value *by_prefix(const struct op *op, const struct value *prefix)
{
    return MAP(op->arena, {"ecrRepositoryPrefixes", LIST(op->arena, prefix)});
}

/* An attempt whose answer was lost may have made the rule. */
static bool adopt(struct op *op, const struct aws_error *error, int64_t start_ms)
{
    static const struct adoption how = {
        .operation = "DescribePullThroughCacheRules",
        .kind = DESCRIBE_CACHE_RULE,
        .exists = exists,
        .not_found = not_found,
        .path = "ecr_repository_prefix",
        .what = "Cannot create the ECR pull through cache rule",
        .advice = advice,
    };
    const struct value *found = adopt_find(
        op, &how, by_prefix(op, value_member(op->plan, "ecr_repository_prefix")), error, start_ms);
    return found && op_set_remote(op, found);
}

static bool rule_create(struct op *op)
{
    int64_t start_ms = op->os->now_ms(op->os);
    struct aws_result r =
        op_call_for(op, "CreatePullThroughCacheRule", op_expand(op), "ecrRepositoryPrefix",
                    value_text(op->plan, "ecr_repository_prefix"));
    if (r.error && r.error->in_doubt)
        return adopt(op, r.error, start_ms);
    if (r.error)
        return op_fail_aws(op, advice, "Cannot create the ECR pull through cache rule", r.error);

    op_set_remote(op, r.output);
    op_await(op, "DescribePullThroughCacheRules",
             by_prefix(op, value_member(op->plan, "ecr_repository_prefix")), not_found);
    return true;
}

static bool rule_read(struct op *op)
{
    const char *prefix = value_text(op->prior, "ecr_repository_prefix");
    struct aws_result r = op_describe(op, DESCRIBE_CACHE_RULE, prefix);
    if (error_is_any(r.error, not_found))
        return op_gone(op);
    if (r.error)
        return op_fail_aws(op, advice, "Cannot read the ECR pull through cache rule", r.error);

    const struct value *rule;
    return op_described(op, DESCRIBE_CACHE_RULE, r.output, prefix, &rule) &&
           op_set_remote(op, rule);
}

static bool rule_update(struct op *op)
{
    const struct value *wanted = op_expand(op);
    const struct value *input =
        MAP(op->arena, {"ecrRepositoryPrefix", value_member(wanted, "ecrRepositoryPrefix")},
            {"registryId", value_member(op->prior, "registry_id")},
            {"credentialArn", value_member(wanted, "credentialArn")},
            {"customRoleArn", value_member(wanted, "customRoleArn")});

    struct aws_result r =
        op_call_for(op, "UpdatePullThroughCacheRule", input, "ecrRepositoryPrefix",
                    value_text(op->prior, "ecr_repository_prefix"));
    if (r.error)
        return op_fail_aws(op, advice, "Cannot update the ECR pull through cache rule", r.error);
    return op_set_state(op, op->plan);
}

static bool rule_delete(struct op *op)
{
    const struct value *input =
        MAP(op->arena, {"ecrRepositoryPrefix", value_member(op->prior, "ecr_repository_prefix")},
            {"registryId", value_member(op->prior, "registry_id")});
    struct aws_result r =
        op_call_for(op, "DeletePullThroughCacheRule", input, "ecrRepositoryPrefix",
                    value_text(op->prior, "ecr_repository_prefix"));
    if (r.error && !error_is_any(r.error, not_found))
        return op_fail_aws(op, advice, "Cannot delete the ECR pull through cache rule", r.error);
    return true;
}

const struct resource ecr_pull_through_cache_rule = {
    .schema = &ecr_pull_through_cache_rule_schema,
    .create = rule_create,
    .read = rule_read,
    .update = rule_update,
    .delete = rule_delete,
    .validate = region_validate,
};
