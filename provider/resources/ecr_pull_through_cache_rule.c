/* ecr_pull_through_cache_rule: create, read, update of the credential, and delete. */
#include "resources/adopt.h"
#include "resources/common.h"
#include "resources/registry.h"
#include "schema/schema.h"

static const char not_found[] = "PullThroughCacheRuleNotFoundException";

static const struct aws_advice advice[] = {
    {"PullThroughCacheRuleAlreadyExistsException", "ecr_repository_prefix",
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

/* The rule is there, and an attempt whose answer was lost may have made it. */
static bool adopt(struct op *op, const struct aws_error *refusal, int64_t start_ms)
{
    struct aws_result r =
        op_describe(op, DESCRIBE_CACHE_RULE, value_text(op->plan, "ecr_repository_prefix"));
    const struct value *found = value_get(r.output, "pullThroughCacheRules[0]");
    const char *why = r.error ? "cannot be read" : adopt_refusal(op, found, start_ms);
    if (why)
        return adopt_fail(op, "ecr_repository_prefix",
                          "Cannot create the ECR pull through cache rule", refusal, why);
    return op_set_remote(op, found);
}

static bool rule_create(struct op *op)
{
    int64_t start_ms = op->os->now_ms(op->os);
    struct aws_result r = op_call(op, "CreatePullThroughCacheRule", op_expand(op));
    if (aws_error_is(r.error, "PullThroughCacheRuleAlreadyExistsException") && r.error->in_doubt)
        return adopt(op, r.error, start_ms);
    if (r.error)
        return op_fail_aws(op, advice, "Cannot create the ECR pull through cache rule", r.error);
    return op_set_remote(op, r.output);
}

static bool rule_read(struct op *op)
{
    struct aws_result r = op_describe(op, DESCRIBE_CACHE_RULE, value_text(op->prior, "id"));
    if (aws_error_is(r.error, not_found))
        return op_gone(op);
    if (r.error)
        return op_fail_aws(op, advice, "Cannot read the ECR pull through cache rule", r.error);

    const struct value *rule;
    if (!op_only(op, r.output, "pullThroughCacheRules", &rule))
        return false;
    return value_is_null(rule) ? op_gone(op) : op_set_remote(op, rule);
}

static bool rule_update(struct op *op)
{
    const struct value *wanted = op_expand(op);
    const struct value *input =
        MAP(op->arena, {"ecrRepositoryPrefix", value_member(wanted, "ecrRepositoryPrefix")},
            {"registryId", value_member(op->prior, "registry_id")},
            {"credentialArn", value_member(wanted, "credentialArn")},
            {"customRoleArn", value_member(wanted, "customRoleArn")});

    struct aws_result r = op_call(op, "UpdatePullThroughCacheRule", input);
    if (r.error)
        return op_fail_aws(op, advice, "Cannot update the ECR pull through cache rule", r.error);
    return op_set_state(op, op->plan);
}

static bool rule_delete(struct op *op)
{
    const struct value *input =
        MAP(op->arena, {"ecrRepositoryPrefix", value_member(op->prior, "ecr_repository_prefix")},
            {"registryId", value_member(op->prior, "registry_id")});
    struct aws_result r = op_call(op, "DeletePullThroughCacheRule", input);
    if (r.error && !aws_error_is(r.error, not_found))
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
