/* Golden bytes of go-cty's encoding, both ways, and bytes that are no value. */
#include "value/msgpack.h"

#include "base/test.h"
#include "value/json.h"

#include <string.h>

#define BYTES(text) ((struct bytes){(const uint8_t *)(text), sizeof(text) - 1})

static const struct value *decode(struct arena *a, struct bytes bytes)
{
    const struct value *v = msgpack_decode(a, bytes);
    CHECK(v);
    return v;
}

static void check_bytes(struct arena *a, const struct value *v, struct bytes wanted)
{
    struct bytes actual = msgpack_encode(a, v);
    CHECK_INT(actual.size, wanted.size);
    CHECK(memcmp(actual.data, wanted.data, wanted.size) == 0);
}

/* The bytes mean v, and v is written as these bytes. */
static void check_both_ways(struct arena *a, const struct value *v, struct bytes bytes)
{
    CHECK(value_equal(decode(a, bytes), v));
    check_bytes(a, v, bytes);
}

TEST(msgpack__null_unknown_and_booleans)
{
    check_both_ways(a, &value_null, BYTES("\xc0"));
    check_both_ways(a, &value_unknown, BYTES("\xd4\x00\x00"));
    check_both_ways(a, &value_true, BYTES("\xc3"));
    check_both_ways(a, &value_false, BYTES("\xc2"));
}

TEST(msgpack__refined_unknown_is_unknown)
{
    CHECK(value_is_unknown(decode(a, BYTES("\xc7\x03\x0c\x81\x01\xc2"))));
    CHECK(value_is_unknown(decode(a, BYTES("\xd5\x0c\x80\x00"))));
    CHECK(value_is_unknown(decode(a, BYTES("\xc7\x00\x0c"))));
}

TEST(msgpack__integers_take_their_shortest_form)
{
    check_both_ways(a, value_int(a, 0), BYTES("\x00"));
    check_both_ways(a, value_int(a, 127), BYTES("\x7f"));
    check_both_ways(a, value_int(a, 128), BYTES("\xcc\x80"));
    check_both_ways(a, value_int(a, 256), BYTES("\xcd\x01\x00"));
    check_both_ways(a, value_int(a, 65536), BYTES("\xce\x00\x01\x00\x00"));
    check_both_ways(a, value_int(a, 4294967296), BYTES("\xcf\x00\x00\x00\x01\x00\x00\x00\x00"));
    check_both_ways(a, value_int(a, -1), BYTES("\xff"));
    check_both_ways(a, value_int(a, -32), BYTES("\xe0"));
    check_both_ways(a, value_int(a, -33), BYTES("\xd0\xdf"));
    check_both_ways(a, value_int(a, -129), BYTES("\xd1\xff\x7f"));
    check_both_ways(a, value_int(a, INT64_MIN), BYTES("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"));
    CHECK_TEXT(decode(a, BYTES("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"))->text,
               "18446744073709551615");
}

TEST(msgpack__other_numbers_travel_as_decimal_text)
{
    CHECK_TEXT(decode(a, BYTES("\xcb\x3f\xe0\x00\x00\x00\x00\x00\x00"))->text, "0.5");
    CHECK_TEXT(decode(a, BYTES("\xca\x3f\x00\x00\x00"))->text, "0.5");
    check_bytes(a, value_number(a, "0.1"),
                BYTES("\xa3"
                      "0.1"));
    check_bytes(a, value_number(a, "9223372036854775808"),
                BYTES("\xb3"
                      "9223372036854775808"));
}

TEST(msgpack__infinity_is_no_value)
{
    CHECK(!msgpack_decode(a, BYTES("\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00")));
    CHECK(!msgpack_decode(a, BYTES("\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00")));
}

