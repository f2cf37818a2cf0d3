/* Equality by normal form: both documents are rewritten the way ECR stores them, then compared. */
#include "ecr/lifecycle_policy.h"

#include "value/json.h"

#include <stdlib.h>
#include <string.h>

static const struct value *normal(struct arena *a, const struct value *v);

static int by_priority_or_text(const void *x, const void *y)
{
    const struct value *const *l = x, *const *r = y;
    int64_t left = value_integer(*l, "rulePriority", 0),
            right = value_integer(*r, "rulePriority", 0);
    if (left != right)
        return left < right ? -1 : 1;
    return strcmp(value_text(*l, ""), value_text(*r, ""));
}

static const struct value *normal_list(struct arena *a, const struct value *v)
{
    const struct value **items = arena_array(a, v->list.count, sizeof *items);
    for (size_t i = 0; i < v->list.count; i++)
        items[i] = normal(a, v->list.items[i]);
    qsort(items, v->list.count, sizeof *items, by_priority_or_text);
    return value_list(a, items, v->list.count);
}

static bool is_default(const char *key, const struct value *v)
{
    if (v->kind == VALUE_STRING && strcmp(key, "storageClass") == 0)
        return strcmp(v->text, "standard") == 0;
    if (v->kind == VALUE_STRING && strcmp(key, "description") == 0)
        return v->text[0] == '\0';
    return v->kind == VALUE_NULL || (v->kind == VALUE_LIST && v->list.count == 0);
}

static const struct value *normal_map(struct arena *a, const struct value *v)
{
    const struct value *map = &value_empty_map;
    for (size_t i = 0; i < v->map.count; i++) {
        const struct member *m = &v->map.members[i];
        if (!is_default(m->key, m->value))
            map = value_with(a, map, m->key, normal(a, m->value));
    }
    return map;
}

static const struct value *normal(struct arena *a, const struct value *v)
{
    if (v->kind == VALUE_LIST)
        return normal_list(a, v);
    return v->kind == VALUE_MAP ? normal_map(a, v) : v;
}

bool lifecycle_policy_same(struct arena *a, const char *x, const char *y)
{
    const struct value *left = json_parse(a, x, strlen(x), NULL);
    const struct value *right = json_parse(a, y, strlen(y), NULL);
    if (!left || !right)
        return strcmp(x, y) == 0;
    return value_equal(normal(a, left), normal(a, right));
}

/* An empty list says nothing, but ECR may refuse one; modules write them for tags that are not
 * given. (null is never printed.) */
static const struct value *without_empty_lists(struct arena *a, const struct value *v)
{
    const struct value *map = &value_empty_map;
    if (v->kind == VALUE_LIST) {
        const struct value **items = arena_array(a, v->list.count, sizeof *items);
        for (size_t i = 0; i < v->list.count; i++)
            items[i] = without_empty_lists(a, v->list.items[i]);
        return value_list(a, items, v->list.count);
    }
    if (v->kind != VALUE_MAP)
        return v;
    for (size_t i = 0; i < v->map.count; i++) {
        const struct value *member = v->map.members[i].value;
        if (member->kind != VALUE_LIST || member->list.count)
            map = value_with(a, map, v->map.members[i].key, without_empty_lists(a, member));
    }
    return map;
}

const char *lifecycle_policy_compact(struct arena *a, const char *text)
{
    const struct value *document = json_parse(a, text, strlen(text), NULL);
    return document ? json_print(a, without_empty_lists(a, document)) : text;
}
