/* The only user of msgpack-c. */
#include "value/msgpack.h"

#include <errno.h>
#include <math.h>
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

static void zone_free(void *zone)
{
    msgpack_zone_free(zone);
}

static const struct value *from_object(struct arena *a, const msgpack_object *o);

static const struct value *from_text(struct arena *a, const char *text, size_t size)
{
    if (size == 0)
        return &value_empty_text; /* text may be NULL then */
    return memchr(text, 0, size) ? NULL : value_text_n(a, text, size);
}

static const struct value *from_array(struct arena *a, const msgpack_object_array *array)
{
    const struct value **items = arena_array(a, array->size, sizeof *items);
    for (uint32_t i = 0; i < array->size; i++)
        if (!(items[i] = from_object(a, &array->ptr[i])))
            return NULL;
    return value_list(a, items, array->size);
}

static bool has_key(const struct member *members, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(members[i].key, key) == 0)
            return true;
    return false;
}

static const struct value *from_map(struct arena *a, const msgpack_object_map *map)
{
    if (map->size > VALUE_MEMBERS_MAX)
        return NULL;
    struct member *members = arena_array(a, map->size, sizeof *members);
    for (uint32_t i = 0; i < map->size; i++) {
        const msgpack_object *key = &map->ptr[i].key;
        const struct value *name = key->type == MSGPACK_OBJECT_STR ? from_object(a, key) : NULL;
        const struct value *value = from_object(a, &map->ptr[i].val);
        if (!name || !value || has_key(members, i, name->text))
            return NULL;
        members[i] = (struct member){name->text, value};
    }
    return value_map(a, members, map->size);
}

static const struct value *from_object(struct arena *a, const msgpack_object *o)
{
    switch (o->type) {
    case MSGPACK_OBJECT_NIL:
        return &value_null;
    case MSGPACK_OBJECT_BOOLEAN:
        return value_bool(o->via.boolean);
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        return value_number(a, arena_printf(a, "%llu", (unsigned long long)o->via.u64));
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        return value_int(a, o->via.i64);
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        return isfinite(o->via.f64) ? value_double(a, o->via.f64) : NULL;
    case MSGPACK_OBJECT_STR:
        return from_text(a, o->via.str.ptr, o->via.str.size);
    case MSGPACK_OBJECT_BIN:
        return from_text(a, o->via.bin.ptr, o->via.bin.size);
    case MSGPACK_OBJECT_ARRAY:
        return from_array(a, &o->via.array);
    case MSGPACK_OBJECT_MAP:
        return from_map(a, &o->via.map);
    case MSGPACK_OBJECT_EXT:
        return &value_unknown;
    }
    return NULL;
}

/* What follows the first byte of the forms 0xc0 to 0xdf: bytes that say a length, other bytes, and
 * how many items a length of one means (0: a byte). */
static const struct form {
    uint8_t length, other, items;
} forms[32] = {
    [0x04] = {1, 0, 0},  [0x05] = {2, 0, 0}, [0x06] = {4, 0, 0}, [0x07] = {1, 1, 0},
    [0x08] = {2, 1, 0},  [0x09] = {4, 1, 0}, [0x0a] = {0, 4, 0}, [0x0b] = {0, 8, 0},
    [0x0c] = {0, 1, 0},  [0x0d] = {0, 2, 0}, [0x0e] = {0, 4, 0}, [0x0f] = {0, 8, 0},
    [0x10] = {0, 1, 0},  [0x11] = {0, 2, 0}, [0x12] = {0, 4, 0}, [0x13] = {0, 8, 0},
    [0x14] = {0, 2, 0},  [0x15] = {0, 3, 0}, [0x16] = {0, 5, 0}, [0x17] = {0, 9, 0},
    [0x18] = {0, 17, 0}, [0x19] = {1, 0, 0}, [0x1a] = {2, 0, 0}, [0x1b] = {4, 0, 0},
    [0x1c] = {2, 0, 1},  [0x1d] = {4, 0, 1}, [0x1e] = {2, 0, 2}, [0x1f] = {4, 0, 2},
};

static uint64_t length_at(const uint8_t *p, size_t size)
{
    uint64_t length = 0;
    for (size_t i = 0; i < size; i++)
        length = length << 8 | p[i];
    return length;
}

