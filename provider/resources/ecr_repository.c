/* ecr_repository: create, read, update and delete by ECR's calls. */
#include "ecr/tags.h"
#include "resources/common.h"
#include "resources/registry.h"
#include "resources/tagging.h"
#include "schema/schema.h"

#include <string.h>

static const char *const not_found[] = {"RepositoryNotFoundException", NULL};

static const struct aws_advice advice[] = {
    {"RepositoryAlreadyExistsException", "name",
     "Choose another name, or take the repository that is there into the state:\n"
     "  terraform import ADDRESS NAME"},
    {"InvalidParameterException", "", NULL},
    {"InvalidTagParameterException", "tags", NULL},
    {"TooManyTagsException", "tags", "A repository can have 50 tags, default_tags included."},
    {"KmsException", "encryption_configuration",
     "Check that the key exists in this region and that its policy lets ECR use it."},
    {0},
};

static const struct value *by_name(const struct op *op, const struct value *name)
{
    return MAP(op->arena, {"repositoryNames", LIST(op->arena, name)});
}

/* Names the repository in a call that changes it. */
static const struct value *target(const struct op *op)
{
    const struct value *registry = value_member(op->prior, "registry_id");
    return MAP(op->arena, {"repositoryName", value_member(op->prior, "name")},
               {"registryId", registry});
}

static bool repository_create(struct op *op)
{
    const struct value *input = op_expand(op);
    const struct value *tags = value_member(op->plan, "tags_all");
    if (value_count(tags))
        input = value_with(op->arena, input, "tags", tags_to_list(op->arena, tags));

    struct aws_result r = op_call(op, "CreateRepository", input);
    if (r.error)
        return op_fail_aws(op, advice, "Cannot create the ECR repository", r.error);

    op_set_remote(op, value_member(r.output, "repository"));
    op_await(op, "DescribeRepositories", by_name(op, value_member(op->plan, "name")), not_found);
    return true;
}

static bool repository_read(struct op *op)
{
    struct aws_result r =
        op_call(op, "DescribeRepositories", by_name(op, value_member(op->prior, "id")));
    if (aws_error_is(r.error, "RepositoryNotFoundException"))
        return op_gone(op);
    if (r.error)
        return op_fail_aws(op, advice, "Cannot read the ECR repository", r.error);

    const struct value *repository = value_get(r.output, "repositories[0]");
    if (value_is_null(repository))
        return op_gone(op);
    op_set_remote(op, repository);
    return tagging_read(op, value_text(repository, "repositoryArn"));
}

static bool update_mutability(struct op *op)
{
    const struct value *wanted = op_expand(op), *input = target(op);
    static const char *const members[] = {"imageTagMutability",
                                          "imageTagMutabilityExclusionFilters"};
    for (size_t i = 0; i < 2; i++)
        input = value_with(op->arena, input, members[i], value_member(wanted, members[i]));

    struct aws_result r = op_call(op, "PutImageTagMutability", input);
    if (r.error)
        return op_fail_aws(op, advice, "Cannot change the tag mutability of the ECR repository",
                           r.error);
    op_took(op, "image_tag_mutability");
    op_took(op, "image_tag_mutability_exclusion_filter");
    return true;
}

static bool update_scanning(struct op *op)
{
    const struct value *plan = value_member(op->plan, "image_scanning_configuration");
    const struct value *scanning =
        MAP(op->arena, {"scanOnPush", value_bool(value_is_true(plan, "[0].scan_on_push"))});

    struct aws_result r =
        op_call(op, "PutImageScanningConfiguration",
                value_with(op->arena, target(op), "imageScanningConfiguration", scanning));
    if (r.error)
        return op_fail_aws(op, advice, "Cannot change the image scanning of the ECR repository",
                           r.error);
    op_took(op, "image_scanning_configuration");
    return true;
}