TEST(msgpack__texts_lists_and_maps)
{
    check_both_ways(a, value_string(a, ""), BYTES("\xa0"));
    check_both_ways(a, value_string(a, "app"),
                    BYTES("\xa3"
                          "app"));
    check_both_ways(a, &value_empty_map, BYTES("\x80"));
    check_both_ways(a, &value_empty_list, BYTES("\x90"));
    check_both_ways(a, MAP(a, {"a", LIST(a, value_int(a, 1), &value_null)}, {"b", &value_unknown}),
                    BYTES("\x82\xa1"
                          "a"
                          "\x92\x01\xc0\xa1"
                          "b"
                          "\xd4\x00\x00"));
}

TEST(msgpack__long_text_and_lists_have_longer_heads)
{
    char text[300];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct bytes bytes = msgpack_encode(a, value_string(a, text));
    CHECK_INT(bytes.data[0], 0xda);
    CHECK_INT(bytes.size, 3 + 299);
    CHECK_TEXT(decode(a, bytes)->text, text);

    const struct value *items[20];
    for (size_t i = 0; i < 20; i++)
        items[i] = &value_true;
    bytes = msgpack_encode(a, value_list(a, items, 20));
    CHECK_INT(bytes.data[0], 0xdc);
    CHECK_INT(value_count(decode(a, bytes)), 20);
}

TEST(msgpack__dynamic_value_is_a_pair_of_type_and_value)
{
    const struct value *v = decode(a, BYTES("\x92\xc4\x08\"number\"\xc0"));
    CHECK_TEXT(value_text(v, "[0]"), "\"number\"");
    CHECK(value_is_null(value_item(v, 1)));
}

TEST(msgpack__ignores_what_follows_the_value)
{
    CHECK(value_equal(decode(a, BYTES("\xc3garbage")), &value_true));
}

TEST(msgpack__refuses_what_is_no_value)
{
    CHECK(!msgpack_decode(a, BYTES("")));
    CHECK(!msgpack_decode(a, BYTES("\xa5st")));
    CHECK(!msgpack_decode(a, BYTES("\x92\x01")));
    CHECK(!msgpack_decode(a, BYTES("\x81\x01\x02")));
    CHECK(!msgpack_decode(a, BYTES("\x82\xa1"
                                   "a\xc0\xa1"
                                   "a\xc0")));
    CHECK(!msgpack_decode(a, BYTES("\xa3"
                                   "a\0b")));
    CHECK(!msgpack_decode(a, BYTES("\xc1")));
    CHECK(!msgpack_decode(a, BYTES("\xdd\x00\x0f\xff\xff")));
    CHECK(!msgpack_decode(a, BYTES("\xdf\x00\x0f\xff\xff")));
    CHECK(!msgpack_decode(a, BYTES("\xdb\xff\xff\xff\xff"
                                   "abc")));
}

TEST(msgpack__refuses_bottomless_nesting)
{
    char *deep = arena_alloc(a, 100000);
    memset(deep, 0x91, 99999);
    deep[99999] = (char)0xc0;
    CHECK(!msgpack_decode(a, (struct bytes){(const uint8_t *)deep, 100000}));
}

TEST(msgpack__limits_values_and_members)
{
    uint8_t *bytes = arena_alloc(a, 1000005);
    memset(bytes, 0xc0, 1000005);
    memcpy(bytes, "\xdd\x00\x0f\x42\x3f", 5); /* 999,999 */
    CHECK(msgpack_decode(a, (struct bytes){bytes, 1000005}) != NULL);
    bytes[4]++;
    CHECK(!msgpack_decode(a, (struct bytes){bytes, 1000005}));

    struct member *members = arena_array(a, 1001, sizeof *members);
    for (size_t i = 0; i < 1001; i++)
        members[i] = (struct member){arena_printf(a, "%zu", i), &value_true};
    CHECK(msgpack_decode(a, msgpack_encode(a, value_map(a, members, 1000))) != NULL);
    CHECK(!msgpack_decode(a, msgpack_encode(a, value_map(a, members, 1001))));
}
