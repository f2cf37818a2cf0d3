/* Small questions about rows, and the shape of values that follow them. */
#include "framework/schema.h"

#include "value/json.h"

#include <string.h>

const struct attr *schema_attr(const struct attr *attrs, const char *name)
{
    for (; attrs->name; attrs++)
        if (strcmp(attrs->name, name) == 0)
            return attrs;
    return NULL;
}

const struct attr *schema_inherited(const struct attr *attrs)
{
    for (; attrs->name; attrs++)
        if (attrs->flags & INHERITED)
            return attrs;
    return NULL;
}

bool attr_is_read_only(const struct attr *attr)
{
    return (attr->flags & COMPUTED) && !(attr->flags & OPTIONAL);
}

bool attr_is_nested_block(const struct attr *attr)
{
    return attr_is_many_blocks(attr) || attr->type == TYPE_SINGLE_BLOCK;
}

bool attr_is_many_blocks(const struct attr *attr)
{
    return attr->type == TYPE_BLOCKS || attr->type == TYPE_BLOCK_SET;
}

bool attr_is_texts(const struct attr *attr)
{
    return attr->type == TYPE_STRING_LIST || attr->type == TYPE_STRING_SET;
}

bool attr_is_set(const struct attr *attr)
{
    return attr->type == TYPE_STRING_SET || attr->type == TYPE_BLOCK_SET;
}

bool attr_has_rows(const struct attr *attr)
{
    return attr_is_nested_block(attr) || attr->type == TYPE_DEFAULTED_BLOCK ||
           attr->type == TYPE_OBJECTS;
}

static const struct value *type_of(struct arena *a, const struct attr *attr)
{
    switch (attr->type) {
    case TYPE_BOOL:
        return value_string(a, "bool");
    case TYPE_NUMBER:
        return value_string(a, "number");
    case TYPE_STRING:
        return value_string(a, "string");
    case TYPE_STRING_MAP:
        return LIST(a, value_string(a, "map"), value_string(a, "string"));
    case TYPE_STRING_LIST:
        return LIST(a, value_string(a, "list"), value_string(a, "string"));
    case TYPE_STRING_SET:
        return LIST(a, value_string(a, "set"), value_string(a, "string"));
    case TYPE_DEFAULTED_BLOCK:
    case TYPE_OBJECTS:
    case TYPE_BLOCKS:
    case TYPE_BLOCK_SET:
    case TYPE_SINGLE_BLOCK:
        break;
    }
    const struct value *members = &value_empty_map;
    for (const struct attr *row = attr->attrs; row->name; row++)
        members = value_with(a, members, row->name, type_of(a, row));
    const struct value *object = LIST(a, value_string(a, "object"), members);
    if (attr->type == TYPE_SINGLE_BLOCK)
        return object;
    return LIST(a, value_string(a, attr_is_set(attr) ? "set" : "list"), object);
}

const char *attr_type_json(struct arena *a, const struct attr *attr)
{
    return json_print(a, type_of(a, attr));
}

const struct value *attr_default(struct arena *a, const struct attr *attr)
{
    if (!attr->default_text)
        return &value_null;
    if (attr->type == TYPE_BOOL)
        return value_bool(strcmp(attr->default_text, "true") == 0);
    if (attr->type == TYPE_NUMBER)
        return value_number(a, attr->default_text);
    return value_string(a, attr->default_text);
}

const struct value *attr_default_block(struct arena *a, const struct attr *attr)
{
    const struct value *block = &value_empty_map;
    for (const struct attr *row = attr->attrs; row->name; row++)
        block = value_with(a, block, row->name, attr_default(a, row));
    return LIST(a, block);
}