static bool repository_update(struct op *op)
{
    op->state = op->prior;
    if (op_changed(op, "tags_all") && !tagging_update(op, value_text(op->prior, "arn")))
        return false;
    if ((op_changed(op, "image_tag_mutability") ||
         op_changed(op, "image_tag_mutability_exclusion_filter")) &&
        !update_mutability(op))
        return false;
    if (op_changed(op, "image_scanning_configuration") && !update_scanning(op))
        return false;
    return op_set_state(op, op->plan);
}

static bool repository_delete(struct op *op)
{
    const struct value *force = value_member(op->prior, "force_delete");
    struct aws_result r =
        op_call(op, "DeleteRepository", value_with(op->arena, target(op), "force", force));
    if (aws_error_is(r.error, "RepositoryNotFoundException"))
        return true;
    if (aws_error_is(r.error, "RepositoryNotEmptyException"))
        return op_fail(op, "force_delete", "ECR repository is not empty",
                       "ECR repository %s still holds images, so AWS did not delete it "
                       "(RepositoryNotEmptyException, request id %s).\n\nDelete the images, or set "
                       "force_delete = true, run terraform apply, and destroy it then.",
                       value_text(op->prior, "name"), r.error->request_id);
    if (r.error)
        return op_fail_aws(op, advice, "Cannot delete the ECR repository", r.error);
    return op_await_gone(op, "DescribeRepositories", by_name(op, value_member(op->prior, "name")),
                         not_found, "ECR repository is still there");
}

static void check_exclusions(struct op *op)
{
    const struct value *mutability = value_member(op->config, "image_tag_mutability");
    const struct value *filters = value_member(op->config, "image_tag_mutability_exclusion_filter");
    if (value_is_unknown(mutability) || value_is_unknown(filters))
        return;

    const char *text = value_text(mutability, "");
    bool excludes = strstr(text, "_WITH_EXCLUSION") != NULL;
    if (excludes && value_count(filters) == 0)
        op_fail(op, "image_tag_mutability", "Missing exclusion filter",
                "image_tag_mutability is %s, so at least one image_tag_mutability_exclusion_filter "
                "block must say which tags are excluded.",
                text);
    if (!excludes && value_count(filters) > 0)
        op_fail(op, "image_tag_mutability_exclusion_filter", "Exclusion filter without effect",
                "image_tag_mutability_exclusion_filter needs image_tag_mutability to be "
                "IMMUTABLE_WITH_EXCLUSION or MUTABLE_WITH_EXCLUSION. It is %s.",
                *text ? text : "not set, which means MUTABLE");
}

static void check_filters(struct op *op)
{
    const struct value *filters = value_member(op->config, "image_tag_mutability_exclusion_filter");
    for (size_t i = 0; i < value_count(filters); i++) {
        const char *filter = value_text(value_item(filters, i), "filter"), *star = filter;
        int stars = 0;
        while ((star = strchr(star, '*')) && ++stars)
            star++;
        if (stars > 2)
            op_fail(op,
                    arena_printf(op->arena, "image_tag_mutability_exclusion_filter[%zu].filter", i),
                    "Invalid filter", "filter can have at most two *. It is \"%s\".", filter);
    }
}

static void check_key(struct op *op)
{
    const struct value *block = value_get(op->config, "encryption_configuration[0]");
    const struct value *type = value_member(block, "encryption_type");
    if (value_is_unknown(type) || value_is_null(value_member(block, "kms_key")))
        return;
    if (value_is_null(type) || strcmp(type->text, "AES256") == 0)
        op_fail(op, "encryption_configuration[0].kms_key", "KMS key without KMS encryption",
                "kms_key needs encryption_type to be KMS or KMS_DSSE. It is AES256%s.",
                value_is_null(type) ? ", because it is not set" : "");
}

static void repository_validate(struct op *op)
{
    check_exclusions(op);
    check_filters(op);
    check_key(op);
}

const struct resource ecr_repository = {
    .schema = &ecr_repository_schema,
    .create = repository_create,
    .read = repository_read,
    .update = repository_update,
    .delete = repository_delete,
    .validate = repository_validate,
    .plan = tagging_plan,
};
