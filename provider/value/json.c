/* The only user of cJSON. */
#include "value/json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a tree holds may be a key. */
__attribute__((constructor)) static void set_hooks(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){malloc, arena_wipe_free});
}

static void delete_tree(void *tree)
{
    cJSON_Delete(tree);
}

static size_t children(const cJSON *node)
{
    return (size_t)cJSON_GetArraySize(node);
}

static const struct value *from_node(struct arena *a, const cJSON *node);

static const struct value *from_array(struct arena *a, const cJSON *node)
{
    size_t count = 0;
    const struct value **items = arena_array(a, children(node), sizeof *items);
    for (const cJSON *child = node->child; child; child = child->next)
        items[count++] = from_node(a, child);
    return value_list(a, items, count);
}

/* Of repeated keys the last wins. */
static void set_member(struct member *members, size_t *count, struct member m)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(members[i].key, m.key) == 0) {
            members[i] = m;
            return;
        }
    members[(*count)++] = m;
}

static const struct value *from_object(struct arena *a, const cJSON *node)
{
    size_t count = 0;
    struct member *members = arena_array(a, children(node), sizeof *members);
    for (const cJSON *child = node->child; child; child = child->next)
        set_member(members, &count,
                   (struct member){arena_text(a, child->string), from_node(a, child)});
    return value_map(a, members, count);
}

static const struct value *from_node(struct arena *a, const cJSON *node)
{
    if (cJSON_IsBool(node))
        return value_bool(cJSON_IsTrue(node));
    if (cJSON_IsNumber(node))
        return value_double(a, node->valuedouble);
    if (cJSON_IsString(node))
        return value_string(a, arena_text(a, node->valuestring));
    if (cJSON_IsArray(node))
        return from_array(a, node);
    if (cJSON_IsObject(node))
        return from_object(a, node);
    return &value_null;
}

static void locate(struct json_error *error, const char *text, const char *at)
{
    *error = (struct json_error){1, 1};
    for (; text < at && *text; text++) {
        error->column++;
        if (*text == '\n')
            *error = (struct json_error){error->line + 1, 1};
    }
}

static const char *skip_space(const char *from, const char *end)
{
    while (from < end && *from && strchr(" \t\r\n", *from))
        from++;
    return from;
}

/* The first NUL, raw or as an escape; NULL when there is none. cJSON would end a text there. */
static const char *find_nul(const char *text, size_t size)
{
    for (const char *p = text, *end = text + size; p < end; p++) {
        if (*p == '\0' || (end - p >= 6 && memcmp(p, "\\u0000", 6) == 0))
            return p;
        if (*p == '\\')
            p++;
    }
    return NULL;
}

/* More values than any document means: cJSON would make sixty bytes out of two. */
static bool is_excessive(const char *text, size_t size)
{
    size_t count = 0;
    bool quoted = false;
    for (const char *p = text; p < text + size; p++) {
        if (*p == '"')
            quoted = !quoted;
        else if (quoted)
            p += *p == '\\';
        else
            count += *p == ',' || *p == '[' || *p == '{';
    }
    return count >= VALUE_COUNT_MAX;
}

/* A number such as 1e999 has become infinite, which no JSON can say. */
static bool is_acceptable(const cJSON *node)
{
    for (const cJSON *child = node->child; child; child = child->next)
        if (!is_acceptable(child))
            return false;
    if (cJSON_IsObject(node))
        return children(node) <= VALUE_MEMBERS_MAX;
    return !cJSON_IsNumber(node) || isfinite(node->valuedouble);
}

const struct value *json_parse(struct arena *a, const char *text, size_t size,
                               struct json_error *ret_error)
{
    text = size ? text : ""; /* nothing may be a null pointer */
    const char *end = text, *nul = find_nul(text, size);
    bool unreadable = nul || is_excessive(text, size);
    cJSON *tree = unreadable ? NULL : cJSON_ParseWithLengthOpts(text, size, &end, 0);
    arena_defer(a, delete_tree, tree);

    end = nul ? nul : skip_space(end, text + size);
    if (tree && end == text + size && is_acceptable(tree))
        return from_node(a, tree);
    if (ret_error)
        locate(ret_error, text, end);
    return NULL;
}

static cJSON *to_node(struct arena *a, const struct value *v);

static cJSON *to_array(struct arena *a, const struct value *v)
{
    cJSON *node = cJSON_CreateArray();
    for (size_t i = 0; i < v->list.count; i++)
        cJSON_AddItemToArray(node, to_node(a, v->list.items[i]));
    return node;
}

static int by_key(const void *x, const void *y)
{
    return strcmp(((const struct member *)x)->key, ((const struct member *)y)->key);
}

static cJSON *to_object(struct arena *a, const struct value *v)
{
    cJSON *node = cJSON_CreateObject();
    struct member *members = arena_array(a, v->map.count, sizeof *members);
    if (v->map.count)
        memcpy(members, v->map.members, v->map.count * sizeof *members);
    qsort(members, v->map.count, sizeof *members, by_key);

    for (size_t i = 0; i < v->map.count; i++)
        if (!value_is_null(members[i].value) && !value_is_unknown(members[i].value))
            cJSON_AddItemToObject(node, members[i].key, to_node(a, members[i].value));
    return node;
}

static cJSON *to_node(struct arena *a, const struct value *v)
{
    switch (v->kind) {
    case VALUE_BOOL:
        return cJSON_CreateBool(v->boolean);
    case VALUE_NUMBER:
        return cJSON_CreateRaw(v->text);
    case VALUE_STRING:
        return cJSON_CreateString(v->text);
    case VALUE_LIST:
        return to_array(a, v);
    case VALUE_MAP:
        return to_object(a, v);
    case VALUE_NULL:
    case VALUE_UNKNOWN:
        break;
    }
    return cJSON_CreateNull();
}

const char *json_print(struct arena *a, const struct value *v)
{
    cJSON *tree = to_node(a, v);
    arena_defer(a, delete_tree, tree);

    char *printed = cJSON_PrintUnformatted(tree);
    arena_defer(a, cJSON_free, printed);
    return printed;
}