static const struct value *conform_scalar(struct arena *a, const struct attr *attr,
                                          const struct value *v)
{
    bool is_text = v->kind == VALUE_STRING || v->kind == VALUE_NUMBER;

    if (attr->type == TYPE_NUMBER)
        return is_text ? value_number(a, v->text) : NULL;
    if (attr->type == TYPE_BOOL && v->kind == VALUE_STRING)
        return strcmp(v->text, "true") == 0    ? &value_true
               : strcmp(v->text, "false") == 0 ? &value_false
                                               : NULL;
    if (attr->type == TYPE_BOOL)
        return v->kind == VALUE_BOOL ? v : NULL;
    if (v->kind == VALUE_BOOL)
        return value_string(a, v->boolean ? "true" : "false");
    return is_text ? value_string(a, v->text) : NULL;
}

static const struct value *conform_map(struct arena *a, const struct attr *attr,
                                       const struct value *v, const char **ret_path)
{
    if (v->kind != VALUE_MAP)
        return NULL;
    struct member *members = arena_array(a, v->map.count, sizeof *members);
    for (size_t i = 0; i < v->map.count; i++) {
        const struct member *m = &v->map.members[i];
        bool keep = m->value->kind == VALUE_NULL || m->value->kind == VALUE_UNKNOWN;
        members[i] = (struct member){m->key, keep ? m->value : conform_scalar(a, attr, m->value)};
        if (!members[i].value) {
            *ret_path = arena_printf(a, "%s[\"%s\"]", attr->name, m->key);
            return NULL;
        }
    }
    return value_map(a, members, v->map.count);
}

static const struct value *conform_list(struct arena *a, const struct attr *attr,
                                        const struct value *v, const char **ret_path)
{
    if (v->kind != VALUE_LIST)
        return NULL;
    const struct value **items = arena_array(a, v->list.count, sizeof *items);
    for (size_t i = 0; i < v->list.count; i++) {
        items[i] = schema_conform(a, attr->attrs, v->list.items[i], ret_path);
        if (!items[i]) {
            *ret_path = arena_printf(a, "%s[%zu].%s", attr->name, i, *ret_path);
            return NULL;
        }
    }
    return value_list(a, items, v->list.count);
}

static const struct value *conform_texts(struct arena *a, const struct attr *attr,
                                         const struct value *v, const char **ret_path)
{
    if (v->kind != VALUE_LIST)
        return NULL;
    const struct value **items = arena_array(a, v->list.count, sizeof *items);
    for (size_t i = 0; i < v->list.count; i++) {
        const struct value *item = v->list.items[i];
        bool keep = item->kind == VALUE_NULL || item->kind == VALUE_UNKNOWN;
        items[i] = keep ? item : conform_scalar(a, attr, item);
        if (!items[i]) {
            *ret_path = arena_printf(a, "%s[%zu]", attr->name, i);
            return NULL;
        }
    }
    return value_list(a, items, v->list.count);
}

static const struct value *conform_single(struct arena *a, const struct attr *attr,
                                          const struct value *v, const char **ret_path)
{
    const struct value *object = schema_conform(a, attr->attrs, v, ret_path);
    if (!object)
        *ret_path = arena_printf(a, "%s.%s", attr->name, *ret_path);
    return object;
}

static const struct value *conform_attr(struct arena *a, const struct attr *attr,
                                        const struct value *v, const char **ret_path)
{
    *ret_path = attr->name;
    if (v->kind == VALUE_UNKNOWN)
        return v;
    if (v->kind == VALUE_NULL)
        return attr_is_many_blocks(attr) ? &value_empty_list : v;

    if (attr->type == TYPE_STRING_MAP)
        return conform_map(a, attr, v, ret_path);
    if (attr_is_texts(attr))
        return conform_texts(a, attr, v, ret_path);
    if (attr->type == TYPE_SINGLE_BLOCK)
        return conform_single(a, attr, v, ret_path);
    if (attr_has_rows(attr))
        return conform_list(a, attr, v, ret_path);
    return conform_scalar(a, attr, v);
}

static size_t row_count(const struct attr *attrs)
{
    size_t count = 0;
    while (attrs[count].name)
        count++;
    return count;
}

