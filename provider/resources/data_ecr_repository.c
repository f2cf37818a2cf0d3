/* Data source ecr_repository: the repository, its tags, and the tags of its newest image. */
#include "ecr/tags.h"
#include "resources/common.h"
#include "resources/registry.h"
#include "resources/seconds.h"
#include "schema/schema.h"

#include <string.h>

#define IMAGES_AT_ONCE 1000 /* the most that ECR gives */

static const char what[] = "Cannot read the ECR repository";
static const char what_images[] = "Cannot list the images of the ECR repository";

static const struct value *owner(const struct op *op)
{
    return value_member(op->config, "registry_id");
}

/* The newer of two images; null is older than any. */
static const struct value *newer(const struct value *x, const struct value *y)
{
    int64_t at_x = seconds_parse(value_text(x, "imagePushedAt"));
    int64_t at_y = seconds_parse(value_text(y, "imagePushedAt"));
    return value_is_null(x) || at_y > at_x ? y : x;
}

/* All pages are looked through, since ECR knows no order; one image is kept. */
static bool newest_image(struct op *op, const struct value **ret_image)
{
    struct arena *a = op->arena;
    const struct value *input =
        MAP(a, {"repositoryName", value_member(op->config, "name")}, {"registryId", owner(op)},
            {"maxResults", value_int(a, IMAGES_AT_ONCE)});
    *ret_image = &value_null;
    for (;;) {
        struct aws_result r = op_call(op, "DescribeImages", input);
        if (r.error)
            return op_fail_aws(op, NULL, what_images, r.error);
        const struct value *images = value_member(r.output, "imageDetails");
        for (size_t i = 0; i < value_count(images); i++)
            *ret_image = newer(*ret_image, value_item(images, i));
        const struct value *token = value_member(r.output, "nextToken");
        if (token->kind != VALUE_STRING || !*token->text)
            return true;
        if (op->os->monotonic_ms(op->os) >= op->deadline_ms)
            return op_fail(op, "list_images", what_images,
                           "There are more pages of images than AWS gave in the time there is. Set "
                           "list_images to false if most_recent_image_tags is not needed.");
        input = value_with(a, input, "nextToken", token);
    }
}

static bool read_image_tags(struct op *op)
{
    const struct value *wanted = value_member(op->config, "list_images"), *image = &value_null;
    bool skip = wanted->kind == VALUE_BOOL && !wanted->boolean;
    if (!skip && !newest_image(op, &image))
        return false;
    const struct value *tags = value_member(image, "imageTags");
    op->state = value_with(op->arena, op->state, "most_recent_image_tags",
                           tags->kind == VALUE_LIST ? tags : &value_empty_list);
    return true;
}

static bool read_tags(struct op *op)
{
    struct aws_result r = op_call(op, "ListTagsForResource",
                                  MAP(op->arena, {"resourceArn", value_member(op->state, "arn")}));
    if (r.error)
        return op_fail_aws(op, NULL, "Cannot read the tags of the ECR repository", r.error);
    const struct value *tags =
        tags_without_ignored(op->arena, tags_from_list(op->arena, value_member(r.output, "tags")),
                             op_ecr(op)->ignored_keys, op_ecr(op)->ignored_prefixes);
    op->state = value_with(op->arena, op->state, "tags", tags);
    return true;
}

static bool repository_read(struct op *op)
{
    const struct value *name = value_member(op->config, "name");
    struct aws_result r = op_call(
        op, "DescribeRepositories",
        MAP(op->arena, {"repositoryNames", LIST(op->arena, name)}, {"registryId", owner(op)}));
    if (aws_error_is(r.error, "RepositoryNotFoundException"))
        return op_fail(op, "name", "No such ECR repository",
                       "couldn't find resource: there is no repository %s in %s.\n%s: %s",
                       name->text, value_text(op->prior, "region"), r.error->code,
                       r.error->message);
    if (r.error)
        return op_fail_aws(op, NULL, what, r.error);
    const struct value *repository;
    if (!op_only(op, r.output, "repositories", &repository))
        return false;
    if (value_is_null(repository))
        return op_fail(op, "name", what, "AWS's answer has no repository in it.");
    op_set_remote(op, repository);
    return read_tags(op) && read_image_tags(op);
}

const struct data_source data_ecr_repository = {
    .schema = &data_ecr_repository_schema,
    .read = repository_read,
    .validate = region_validate,
};
