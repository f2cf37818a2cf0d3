/* Between the table's shape and AWS's: request bodies out of a plan, state out of an answer. A
 * row's .wire names its member; rows of blocks nest the same way. */
#include "framework/provider.h"

#include <string.h>

static const struct value *expand_rows(struct arena *a, const struct attr *attrs,
                                       const struct value *object);

static const struct value *expand_list(struct arena *a, const struct attr *attr,
                                       const struct value *list)
{
    const struct value **items = arena_array(a, value_count(list), sizeof *items);
    for (size_t i = 0; i < value_count(list); i++)
        items[i] = expand_rows(a, attr->attrs, value_item(list, i));
    return value_count(list) ? value_list(a, items, value_count(list)) : &value_null;
}

/* With the defaults of what an object's rows leave out, so that AWS is told in full. */
static const struct value *expand_value(struct arena *a, const struct attr *attr,
                                        const struct value *v)
{
    if (v->kind == VALUE_UNKNOWN)
        return &value_null;
    if (attr->type == TYPE_DEFAULTED_BLOCK)
        return value_count(v) ? expand_rows(a, attr->attrs, value_item(v, 0)) : &value_null;
    if (attr_is_many_blocks(attr))
        return expand_list(a, attr, v);
    if (v->kind == VALUE_NULL)
        return attr_default(a, attr);
    return v->kind == VALUE_STRING && !v->text[0] ? &value_null : v;
}

static const struct value *expand_rows(struct arena *a, const struct attr *attrs,
                                       const struct value *object)
{
    const struct value *body = &value_empty_map;
    for (; attrs->name; attrs++) {
        if (!attrs->wire || attr_is_read_only(attrs))
            continue;
        const struct value *v = expand_value(a, attrs, value_member(object, attrs->name));
        if (!value_is_null(v))
            body = value_with(a, body, attrs->wire, v);
    }
    return body;
}

const struct value *op_expand(const struct op *op)
{
    const struct value *object = op->plan;
    for (const struct attr *row = op->schema->attrs; row->name; row++)
        if (row->type == TYPE_DEFAULTED_BLOCK && value_is_null(value_member(op->config, row->name)))
            object = value_with(op->arena, object, row->name, &value_null);
    return expand_rows(op->arena, op->schema->attrs, object);
}

static const struct value *flatten_rows(struct arena *a, const struct attr *attrs,
                                        const struct value *remote);

static const struct value *flatten_list(struct arena *a, const struct attr *attr,
                                        const struct value *remote)
{
    const struct value **items = arena_array(a, value_count(remote), sizeof *items);
    for (size_t i = 0; i < value_count(remote); i++)
        items[i] = flatten_rows(a, attr->attrs, value_item(remote, i));
    return value_list(a, items, value_count(remote));
}

static const struct value *flatten_value(struct arena *a, const struct attr *attr,
                                         const struct value *remote)
{
    if (attr->type == TYPE_DEFAULTED_BLOCK)
        return value_is_null(remote) ? attr_default_block(a, attr)
                                     : LIST(a, flatten_rows(a, attr->attrs, remote));
    if (attr->type == TYPE_OBJECTS && remote->kind == VALUE_MAP)
        return LIST(a, flatten_rows(a, attr->attrs, remote));
    if (attr_is_many_blocks(attr) || attr->type == TYPE_OBJECTS)
        return flatten_list(a, attr, remote);
    return remote->kind == VALUE_STRING && !remote->text[0] ? &value_null : remote;
}

static const struct value *flatten_rows(struct arena *a, const struct attr *attrs,
                                        const struct value *remote)
{
    const struct value *object = &value_empty_map;
    for (; attrs->name; attrs++) {
        const struct value *v = attrs->wire ? value_member(remote, attrs->wire) : &value_null;
        object = value_with(a, object, attrs->name, flatten_value(a, attrs, v));
    }
    return object;
}

static bool has_types(const struct attr *attrs, const struct value *remote);

static bool all_have_types(const struct attr *attr, const struct value *remote)
{
    for (size_t i = 0; i < value_count(remote); i++)
        if (!has_types(attr->attrs, value_item(remote, i)))
            return false;
    return remote->kind == VALUE_LIST;
}

