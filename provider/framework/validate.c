/* Configuration against the table. Every complaint carries the attribute's path, which is put
 * together only when there is something to complain about. Unknown values are never judged. */
#include "framework/pattern.h"
#include "framework/provider.h"

#include <string.h>

/* Where in the configuration, as a chain up to the root. */
struct place {
    const struct place *up;
    const char *name; /* NULL for an index */
    size_t index;
    bool is_set; /* a path ends here: what is in a set has no place of its own */
};

static const char *full_path(struct arena *a, const struct place *place)
{
    if (!place)
        return "";
    const char *up = full_path(a, place->up);
    if (!place->name)
        return arena_printf(a, "%s[%zu]", up, place->index);
    return arena_printf(a, "%s%s%s", up, *up ? "." : "", place->name);
}

static const char *place_path(struct arena *a, const struct place *place)
{
    for (const struct place *up = place; up; up = up->up)
        if (up->is_set)
            place = up;
    return full_path(a, place);
}

static const char *join(struct arena *a, const char *const *words)
{
    const char *text = "";
    for (size_t i = 0; words[i]; i++)
        text = arena_printf(a, "%s%s\"%s\"", text,
                            i == 0         ? ""
                            : words[i + 1] ? ", "
                                           : " or ",
                            words[i]);
    return text;
}

static bool is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return true;
    return false;
}

const char *attr_complaint(struct arena *a, const struct attr *attr, const char *text)
{
    size_t length = strlen(text);

    if (attr->one_of && !is_one_of(text, attr->one_of))
        return arena_printf(a, "must be %s", join(a, attr->one_of));
    if (attr->min_length && length < (size_t)attr->min_length)
        return arena_printf(a, "must have at least %d characters", attr->min_length);
    if (attr->max_length && length > (size_t)attr->max_length)
        return arena_printf(a, "must have at most %d characters", attr->max_length);
    if (attr->pattern && !pattern_matches(attr->pattern, text))
        return arena_printf(a, "must be %s", attr->pattern_says);
    return attr->check ? attr->check(a, text) : NULL;
}

static const char *shorten(struct arena *a, const char *text)
{
    size_t size = strnlen(text, 81);
    while (size == 81 || (size && ((unsigned char)text[size] & 0xc0) == 0x80))
        size--;
    return text[size] ? arena_printf(a, "%.*s…", (int)size, text) : text;
}

static void check_text(struct op *op, const struct attr *attr, const char *text,
                       const struct place *place)
{
    bool blank = *text == '\0' && (attr->flags & BLANK_IS_NULL);
    const char *wrong = blank ? NULL : attr_complaint(op->arena, attr, text);
    if (!wrong)
        return;
    const char *summary = arena_printf(op->arena, "Invalid %s", attr->name);
    if (attr->flags & SENSITIVE)
        op_fail(op, place_path(op->arena, place), summary, "%s %s.", attr->name, wrong);
    else
        op_fail(op, place_path(op->arena, place), summary, "%s %s. It is \"%s\".", attr->name,
                wrong, shorten(op->arena, text));
}

static void check_object(struct op *op, const struct attr *attrs, const struct value *object,
                         const struct place *place);

static void check_count(struct op *op, const struct attr *attr, size_t count,
                        const struct place *place)
{
    int max = attr->type == TYPE_DEFAULTED_BLOCK ? 1 : attr->max_items;
    if (max && count > (size_t)max)
        op_fail(op, place_path(op->arena, place),
                arena_printf(op->arena, "Too many %s blocks", attr->name),
                "There are %zu %s blocks, and there can be at most %d.", count, attr->name, max);
}

static void check_blocks(struct op *op, const struct attr *attr, const struct value *list,
                         const struct place *place)
{
    check_count(op, attr, value_count(list), place);
    for (size_t i = 0; i < value_count(list); i++)
        check_object(op, attr->attrs, value_item(list, i), &(struct place){place, NULL, i, false});
}

static void check_texts(struct op *op, const struct attr *attr, const struct value *list,
                        const struct place *place)
{
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *item = value_item(list, i);
        const struct place at = {place, NULL, i, false};
        if (item->kind == VALUE_STRING)
            check_text(op, attr, item->text, &at);
        else if (item->kind == VALUE_NULL)
            op_fail(op, place_path(op->arena, &at),
                    arena_printf(op->arena, "Invalid %s", attr->name), "%s must not hold null.",
                    attr->name);
    }
}

static void check_attr(struct op *op, const struct attr *attr, const struct value *v,
                       const struct place *place)
{
    if (v->kind != VALUE_NULL && attr_is_read_only(attr))
        op_fail(op, place_path(op->arena, place),
                arena_printf(op->arena, "%s cannot be set", attr->name),
                "AWS sets %s; it can be read, but not configured.", attr->name);
    if (v->kind == VALUE_NULL && (attr->flags & REQUIRED))
        op_fail(op, place_path(op->arena, place), arena_printf(op->arena, "Missing %s", attr->name),
                "%s must be set.", attr->name);
    if (v->kind == VALUE_NULL || v->kind == VALUE_UNKNOWN)
        return;

    if (attr->flags & IGNORED)
        op_warn(op, place_path(op->arena, place),
                arena_printf(op->arena, "%s has no effect", attr->name),
                "%s is accepted because configuration written for the AWS provider has it. "
                "Nothing that this provider does depends on it.",
                attr->name);

    if (attr->type == TYPE_SINGLE_BLOCK)
        check_object(op, attr->attrs, v, place);
    else if (attr_has_rows(attr))
        check_blocks(op, attr, v, place);
    else if (attr_is_texts(attr))
        check_texts(op, attr, v, place);
    else if (attr->type == TYPE_STRING)
        check_text(op, attr, v->text, place);
}

static void check_object(struct op *op, const struct attr *attrs, const struct value *object,
                         const struct place *place)
{
    if (object->kind != VALUE_MAP)
        return;
    for (; attrs->name; attrs++)
        check_attr(op, attrs, value_member(object, attrs->name),
                   &(struct place){place, attrs->name, 0, attr_is_set(attrs)});
}

void provider_validate_config(struct op *op)
{
    check_object(op, op->provider->schema->attrs, op->config, NULL);
    if (!op_failed(op) && op->provider->validate)
        op->provider->validate(op);
}

void resource_validate_config(struct op *op)
{
    check_object(op, op->schema->attrs, op->config, NULL);
    if (!op_failed(op) && op->resource->validate)
        op->resource->validate(op);
}

void data_source_validate_config(struct op *op, const struct data_source *source)
{
    check_object(op, source->schema->attrs, op->config, NULL);
    if (!op_failed(op) && source->validate)
        source->validate(op);
}
