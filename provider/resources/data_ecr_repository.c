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

/* What the search for the newest image has found so far. */
struct search {
    const struct value *image; /* null before the first */
    const struct value *token; /* of the next page; null when there is none */
};

static bool is_text(const struct value *v)
{
    return v->kind == VALUE_STRING && *v->text;
}

/* Looks through a page, in an arena of its own: there may be very many. */
static bool look_through(struct op *op, const struct value *input, struct arena *page,
                         struct search *search)
{
    struct aws_result r = ecr_call(op_ecr(op), page, "DescribeImages", input, op->deadline_ms);
    if (r.error)
        return op_fail_aws(op, NULL, what_images, r.error);
    const struct value *images = value_member(r.output, "imageDetails"), *image = search->image;
    const struct value *token = value_member(r.output, "nextToken");
    for (size_t i = 0; i < value_count(images); i++)
        image = newer(image, value_item(images, i));
    if (is_text(token) && value_equal(token, search->token))
        return op_fail(op, "list_images", what_images,
                       "AWS's answer to the request for the next page names the same page again.");
    search->image = value_copy(op->arena, image);
    search->token = is_text(token) ? value_copy(op->arena, token) : &value_null;
    return true;
}

/* All pages are looked through, since ECR knows no order; one image is kept. */
static bool newest_image(struct op *op, const struct value **ret_image)
{
    struct arena *a = op->arena;
    struct search search = {&value_null, &value_null};
    const struct value *first =
        MAP(a, {"repositoryName", value_member(op->config, "name")}, {"registryId", owner(op)},
            {"maxResults", value_int(a, IMAGES_AT_ONCE)});
    for (;;) {
        struct arena page = {0};
        bool looked =
            look_through(op, value_with(&page, first, "nextToken", search.token), &page, &search);
        arena_reset(&page);
        if (!looked)
            return false;
        if (value_is_null(search.token))
            break;
        if (op->os->monotonic_ms(op->os) >= op->deadline_ms)
            return op_fail(op, "list_images", what_images,
                           "There are more pages of images than AWS gave in the time there is. Set "
                           "list_images to false if most_recent_image_tags is not needed.");
    }
    *ret_image = search.image;
    return true;
}

static bool read_image_tags(struct op *op)
{
    const struct value *wanted = value_member(op->config, "list_images"), *image = &value_null;
    bool skip = wanted->kind == VALUE_BOOL && !wanted->boolean;
    if (!skip && !newest_image(op, &image))
        return false;
    const struct value *tags = value_member(image, "imageTags");
    for (size_t i = 0; i < value_count(tags); i++)
        if (value_item(tags, i)->kind != VALUE_STRING)
            return op_fail_answer(op, "most_recent_image_tags", "list of texts for imageTags");
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
    return op_described(op, DESCRIBE_REPOSITORY, r.output, name->text, &repository) &&
           op_set_remote(op, repository) && read_tags(op) && read_image_tags(op);
}

const struct data_source data_ecr_repository = {
    .schema = &data_ecr_repository_schema,
    .read = repository_read,
    .validate = region_validate,
};
