/* JSON as AWS writes it and as AWS wants it. */
#include "value/json.h"

#include "base/test.h"

#include <string.h>

static const struct value *parse(struct arena *a, const char *text)
{
    return json_parse(a, text, strlen(text), NULL);
}

/* Read and written again. */
static const char *reprinted(struct arena *a, const char *text)
{
    const struct value *v = parse(a, text);
    CHECK(v);
    return json_print(a, v);
}

TEST(json__reads_numbers_in_every_form)
{
    CHECK_TEXT(value_text(parse(a, "1.705071987E9"), ""), "1705071987");
    CHECK_TEXT(value_text(parse(a, "1.705071987123e9"), ""), "1705071987.123");
    CHECK_TEXT(value_text(parse(a, "-0"), ""), "0");
    CHECK_TEXT(value_text(parse(a, "0.1"), ""), "0.1");
    CHECK_TEXT(value_text(parse(a, "1E-7"), ""), "1e-07");
    CHECK_TEXT(value_text(parse(a, "9007199254740992"), ""), "9007199254740992");
    CHECK_INT(value_integer(parse(a, "{\"n\":1.5e3}"), "n", 0), 1500);
}

TEST(json__reads_what_aws_sends)
{
    const struct value *v =
        parse(a, " {\"a\":[true,false,null],\n\"b\":{\"c\":\"\\u00fc\\n\"}}\r\n");
    CHECK(value_is_true(v, "a[0]"));
    CHECK(value_is_null(value_get(v, "a[2]")));
    CHECK_TEXT(value_text(v, "b.c"), "ü\n");
}

TEST(json__last_of_repeated_keys_wins)
{
    const struct value *v = parse(a, "{\"a\":1,\"b\":2,\"a\":3}");
    CHECK_INT(value_count(v), 2);
    CHECK_TEXT(value_text(v, "a"), "3");
}

TEST(json__prints_sorted_compact_and_without_what_is_absent)
{
    const struct value *v = MAP(a, {"b", &value_null}, {"c", value_int(a, 1)},
                                {"a", LIST(a, value_string(a, "x\"y\n"), &value_true)},
                                {"d", &value_unknown}, {"e", &value_empty_map});
    CHECK_TEXT(json_print(a, v), "{\"a\":[\"x\\\"y\\n\",true],\"c\":1,\"e\":{}}");
    CHECK_TEXT(json_print(a, &value_null), "null");
    CHECK_TEXT(json_print(a, &value_empty_list), "[]");
}

TEST(json__keeps_numbers_when_read_and_printed)
{
    CHECK_TEXT(reprinted(a, "[1,-2,0.5,12345678901,1e300]"), "[1,-2,0.5,12345678901,1e+300]");
    CHECK_TEXT(reprinted(a, "{\"z\":{},\"a\":[[]]}"), "{\"a\":[[]],\"z\":{}}");
}

static void check_error(struct arena *a, const char *text, int line, int column)
{
    struct json_error error = {0};
    CHECK(!json_parse(a, text, strlen(text), &error));
    CHECK_INT(error.line, line);
    CHECK_INT(error.column, column);
}

TEST(json__tells_where_an_error_is)
{
    check_error(a, "", 1, 1);
    check_error(a, "nul", 1, 1);
    check_error(a, "{\n  \"a\": 1,\n  \"b\": x\n}", 3, 8);
    check_error(a, "{} {}", 1, 4);
    check_error(a, "[1,\n2,,3]", 2, 3);
}

TEST(json__refuses_what_is_no_json)
{
    static const char *const bad[] = {"{",
                                      "[1",
                                      "\"open",
                                      "{\"a\"}",
                                      "{a:1}",
                                      "[1,]",
                                      "tru",
                                      "'a'",
                                      "{\"a\":\"\\x\"}",
                                      "1 2",
                                      "// c\n1",
                                      "nan",
                                      "[\"\\ud800\"]",
                                      "{\"a\":\"\\uD83D\"}"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!parse(a, bad[i]));
}

TEST(json__limits_nesting)
{
    char text[2002];
    memset(text, '[', 1001);
    memset(text + 1001, ']', 1001);
    CHECK(!json_parse(a, text, 2002, NULL));
    CHECK(json_parse(a, text + 1, 2000, NULL) != NULL);
}

TEST(json__limits_values_and_members)
{
    char *text = arena_alloc(a, 2000004);
    memset(text, ',', 2000000);
    text[0] = '"';
    text[1999999] = '"';
    CHECK(json_parse(a, text, 2000000, NULL) != NULL); /* one value */
    for (size_t i = 1; i < 2000003; i += 2)
        memcpy(text + i, "0,", 2);
    text[0] = '[';
    text[1999998] = ']';
    CHECK(json_parse(a, text, 1999999, NULL) != NULL);
    text[1999998] = ',';
    text[2000002] = ']';
    CHECK(!json_parse(a, text, 2000003, NULL));

    struct member *members = arena_array(a, 1001, sizeof *members);
    for (size_t i = 0; i < 1001; i++)
        members[i] = (struct member){arena_printf(a, "%zu", i), &value_true};
    CHECK(parse(a, json_print(a, value_map(a, members, 1000))) != NULL);
    CHECK(!parse(a, json_print(a, value_map(a, members, 1001))));
}

TEST(json__stops_at_the_size_it_was_given)
{
    CHECK_TEXT(json_print(a, json_parse(a, "[1]garbage", 3, NULL)), "[1]");
    CHECK(!json_parse(a, "[1]", 2, NULL));
}

TEST(json__refuses_nuls)
{
    CHECK(!json_parse(a, "[\"a\0b\"]", 7, NULL));
    CHECK(!json_parse(a, "1\0", 2, NULL));
    CHECK(!parse(a, "\"a\\u0000b\""));
    CHECK_TEXT(value_text(parse(a, "\"a\\\\u0000b\""), ""), "a\\u0000b");
}

TEST(json__refuses_numbers_that_are_not_finite)
{
    CHECK(!parse(a, "1e999"));
    CHECK(!parse(a, "[-1e999]"));
}
