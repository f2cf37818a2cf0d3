/* ecr_lifecycle_policy: ECR's Put is both create and update. */
#include "ecr/lifecycle_check.h"
#include "ecr/lifecycle_policy.h"
#include "ecr/lifecycle_reach.h"
#include "ecr/planned.h"
#include "resources/common.h"
#include "resources/registry.h"
#include "schema/schema.h"

#include <string.h>

#define LOOK_MS    5000  /* for a warning alone, nobody waits longer */
#define DOUBT_MS   10000 /* for what a lost answer may have been about */
#define VISIBLE_MS 30000 /* for what AWS has taken, and may not show yet */

static const char *const not_found[] = {"LifecyclePolicyNotFoundException",
                                        "RepositoryNotFoundException", NULL};

static const struct aws_advice advice[] = {
    {"RepositoryNotFoundException", "repository", "Create the repository first."},
    {"InvalidParameterException", "policy", NULL},
    {"ValidationException", "policy", NULL},
    {0},
};

static const struct value *target(const struct op *op, const struct value *object)
{
    return MAP(op->arena, {"repositoryName", value_member(object, "repository")});
}

/* AWS has the planned policy. */
static bool is_there(struct op *op, int64_t within_ms, const struct value **ret_found)
{
    return op_await_planned(op, "GetLifecyclePolicy", target(op, op->plan), not_found, within_ms,
                            ret_found);
}

/* Without white space, so that only what counts counts towards ECR's limit of 30,720 characters. */
static bool put(struct op *op)
{
    const char *policy = lifecycle_policy_compact(op->arena, value_text(op->plan, "policy"));
    const struct value *input = value_with(op->arena, target(op, op->plan), "lifecyclePolicyText",
                                           value_string(op->arena, policy));

    const struct value *found;
    struct aws_result r = op_call_for(op, "PutLifecyclePolicy", input, "repositoryName",
                                      value_text(op->plan, "repository"));
    if (r.error && r.error->in_doubt && is_there(op, DOUBT_MS, &found))
        return op_set_remote(op, found);
    if (r.error)
        return op_fail_aws(op, advice, "Cannot put the ECR lifecycle policy", r.error);
    op_set_remote(op, r.output);
    is_there(op, VISIBLE_MS, &found);
    return true;
}

static bool lifecycle_policy_read(struct op *op)
{
    struct aws_result r = op_call(op, "GetLifecyclePolicy", target(op, op->prior));
    if (error_is_any(r.error, not_found))
        return op_gone(op);
    if (r.error)
        return op_fail_aws(op, advice, "Cannot read the ECR lifecycle policy", r.error);
    if (strcmp(value_text(r.output, "repositoryName"), value_text(op->prior, "repository")) != 0)
        return op_fail_answer(op, "repository", "repositoryName that was asked for");
    if (value_is_null(value_member(r.output, "lifecyclePolicyText")))
        return op_fail_answer(op, "policy", "lifecyclePolicyText");
    return op_set_remote(op, r.output);
}

static bool lifecycle_policy_delete(struct op *op)
{
    struct aws_result r = op_call_for(op, "DeleteLifecyclePolicy", target(op, op->prior),
                                      "repositoryName", value_text(op->prior, "repository"));
    if (r.error && !error_is_any(r.error, not_found))
        return op_fail_aws(op, advice, "Cannot delete the ECR lifecycle policy", r.error);
    return true;
}

static void lifecycle_policy_validate(struct op *op)
{
    const struct value *policy = value_member(op->config, "policy");
    region_validate(op);
    if (policy->kind != VALUE_STRING)
        return;
    const struct lifecycle_finding *f = lifecycle_policy_check(op->arena, policy->text);
    for (; f; f = f->next) {
        if (f->is_error)
            op_fail(op, "policy", "Invalid lifecycle policy", "At %s in policy: %s", f->path,
                    f->text);
        else
            op_warn(op, "policy", "Questionable lifecycle policy", "At %s in policy: %s", f->path,
                    f->text);
    }
}

/* Filters of tags that the repository's mutability makes exceptions for, as they are planned or
 * are; an empty list when they cannot be found out. */
static const struct value *exclusions(struct op *op, const struct value *repository)
{
    op->deadline_ms = op->os->monotonic_ms(op->os) + LOOK_MS;
    const struct value *planned = planned_get(op_ecr(op)->exclusions, op->arena, repository->text);
    if (!value_is_null(planned))
        return planned;
    struct aws_result r = op_describe(op, DESCRIBE_REPOSITORY, repository->text);
    return value_member(describe_find(DESCRIBE_REPOSITORY, r.output, repository->text),
                        "imageTagMutabilityExclusionFilters");
}

static void warn_of_reach(struct op *op, const char *policy, const char *repository,
                          const char *filter)
{
    long long priority = lifecycle_reaches(op->arena, policy, filter);
    if (priority)
        op_warn(op, "policy", "Lifecycle policy covers excluded tags",
                "The rule with rulePriority %lld can take away an image that carries a tag \"%s\", "
                "which the image_tag_mutability_exclusion_filter of repository %s names.\n\nAn "
                "image belongs to the first rule that selects it. To keep it, put a rule before "
                "this one that selects such tags and keeps as many images as there are tags.",
                priority, filter, repository);
}

static void lifecycle_policy_review(struct op *op)
{
    const struct value *policy = value_member(op->plan, "policy");
    const struct value *repository = value_member(op->plan, "repository");
    if (!op->meta || policy->kind != VALUE_STRING || repository->kind != VALUE_STRING ||
        !op_changed(op, "policy"))
        return;
    const struct value *filters = exclusions(op, repository);
    for (size_t i = 0; i < value_count(filters); i++) {
        const struct value *filter = value_member(value_item(filters, i), "filter");
        if (filter->kind == VALUE_STRING)
            warn_of_reach(op, policy->text, repository->text, filter->text);
    }
}

const struct resource ecr_lifecycle_policy = {
    .schema = &ecr_lifecycle_policy_schema,
    .create = put,
    .read = lifecycle_policy_read,
    .update = put,
    .delete = lifecycle_policy_delete,
    .validate = lifecycle_policy_validate,
    .review = lifecycle_policy_review,
};