static bool are_texts(const struct value *remote)
{
    for (size_t i = 0; i < value_count(remote); i++)
        if (value_item(remote, i)->kind != VALUE_STRING)
            return false;
    return remote->kind == VALUE_LIST;
}

/* AWS's answer is of the row's type, or absent. */
static bool has_type(const struct attr *attr, const struct value *remote)
{
    if (value_is_null(remote))
        return true;
    switch (attr->type) {
    case TYPE_BOOL:
        return remote->kind == VALUE_BOOL;
    case TYPE_NUMBER:
        return remote->kind == VALUE_NUMBER;
    case TYPE_STRING:
        return remote->kind == VALUE_STRING;
    case TYPE_STRING_MAP:
        return remote->kind == VALUE_MAP;
    case TYPE_STRING_LIST:
    case TYPE_STRING_SET:
        return are_texts(remote);
    case TYPE_DEFAULTED_BLOCK:
    case TYPE_SINGLE_BLOCK:
        return has_types(attr->attrs, remote);
    case TYPE_OBJECTS:
        return remote->kind == VALUE_MAP ? has_types(attr->attrs, remote)
                                         : all_have_types(attr, remote);
    case TYPE_BLOCKS:
    case TYPE_BLOCK_SET:
        return all_have_types(attr, remote);
    }
    return false;
}

static bool has_types(const struct attr *attrs, const struct value *remote)
{
    for (; attrs->name; attrs++)
        if (attrs->wire && !has_type(attrs, value_member(remote, attrs->wire)))
            return false;
    return remote->kind == VALUE_MAP;
}

/* What was planned stands; AWS completes it. What AWS should say and does not stays unknown, so
 * that it is missed. */
static const struct value *after_apply(struct op *op, const struct attr *attr,
                                       const struct value *remote)
{
    const struct value *planned = value_member(op->plan, attr->name);
    bool missing = value_is_null(remote) && attr->wire && attr_is_read_only(attr);
    return value_is_known(planned) || missing ? planned : remote;
}

/* AWS's answer stands, in the state's own words where it says the same. */
static const struct value *after_read(struct op *op, const struct attr *attr,
                                      const struct value *remote)
{
    const struct value *prior = value_member(op->prior, attr->name);
    bool absent = attr->wire_absent && value_is_null(prior) && remote->kind == VALUE_STRING &&
                  strcmp(remote->text, attr->wire_absent) == 0;

    if (!attr->wire)
        return prior;
    return !op->imported && (absent || attr_same(op->arena, attr, prior, remote)) ? prior : remote;
}

static bool shows(struct arena *a, const struct attr *row, const struct value *planned,
                  const struct value *remote)
{
    const struct value *wanted = value_is_known(planned) ? planned : &value_null;
    bool absent = row->wire_absent && value_is_null(wanted) &&
                  strcmp(value_text(remote, ""), row->wire_absent) == 0;
    bool unasked = value_is_null(wanted) && (row->flags & COMPUTED) && !attr_has_rows(row);
    return absent || unasked ||
           (has_type(row, remote) && attr_same(a, row, wanted, flatten_value(a, row, remote)));
}

const char *op_differs(const struct op *op, const struct value *remote)
{
    for (const struct attr *row = op->schema->attrs; row->name; row++)
        if (row->wire && !attr_is_read_only(row) &&
            !shows(op->arena, row, value_member(op->plan, row->name),
                   value_member(remote, row->wire)))
            return row->name;
    return NULL;
}

bool op_set_remote(struct op *op, const struct value *remote)
{
    const struct value *state = &value_empty_map;
    for (const struct attr *row = op->schema->attrs; row->name; row++) {
        const struct value *answer = row->wire ? value_member(remote, row->wire) : &value_null;
        bool reads = value_is_null(op->plan), fits = has_type(row, answer);
        if (reads && !fits)
            return op_fail(op, row->name, "AWS's answer cannot be used",
                           "Its %s is of another type than AWS's. Something between here and AWS "
                           "may have changed it, such as a proxy. The state is kept as it was.",
                           row->wire);
        answer = fits ? flatten_value(op->arena, row, answer) : &value_null;
        state = value_with(op->arena, state, row->name,
                           reads ? after_read(op, row, answer) : after_apply(op, row, answer));
    }
    return op_set_state(op, state);
}
