/* Constructors, look-ups and comparison of values. */
#include "value/value.h"

#include "value/path.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct value value_null = {.kind = VALUE_NULL};
const struct value value_unknown = {.kind = VALUE_UNKNOWN};
const struct value value_true = {.kind = VALUE_BOOL, .boolean = true};
const struct value value_false = {.kind = VALUE_BOOL, .boolean = false};
const struct value value_empty_list = {.kind = VALUE_LIST};
const struct value value_empty_map = {.kind = VALUE_MAP};
const struct value value_empty_text = {.kind = VALUE_STRING, .text = ""};

static const struct value *make(struct arena *a, struct value v)
{
    struct value *copy = arena_alloc(a, sizeof *copy);
    *copy = v;
    return copy;
}

const struct value *value_bool(bool boolean)
{
    return boolean ? &value_true : &value_false;
}

const struct value *value_number(struct arena *a, const char *decimal)
{
    return make(a, (struct value){.kind = VALUE_NUMBER, .text = decimal});
}

const struct value *value_int(struct arena *a, int64_t number)
{
    return value_number(a, arena_printf(a, "%lld", (long long)number));
}

const struct value *value_double(struct arena *a, double number)
{
    if (fabs(number) <= 9007199254740992.0 && number == floor(number))
        return value_int(a, (int64_t)number);
    for (int digits = 15;; digits++) {
        const char *text = arena_printf(a, "%.*g", digits, number);
        if (digits == 17 || strtod(text, NULL) == number)
            return value_number(a, text);
    }
}

const struct value *value_string(struct arena *a, const char *text)
{
    return text ? make(a, (struct value){.kind = VALUE_STRING, .text = text}) : &value_null;
}

const struct value *value_text_n(struct arena *a, const char *text, size_t size)
{
    return value_string(a, arena_text_n(a, text, size));
}

const struct value *value_list(struct arena *a, const struct value *const *items, size_t count)
{
    return make(a, (struct value){.kind = VALUE_LIST, .list = {items, count}});
}

const struct value *value_map(struct arena *a, const struct member *members, size_t count)
{
    return make(a, (struct value){.kind = VALUE_MAP, .map = {members, count}});
}

static void *copy_array(struct arena *a, const void *array, size_t count, size_t size)
{
    void *copy = arena_array(a, count, size);
    if (count)
        memcpy(copy, array, count * size);
    return copy;
}

const struct value *value_list_of(struct arena *a, const struct value *const *items, size_t count)
{
    return value_list(a, copy_array(a, items, count, sizeof(struct value *)), count);
}

const struct value *value_map_of(struct arena *a, const struct member *members, size_t count)
{
    return value_map(a, copy_array(a, members, count, sizeof(struct member)), count);
}

const struct value *value_without(struct arena *a, const struct value *map, const char *key)
{
    size_t count = value_count(map), kept = 0;
    struct member *members = arena_array(a, count, sizeof *members);

    for (size_t i = 0; i < count; i++)
        if (strcmp(map->map.members[i].key, key) != 0)
            members[kept++] = map->map.members[i];
    return value_map(a, members, kept);
}

const struct value *value_with(struct arena *a, const struct value *map, const char *key,
                               const struct value *value)
{
    size_t count = value_count(map);
    struct member *members = arena_array(a, count + 1, sizeof *members);

    for (size_t i = 0; i < count; i++) {
        members[i] = map->map.members[i];
        if (strcmp(members[i].key, key) == 0) {
            memcpy(members + i, map->map.members + i, (count - i) * sizeof *members);
            members[i].value = value;
            return value_map(a, members, count);
        }
    }
    members[count] = (struct member){key, value};
    return value_map(a, members, count + 1);
}

static const struct value *member_n(const struct value *v, const char *key, size_t size)
{
    for (size_t i = 0; v->kind == VALUE_MAP && i < v->map.count; i++) {
        const struct member *m = &v->map.members[i];
        if (strncmp(m->key, key, size) == 0 && m->key[size] == '\0')
            return m->value;
    }
    return &value_null;
}

const struct value *value_member(const struct value *v, const char *key)
{
    return member_n(v, key, strlen(key));
}

const struct value *value_item(const struct value *v, size_t index)
{
    return v->kind == VALUE_LIST && index < v->list.count ? v->list.items[index] : &value_null;
}