const struct value *schema_conform(struct arena *a, const struct attr *attrs, const struct value *v,
                                   const char **ret_path)
{
    *ret_path = "";
    if (v->kind == VALUE_UNKNOWN || v->kind == VALUE_NULL)
        return v;
    if (v->kind != VALUE_MAP)
        return NULL;

    size_t count = row_count(attrs);
    struct member *members = arena_array(a, count, sizeof *members);
    for (size_t i = 0; i < count; i++) {
        const struct value *member = value_member(v, attrs[i].name);
        members[i] = (struct member){attrs[i].name, conform_attr(a, &attrs[i], member, ret_path)};
        if (!members[i].value)
            return NULL;
    }
    return value_map(a, members, count);
}

static bool is_blank(const struct value *v)
{
    return v->kind == VALUE_NULL || (v->kind == VALUE_STRING && v->text[0] == '\0');
}

/* A field of a block: what is left out is its default, or anything when it is computed. */
static bool field_same(struct arena *a, const struct attr *attr, const struct value *wanted,
                       const struct value *actual)
{
    if (is_blank(wanted) && (attr->flags & COMPUTED))
        return true;
    if (is_blank(wanted))
        wanted = attr_default(a, attr);
    if (is_blank(actual))
        actual = attr_default(a, attr);
    return attr_same(a, attr, wanted, actual);
}

static bool object_same(struct arena *a, const struct attr *attrs, const struct value *wanted,
                        const struct value *actual)
{
    for (; attrs->name; attrs++)
        if (!field_same(a, attrs, value_member(wanted, attrs->name),
                        value_member(actual, attrs->name)))
            return false;
    return true;
}

static bool blocks_same(struct arena *a, const struct attr *attr, const struct value *wanted,
                        const struct value *actual)
{
    size_t count = value_count(wanted);
    bool *used = arena_array(a, count, sizeof *used);

    if (count != value_count(actual))
        return false;
    for (size_t i = 0; i < count; i++) {
        bool anywhere = (attr->flags & UNORDERED) || attr_is_set(attr);
        size_t first = anywhere ? 0 : i, last = anywhere ? count : i + 1, j = first;
        while (j < last && (used[j] || !object_same(a, attr->attrs, value_item(wanted, i),
                                                    value_item(actual, j))))
            j++;
        if (j == last)
            return false;
        used[j] = true;
    }
    return true;
}

static bool texts_cover(const struct value *x, const struct value *y)
{
    for (size_t i = 0; i < value_count(x); i++) {
        size_t j = 0;
        while (j < value_count(y) && !value_equal(value_item(x, i), value_item(y, j)))
            j++;
        if (j == value_count(y))
            return false;
    }
    return true;
}

/* Null members of a map are not there; nor is a null map. */
static bool map_covers(const struct value *x, const struct value *y)
{
    for (size_t i = 0; i < value_count(x); i++) {
        const struct member *m = &x->map.members[i];
        if (!value_is_null(m->value) && !value_equal(m->value, value_member(y, m->key)))
            return false;
    }
    return true;
}

bool attr_same(struct arena *a, const struct attr *attr, const struct value *wanted,
               const struct value *actual)
{
    if (!value_is_known(wanted) || !value_is_known(actual))
        return value_equal(wanted, actual);

    switch (attr->type) {
    case TYPE_DEFAULTED_BLOCK:
        return object_same(a, attr->attrs, value_item(wanted, 0), value_item(actual, 0));
    case TYPE_OBJECTS:
    case TYPE_BLOCKS:
    case TYPE_BLOCK_SET:
        return blocks_same(a, attr, wanted, actual);
    case TYPE_STRING_MAP:
        return map_covers(wanted, actual) && map_covers(actual, wanted);
    case TYPE_STRING_SET:
        return texts_cover(wanted, actual) && texts_cover(actual, wanted);
    case TYPE_STRING:
        if (is_blank(wanted) || is_blank(actual))
            return is_blank(wanted) && is_blank(actual);
        return value_equal(wanted, actual) ||
               (attr->same && attr->same(a, wanted->text, actual->text));
    case TYPE_BOOL:
    case TYPE_NUMBER:
    case TYPE_STRING_LIST:
    case TYPE_SINGLE_BLOCK:
        break;
    }
    return value_equal(wanted, actual);
}
