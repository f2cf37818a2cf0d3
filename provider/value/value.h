/* Value: the one data type. What Terraform sends (msgpack), what AWS takes and answers (JSON) and
 * what the state holds are all this; a set is a list, an object is a map, and only the schema knows
 * the difference. Values are immutable and live in an arena. There are no NULL pointers: what is
 * absent is null, so that look-ups chain. Maps are small (tens of members) and searched linearly;
 * their keys are unique. The codecs refuse what is too large to be meant. */
#ifndef VALUE_VALUE_H
#define VALUE_VALUE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

#define VALUE_COUNT_MAX   1000000 /* values in one document */
#define VALUE_MEMBERS_MAX 1000    /* members of one map */

enum value_kind {
    VALUE_NULL,
    VALUE_UNKNOWN, /* Terraform's "known after apply" */
    VALUE_BOOL,
    VALUE_NUMBER, /* decimal text, as it was sent */
    VALUE_STRING,
    VALUE_LIST,
    VALUE_MAP,
};

struct value {
    enum value_kind kind;
    union {
        bool boolean;
        const char *text; /* NUMBER, STRING */
        struct {
            const struct value *const *items;
            size_t count;
        } list;
        struct {
            const struct member *members;
            size_t count;
        } map;
    };
};

struct member {
    const char *key;
    const struct value *value;
};

extern const struct value value_null, value_unknown, value_true, value_false, value_empty_list,
    value_empty_map, value_empty_text;

const struct value *value_bool(bool boolean);
const struct value *value_int(struct arena *a, int64_t number);
const struct value *value_number(struct arena *a, const char *decimal);
/* For the codecs: the shortest text that reads back as the same (finite) double. */
const struct value *value_double(struct arena *a, double number);

const struct value *value_text_n(struct arena *a, const char *text, size_t size);

/* The text is not copied; value_string(NULL) is null. */
const struct value *value_string(struct arena *a, const char *text);

/* The arrays are not copied. */
const struct value *value_list(struct arena *a, const struct value *const *items, size_t count);
const struct value *value_map(struct arena *a, const struct member *members, size_t count);

/* LIST(a, v, …) and MAP(a, {"key", v}, …) copy their arguments. */
#define LIST(a, ...)                                             \
    value_list_of(a, (const struct value *const[]){__VA_ARGS__}, \
                  sizeof((const struct value *const[]){__VA_ARGS__}) / sizeof(struct value *))
#define MAP(a, ...)                                       \
    value_map_of(a, (const struct member[]){__VA_ARGS__}, \
                 sizeof((const struct member[]){__VA_ARGS__}) / sizeof(struct member))
const struct value *value_list_of(struct arena *a, const struct value *const *items, size_t count);
const struct value *value_map_of(struct arena *a, const struct member *members, size_t count);

/* A copy of map (null counts as empty) in which key has this value. */
const struct value *value_with(struct arena *a, const struct value *map, const char *key,
                               const struct value *value);

/* A copy of map without key. */
const struct value *value_without(struct arena *a, const struct value *map, const char *key);

/* The member or item, null when there is none or v is of another kind. */
const struct value *value_member(const struct value *v, const char *key);
const struct value *value_item(const struct value *v, size_t index);

/* Follows a path such as "repositories[0].repositoryUri". */
const struct value *value_get(const struct value *v, const char *path);

/* The string or number at path as text; "" when there is none. */
const char *value_text(const struct value *v, const char *path);

/* The boolean at path; false when there is none. */
bool value_is_true(const struct value *v, const char *path);

/* The integer at path, fallback when there is none or it is no int64. */
int64_t value_integer(const struct value *v, const char *path, int64_t fallback);

bool value_is_null(const struct value *v);
bool value_is_unknown(const struct value *v);

/* Nothing in it is unknown. */
bool value_is_known(const struct value *v);

/* Items of a list or members of a map; 0 for all else. */
size_t value_count(const struct value *v);

/* Same kind and contents; members in any order, items in order. */
bool value_equal(const struct value *x, const struct value *y);

/* A deep copy into another arena. */
const struct value *value_copy(struct arena *a, const struct value *v);

#endif