/* One value without its items: its bytes, and how many items follow. */
static bool measure(const uint8_t *p, size_t left, uint64_t *ret_size, uint64_t *ret_items)
{
    *ret_size = 1;
    *ret_items = 0;
    if (*p >= 0x80 && *p <= 0x9f)
        *ret_items = (*p & 15u) * (*p < 0x90 ? 2u : 1u);
    else if (*p >= 0xa0 && *p <= 0xbf)
        *ret_size += *p & 31u;
    else if (*p >= 0xc0 && *p <= 0xdf) {
        const struct form *form = &forms[*p - 0xc0];
        *ret_size += form->length + form->other;
        if (*ret_size > left)
            return false;
        uint64_t length = length_at(p + 1, form->length);
        *ret_items = length * form->items;
        *ret_size += form->items ? 0 : length;
    }
    return *ret_size <= left;
}

/* Msgpack-c makes room for as many items as are promised, which five bytes can do for 64 GiB. Each
 * takes a byte at least, and a hundred when it is read. */
static bool keeps_promises(struct bytes bytes)
{
    const uint8_t *p = bytes.data;
    uint64_t promised = 1, left = bytes.size, count = 0, size, items;
    for (; promised > 0; promised += items - 1, p += size, left -= size)
        if (++count > VALUE_COUNT_MAX || promised > left || !measure(p, left, &size, &items))
            return false;
    return true;
}

const struct value *msgpack_decode(struct arena *a, struct bytes bytes)
{
    if (!keeps_promises(bytes))
        return NULL;
    msgpack_zone *zone = msgpack_zone_new(MSGPACK_ZONE_CHUNK_SIZE);
    arena_defer(a, zone_free, zone);

    msgpack_object object;
    size_t offset = 0;
    msgpack_unpack_return result =
        msgpack_unpack((const char *)bytes.data, bytes.size, &offset, zone, &object);
    if (result != MSGPACK_UNPACK_SUCCESS && result != MSGPACK_UNPACK_EXTRA_BYTES)
        return NULL;
    return from_object(a, &object);
}

static void pack_text(msgpack_packer *packer, const char *text)
{
    size_t size = strlen(text);
    msgpack_pack_str(packer, size);
    msgpack_pack_str_body(packer, text, size);
}

static void pack_number(msgpack_packer *packer, const char *text)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || *end)
        pack_text(packer, text);
    else
        msgpack_pack_int64(packer, number);
}

static void pack(msgpack_packer *packer, const struct value *v)
{
    switch (v->kind) {
    case VALUE_NULL:
        msgpack_pack_nil(packer);
        break;
    case VALUE_UNKNOWN:
        msgpack_pack_ext(packer, 1, 0);
        msgpack_pack_ext_body(packer, "", 1);
        break;
    case VALUE_BOOL:
        v->boolean ? msgpack_pack_true(packer) : msgpack_pack_false(packer);
        break;
    case VALUE_NUMBER:
        pack_number(packer, v->text);
        break;
    case VALUE_STRING:
        pack_text(packer, v->text);
        break;
    case VALUE_LIST:
        msgpack_pack_array(packer, v->list.count);
        for (size_t i = 0; i < v->list.count; i++)
            pack(packer, v->list.items[i]);
        break;
    case VALUE_MAP:
        msgpack_pack_map(packer, v->map.count);
        for (size_t i = 0; i < v->map.count; i++) {
            pack_text(packer, v->map.members[i].key);
            pack(packer, v->map.members[i].value);
        }
        break;
    }
}

static void sbuffer_free(void *buffer)
{
    msgpack_sbuffer *sbuffer = buffer;
    explicit_bzero(sbuffer->data, sbuffer->size); /* a token may be in it */
    msgpack_sbuffer_free(sbuffer);
}

struct bytes msgpack_encode(struct arena *a, const struct value *v)
{
    msgpack_sbuffer *buffer = msgpack_sbuffer_new();
    arena_defer(a, sbuffer_free, buffer);

    msgpack_packer packer;
    msgpack_packer_init(&packer, buffer, msgpack_sbuffer_write);
    pack(&packer, v);
    return (struct bytes){(const uint8_t *)buffer->data, buffer->size};
}
