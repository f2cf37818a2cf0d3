/* Conversions and set operations on tags. */
#include "ecr/tags.h"

#include <string.h>

const struct value *tags_to_list(struct arena *a, const struct value *map)
{
    size_t count = 0;
    const struct value **items = arena_array(a, value_count(map), sizeof *items);
    for (size_t i = 0; i < value_count(map); i++) {
        const struct member *m = &map->map.members[i];
        if (!value_is_null(m->value))
            items[count++] = MAP(a, {"Key", value_string(a, m->key)}, {"Value", m->value});
    }
    return value_list(a, items, count);
}

const struct value *tags_from_list(struct arena *a, const struct value *list)
{
    size_t count = 0;
    struct member *members = arena_array(a, value_count(list), sizeof *members);
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *tag = value_item(list, i);
        const char *key = value_text(tag, "Key");
        if (*key && strncmp(key, "aws:", 4) != 0)
            members[count++] = (struct member){key, value_string(a, value_text(tag, "Value"))};
    }
    return value_map(a, members, count);
}

const struct value *tags_merge(struct arena *a, const struct value *defaults,
                               const struct value *tags)
{
    const struct value *merged = &value_empty_map;
    for (size_t i = 0; i < value_count(defaults); i++)
        if (!value_is_null(defaults->map.members[i].value))
            merged =
                value_with(a, merged, defaults->map.members[i].key, defaults->map.members[i].value);
    for (size_t i = 0; i < value_count(tags); i++)
        if (!value_is_null(tags->map.members[i].value))
            merged = value_with(a, merged, tags->map.members[i].key, tags->map.members[i].value);
    return merged;
}

static bool is_ignored(const char *key, const struct value *keys, const struct value *prefixes)
{
    for (size_t i = 0; i < value_count(keys); i++)
        if (strcmp(key, value_item(keys, i)->text) == 0)
            return true;
    for (size_t i = 0; i < value_count(prefixes); i++) {
        const char *prefix = value_item(prefixes, i)->text;
        if (strncmp(key, prefix, strlen(prefix)) == 0)
            return true;
    }
    return false;
}

const struct value *tags_without_ignored(struct arena *a, const struct value *tags,
                                         const struct value *keys, const struct value *prefixes)
{
    const struct value *kept = tags;
    for (size_t i = 0; i < value_count(tags); i++)
        if (is_ignored(tags->map.members[i].key, keys, prefixes))
            kept = value_without(a, kept, tags->map.members[i].key);
    return kept;
}

const struct value *tags_minus(struct arena *a, const struct value *x, const struct value *y)
{
    for (size_t i = 0; i < value_count(y); i++) {
        const struct member *m = &y->map.members[i];
        if (value_equal(value_member(x, m->key), m->value))
            x = value_without(a, x, m->key);
    }
    return x;
}
