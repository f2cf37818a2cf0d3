/* Tags of the provider and of the resource, and which of AWS's belong to which. */
#include "resources/tagging.h"

#include "aws/partition.h"
#include "ecr/tags.h"
#include "resources/common.h"

#include <string.h>

static const struct value *without_ignored(const struct op *op, const struct value *tags)
{
    return tags_without_ignored(op->arena, tags, op_ecr(op)->ignored_keys,
                                op_ecr(op)->ignored_prefixes);
}

/* The members of tags that are ignored. */
static const struct value *ignored_of(const struct op *op, const struct value *tags)
{
    const struct value *given = tags_merge(op->arena, &value_null, tags);
    return tags_minus(op->arena, given, without_ignored(op, given));
}

void tagging_plan(struct op *op)
{
    const struct value *tags = value_member(op->plan, "tags");
    const struct value *all = &value_unknown;

    if (op->meta && value_is_known(tags))
        all = without_ignored(op, tags_merge(op->arena, op_ecr(op)->default_tags, tags));
    op->plan = value_with(op->arena, op->plan, "tags_all", all);
}

/* AWS does not say which tags come from default_tags: those that equal one do, unless the resource
 * has the same tag itself. */
static const struct value *own_tags(const struct op *op, const struct value *all)
{
    struct arena *a = op->arena;
    const struct value *prior = value_member(op->prior, "tags");
    const struct value *own = tags_minus(a, all, op_ecr(op)->default_tags);

    for (size_t i = 0; i < value_count(prior); i++) {
        const struct member *m = &prior->map.members[i];
        if (!value_is_null(m->value) && !value_is_null(value_member(all, m->key)))
            own = value_with(a, own, m->key, value_member(all, m->key));
    }
    own = tags_merge(a, ignored_of(op, prior), own);
    if (value_equal(own, tags_merge(a, &value_null, prior)))
        return prior; /* null or {} as it was, null values too */
    return value_count(own) ? own : &value_null;
}

bool tagging_is_unsupported(const struct op *op, const struct aws_error *error)
{
    static const char *const codes[] = {
        "AccessDenied",          "AuthorizationError",  "InternalException",
        "InternalServiceError",  "InvalidAction",       "InvalidParameterException",
        "InvalidParameterValue", "InvalidRequest",      "OperationDisabled",
        "OperationNotPermitted", "UnknownOperation",    "UnsupportedFeature",
        "UnsupportedOperation",  "ValidationException",
    };
    const struct aws_client *client = op_ecr(op)->client;
    if (!error || !client || strcmp(partition_or_aws(aws_client_region(client))->id, "aws") == 0)
        return false;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strstr(error->code, codes[i]))
            return true;
    return false;
}

struct aws_result tagging_list(const struct op *op, const char *arn)
{
    return op_call(op, "ListTagsForResource",
                   MAP(op->arena, {"resourceArn", value_string(op->arena, arn)}));
}

/* What cannot be asked for stays as it is in the state. */
static bool keep_tags(struct op *op)
{
    op->state = value_with(op->arena, op->state, "tags", value_member(op->prior, "tags"));
    op->state = value_with(op->arena, op->state, "tags_all", value_member(op->prior, "tags_all"));
    return true;
}

bool tagging_take(struct op *op, struct aws_result r)
{
    if (aws_error_is(r.error, "RepositoryNotFoundException"))
        return op_gone(op);
    if (tagging_is_unsupported(op, r.error))
        return keep_tags(op);
    if (r.error)
        return op_fail_aws(op, NULL, "Cannot read the tags of the ECR repository", r.error);

    const struct value *list = value_member(r.output, "tags");
    if (!value_is_null(list) && list->kind != VALUE_LIST)
        return op_fail_answer(op, "tags", "list of tags");
    const struct value *all = without_ignored(op, tags_from_list(op->arena, list));
    op->state = value_with(op->arena, op->state, "tags", own_tags(op, all));
    op->state = value_with(op->arena, op->state, "tags_all", all);
    return true;
}

bool tagging_read(struct op *op, const char *arn)
{
    return tagging_take(op, tagging_list(op, arn));
}

static const struct value *keys(struct arena *a, const struct value *map)
{
    const struct value **items = arena_array(a, value_count(map), sizeof *items);
    for (size_t i = 0; i < value_count(map); i++)
        items[i] = value_string(a, map->map.members[i].key);
    return value_list(a, items, value_count(map));
}

static const struct value *gone_tags(struct arena *a, const struct value *old,
                                     const struct value *new)
{
    for (size_t i = 0; i < value_count(new); i++)
        old = value_without(a, old, new->map.members[i].key);
    return old;
}

bool tagging_create(struct op *op, const char *arn)
{
    struct arena *a = op->arena;
    const struct value *tags = tags_to_list(a, value_member(op->plan, "tags_all"));
    struct aws_result r =
        op_call(op, "TagResource", MAP(a, {"resourceArn", value_string(a, arn)}, {"tags", tags}));
    if (!r.error ||
        (tagging_is_unsupported(op, r.error) && value_count(value_member(op->plan, "tags")) == 0))
        return true;
    return op_fail_aws(op, NULL, "Cannot tag the new ECR repository", r.error);
}

/* The rest of an update may fail, but these are gone. */
static void lose_tags(struct op *op, const struct value *gone)
{
    static const char *const names[] = {"tags", "tags_all"};
    for (size_t i = 0; i < 2; i++) {
        const struct value *left = value_member(op->state, names[i]);
        if (left->kind == VALUE_MAP)
            op->state =
                value_with(op->arena, op->state, names[i], gone_tags(op->arena, left, gone));
    }
}

bool tagging_update(struct op *op, const char *arn)
{
    static const struct aws_advice advice[] = {
        {"InvalidTagParameterException", "tags", NULL},
        {"TooManyTagsException", "tags", "A repository can have 50 tags, default_tags included."},
        {0},
    };
    struct arena *a = op->arena;
    const struct value *old = value_member(op->prior, "tags_all");
    const struct value *new = value_member(op->plan, "tags_all");
    const struct value *gone = gone_tags(a, old, new), *changed = tags_minus(a, new, old);
    const struct value *target = value_string(a, arn);
    struct aws_result r = {0};

    if (value_count(gone))
        r = op_call(op, "UntagResource",
                    MAP(a, {"resourceArn", target}, {"tagKeys", keys(a, gone)}));
    if (!r.error)
        lose_tags(op, gone);
    if (!r.error && value_count(changed))
        r = op_call(op, "TagResource",
                    MAP(a, {"resourceArn", target}, {"tags", tags_to_list(a, changed)}));
    if (r.error)
        return op_fail_aws(op, advice, "Cannot update the tags of the ECR repository", r.error);

    op_took(op, "tags");
    op_took(op, "tags_all");
    return true;
}
