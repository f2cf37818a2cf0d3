/* ecr_repository: create, read, update and delete by ECR's calls. */
#include "ecr/kms_key.h"
#include "ecr/planned.h"
#include "ecr/tags.h"
#include "resources/adopt.h"
#include "resources/common.h"
#include "resources/registry.h"
#include "resources/tagging.h"
#include "schema/schema.h"

#include <string.h>

static const char exists[] = "RepositoryAlreadyExistsException";
static const char *const not_found[] = {"RepositoryNotFoundException", NULL};

static const struct aws_advice advice[] = {
    {exists, "name",
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

/* The state keeps an omitted key omitted, so the key in use is remembered beside it. */
static bool take(struct op *op, const struct value *repository)
{
    op_remember(op, "kms_key", value_get(repository, "encryptionConfiguration.kmsKey"));
    return op_set_remote(op, repository);
}

/* NULL when AWS's tags of the repository are the planned ones; else why they are not, as the end of
 * a sentence that begins with the repository. */
static const char *tags_refusal(const struct op *op, const struct value *repository)
{
    const struct value *input =
        MAP(op->arena, {"resourceArn", value_member(repository, "repositoryArn")});
    struct aws_result r = op_call(op, "ListTagsForResource", input);
    if (r.error)
        return arena_printf(op->arena, "has tags that cannot be read (%s: %s)", r.error->code,
                            r.error->message);
    const struct value *wanted =
        tags_merge(op->arena, &value_null, value_member(op->plan, "tags_all"));
    const struct value *found =
        tags_without_ignored(op->arena, tags_from_list(op->arena, value_member(r.output, "tags")),
                             op_ecr(op)->ignored_keys, op_ecr(op)->ignored_prefixes);
    bool same = value_count(tags_minus(op->arena, wanted, found)) == 0 &&
                value_count(tags_minus(op->arena, found, wanted)) == 0;
    return same ? NULL : "has other tags than are asked for";
}

/* An attempt whose answer was lost may have made the repository. */
static bool adopt(struct op *op, const struct aws_error *error, int64_t start_ms)
{
    static const struct adoption how = {
        .operation = "DescribeRepositories",
        .kind = DESCRIBE_REPOSITORY,
        .exists = exists,
        .not_found = not_found,
        .path = "name",
        .what = "Cannot create the ECR repository",
        .advice = advice,
    };
    const struct value *found =
        adopt_find(op, &how, by_name(op, value_member(op->plan, "name")), error, start_ms);
    if (!found)
        return false;
    const char *why = tags_refusal(op, found);
    if (why)
        return adopt_fail(op, &how, error, why);
    return take(op, found);
}

static struct aws_result create(const struct op *op, const struct value *input)
{
    return op_call_for(op, "CreateRepository", input, "repository.repositoryName",
                       value_text(op->plan, "name"));
}

/* With its tags, if that can be; *ret_untagged tells whether they are still to be put. */
static struct aws_result call_create(struct op *op, bool *ret_untagged)
{
    const struct value *input = op_expand(op), *tags = value_member(op->plan, "tags_all");
    *ret_untagged = false;
    if (value_count(tags) == 0)
        return create(op, input);
    struct aws_result r =
        create(op, value_with(op->arena, input, "tags", tags_to_list(op->arena, tags)));
    if (!tagging_is_unsupported(op, r.error) || r.error->in_doubt)
        return r;
    *ret_untagged = true;
    return create(op, input);
}

static bool repository_create(struct op *op)
{
    int64_t start_ms = op->os->now_ms(op->os);
    bool untagged;
    struct aws_result r = call_create(op, &untagged);
    if (r.error && r.error->in_doubt)
        return adopt(op, r.error, start_ms);
    if (r.error)
        return op_fail_aws(op, advice, "Cannot create the ECR repository", r.error);

    take(op, value_member(r.output, "repository"));
    if (untagged && !tagging_create(op, value_text(r.output, "repository.repositoryArn")))
        return false;
    op_await(op, "DescribeRepositories", by_name(op, value_member(op->plan, "name")), not_found);
    return true;
}

/* Of tags that were read by the state's ARN: they are not those of a repository that has just come,
 * or of one of the same name in another account. */
static bool are_of(struct aws_result tags, const struct op *op, const char *arn)
{
    return *arn && strcmp(value_text(op->prior, "arn"), arn) == 0 &&
           !aws_error_is(tags.error, "RepositoryNotFoundException");
}

static bool take_answers(struct op *op, struct aws_result answer, struct aws_result tags)
{
    const struct value *repository;
    if (!op_described(op, DESCRIBE_REPOSITORY, answer.output, value_text(op->prior, "name"),
                      &repository) ||
        !take(op, repository))
        return false;
    const char *arn = value_text(repository, "repositoryArn");
    if (!*arn)
        return op_fail_answer(op, "arn", "repositoryArn");
    return are_of(tags, op, arn) ? tagging_take(op, tags) : tagging_read(op, arn);
}

/* Tags are read while others come who read a repository. Where AWS was asked for them until no
 * attempt was left, it is not asked for the repository, too. */
static bool repository_read(struct op *op)
{
    const char *arn = value_text(op->prior, "arn");
    struct describe_reading *reading =
        describe_begin(op_ecr(op), op->arena, DESCRIBE_REPOSITORY, value_text(op->prior, "name"));
    struct aws_result tags =
        *arn ? tagging_list(op, arn) : (struct aws_result){&value_empty_map, NULL, false};
    if (tags.error && tags.error->exhausted && !tagging_is_unsupported(op, tags.error)) {
        describe_abandon(reading);
        return tagging_take(op, tags);
    }
    struct aws_result r = describe_end(reading, op->deadline_ms);
    if (aws_error_is(r.error, "RepositoryNotFoundException"))
        return op_gone(op);
    if (r.error)
        return op_fail_aws(op, advice, "Cannot read the ECR repository", r.error);
    return take_answers(op, r, tags);
}

static struct aws_result change(const struct op *op, const char *operation,
                                const struct value *input)
{
    return op_call_for(op, operation, input, "repositoryName", value_text(op->prior, "name"));
}

static bool update_mutability(struct op *op)
{
    const struct value *wanted = op_expand(op), *input = target(op);
    static const char *const members[] = {"imageTagMutability",
                                          "imageTagMutabilityExclusionFilters"};
    for (size_t i = 0; i < 2; i++)
        input = value_with(op->arena, input, members[i], value_member(wanted, members[i]));

    struct aws_result r = change(op, "PutImageTagMutability", input);
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
        change(op, "PutImageScanningConfiguration",
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
                         "ECR repository is still there");
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
    region_validate(op);
    check_exclusions(op);
    check_filters(op);
    check_key(op);
}

/* Warns of a change that takes protection away. */
static void warn_of_loosening(struct op *op)
{
    const char *before = value_text(op->prior, "image_tag_mutability");
    const char *after = value_text(op->plan, "image_tag_mutability");
    const char *name = value_text(op->prior, "name");

    if (strncmp(before, "IMMUTABLE", 9) == 0 && strncmp(after, "MUTABLE", 7) == 0)
        op_warn(
            op, "image_tag_mutability", "Tags will no longer be immutable",
            "image_tag_mutability of ECR repository %s goes from %s to %s: tags that stand for one "
            "image today can then be moved to another.",
            name, before, after);
    if (value_is_true(op->prior, "image_scanning_configuration[0].scan_on_push") &&
        !value_is_true(op->plan, "image_scanning_configuration[0].scan_on_push"))
        op_warn(
            op, "image_scanning_configuration", "Images will no longer be scanned on push",
            "scan_on_push of ECR repository %s is turned off. Unless the registry's own scanning "
            "rules cover it, new images are no longer scanned for vulnerabilities.",
            name);
}

/* Naming the key that is in use already changes nothing at AWS. */
static void keep_named_key(struct op *op)
{
    const struct value *before = value_get(op->prior, "encryption_configuration[0]");
    const struct value *after = value_get(op->plan, "encryption_configuration[0]");
    const struct value *key = value_member(after, "kms_key");
    const char *in_use = value_text(op->private, "kms_key");

    if (key->kind == VALUE_STRING && *in_use && value_is_null(value_member(before, "kms_key")) &&
        value_equal(value_member(before, "encryption_type"),
                    value_member(after, "encryption_type")) &&
        kms_key_same(op->arena, key->text, in_use))
        op_keep_object(op, "encryption_configuration");
}

/* For the plan of a lifecycle policy, which may take such tags away. */
static void remember_exclusions(struct op *op)
{
    static const char filters[] = "image_tag_mutability_exclusion_filter";
    if (op->meta && op_changed(op, filters) && value_is_known(value_member(op->plan, "name")))
        planned_put(op_ecr(op)->exclusions, value_text(op->plan, "name"),
                    value_member(op->plan, filters));
}

static void repository_review(struct op *op)
{
    keep_named_key(op);
    remember_exclusions(op);
    if (!value_is_null(op->prior) && op->replace_count == 0)
        warn_of_loosening(op);
}

const struct resource ecr_repository = {
    .schema = &ecr_repository_schema,
    .create = repository_create,
    .read = repository_read,
    .update = repository_update,
    .delete = repository_delete,
    .validate = repository_validate,
    .plan = tagging_plan,
    .review = repository_review,
};