const struct value *value_get(const struct value *v, const char *path)
{
    struct path_step step;
    while (path_next(&path, &step))
        v = step.name ? member_n(v, step.name, step.size) : value_item(v, (size_t)step.index);
    return v;
}

const char *value_text(const struct value *v, const char *path)
{
    v = value_get(v, path);
    return v->kind == VALUE_STRING || v->kind == VALUE_NUMBER ? v->text : "";
}

bool value_is_true(const struct value *v, const char *path)
{
    v = value_get(v, path);
    return v->kind == VALUE_BOOL && v->boolean;
}

int64_t value_integer(const struct value *v, const char *path, int64_t fallback)
{
    v = value_get(v, path);
    if (v->kind != VALUE_NUMBER)
        return fallback;

    char *end;
    errno = 0;
    long long number = strtoll(v->text, &end, 10);
    return errno || *end || end == v->text ? fallback : number;
}

bool value_is_null(const struct value *v)
{
    return v->kind == VALUE_NULL;
}

bool value_is_unknown(const struct value *v)
{
    return v->kind == VALUE_UNKNOWN;
}

bool value_is_known(const struct value *v)
{
    for (size_t i = 0; v->kind == VALUE_LIST && i < v->list.count; i++)
        if (!value_is_known(v->list.items[i]))
            return false;
    for (size_t i = 0; v->kind == VALUE_MAP && i < v->map.count; i++)
        if (!value_is_known(v->map.members[i].value))
            return false;
    return v->kind != VALUE_UNKNOWN;
}

size_t value_count(const struct value *v)
{
    return v->kind == VALUE_LIST ? v->list.count : v->kind == VALUE_MAP ? v->map.count : 0;
}

static bool list_equal(const struct value *x, const struct value *y)
{
    for (size_t i = 0; i < x->list.count; i++)
        if (!value_equal(x->list.items[i], y->list.items[i]))
            return false;
    return true;
}

static bool has_member(const struct value *map, const struct member *wanted)
{
    for (size_t i = 0; i < map->map.count; i++)
        if (strcmp(map->map.members[i].key, wanted->key) == 0)
            return value_equal(map->map.members[i].value, wanted->value);
    return false;
}

static bool map_equal(const struct value *x, const struct value *y)
{
    for (size_t i = 0; i < x->map.count; i++)
        if (!has_member(y, &x->map.members[i]))
            return false;
    return true;
}

bool value_equal(const struct value *x, const struct value *y)
{
    if (x->kind != y->kind || value_count(x) != value_count(y))
        return false;
    switch (x->kind) {
    case VALUE_BOOL:
        return x->boolean == y->boolean;
    case VALUE_NUMBER:
    case VALUE_STRING:
        return strcmp(x->text, y->text) == 0;
    case VALUE_LIST:
        return list_equal(x, y);
    case VALUE_MAP:
        return map_equal(x, y);
    case VALUE_NULL:
    case VALUE_UNKNOWN:
        break;
    }
    return true;
}

static const struct value *copy_list(struct arena *a, const struct value *v)
{
    const struct value **items = arena_array(a, v->list.count, sizeof *items);
    for (size_t i = 0; i < v->list.count; i++)
        items[i] = value_copy(a, v->list.items[i]);
    return value_list(a, items, v->list.count);
}

static const struct value *copy_map(struct arena *a, const struct value *v)
{
    struct member *members = arena_array(a, v->map.count, sizeof *members);
    for (size_t i = 0; i < v->map.count; i++)
        members[i] = (struct member){arena_text(a, v->map.members[i].key),
                                     value_copy(a, v->map.members[i].value)};
    return value_map(a, members, v->map.count);
}

const struct value *value_copy(struct arena *a, const struct value *v)
{
    switch (v->kind) {
    case VALUE_NULL:
        return &value_null;
    case VALUE_UNKNOWN:
        return &value_unknown;
    case VALUE_BOOL:
        return value_bool(v->boolean);
    case VALUE_NUMBER:
    case VALUE_STRING:
        return make(a, (struct value){.kind = v->kind, .text = arena_text(a, v->text)});
    case VALUE_LIST:
        return copy_list(a, v);
    case VALUE_MAP:
        return copy_map(a, v);
    }
    return &value_null;
}
