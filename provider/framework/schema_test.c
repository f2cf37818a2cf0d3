/* Types, shapes and sameness. */
#include "base/test.h"
#include "framework/checks.h"
#include "framework/framework_test.h"

static const struct attr *row(const char *name)
{
    return schema_attr(sample_resource.schema->attrs, name);
}

TEST(schema__types_are_terraforms)
{
    CHECK_TEXT(attr_type_json(a, row("name")), "\"string\"");
    CHECK_TEXT(attr_type_json(a, row("force")), "\"bool\"");
    CHECK_TEXT(attr_type_json(a, row("tags")), "[\"map\",\"string\"]");
    CHECK_TEXT(attr_type_json(a, row("crypto")),
               "[\"list\",[\"object\",{\"key\":\"string\",\"type\":\"string\"}]]");
}

TEST(schema__conform_gives_every_attribute_and_no_other)
{
    const struct value *v = sample_object(a, "{'name':'web','other':1}");
    CHECK_INT(value_count(v), 13);
    CHECK(value_is_null(value_member(v, "other")));
    CHECK_INT(value_member(v, "rule")->kind, VALUE_LIST);
    CHECK(value_is_null(value_member(v, "timeouts")));
}

TEST(schema__conform_names_what_does_not_fit)
{
    const char *path;
    const struct attr *rows = sample_resource.schema->attrs;
    CHECK(!schema_conform(a, rows, sample(a, "{'rule':[{'match':[]}]}"), &path));
    CHECK_TEXT(path, "rule[0].match");
    CHECK(!schema_conform(a, rows, sample(a, "{'force':'maybe'}"), &path));
    CHECK_TEXT(path, "force");
}

static const struct attr leaf_rows[] = {
    ATTR("on", BOOL, OPTIONAL, .doc = "."),
    END,
};

static const struct attr every_shape[] = {
    ATTR("list", STRING_LIST, OPTIONAL, .doc = "."),
    ATTR("set", STRING_SET, OPTIONAL, .doc = "."),
    ATTR("map", STRING_MAP, OPTIONAL, .doc = "."),
    ATTR("number", NUMBER, OPTIONAL, .doc = "."),
    ATTR("objects", OBJECTS, COMPUTED, .attrs = leaf_rows, .doc = "."),
    ATTR("blocks", BLOCK_SET, OPTIONAL, .attrs = leaf_rows, .doc = "."),
    ATTR("single", SINGLE_BLOCK, OPTIONAL, .attrs = leaf_rows, .doc = "."),
    END,
};

TEST(schema__types_of_collections_and_blocks)
{
    CHECK_TEXT(attr_type_json(a, schema_attr(every_shape, "list")), "[\"list\",\"string\"]");
    CHECK_TEXT(attr_type_json(a, schema_attr(every_shape, "set")), "[\"set\",\"string\"]");
    CHECK_TEXT(attr_type_json(a, schema_attr(every_shape, "blocks")),
               "[\"set\",[\"object\",{\"on\":\"bool\"}]]");
    CHECK_TEXT(attr_type_json(a, schema_attr(every_shape, "single")),
               "[\"object\",{\"on\":\"bool\"}]");
    CHECK(!schema_attr(every_shape, "other"));
}

static void check_misfit(struct arena *a, const char *json, const char *wanted)
{
    const char *path;
    CHECK(!schema_conform(a, every_shape, sample(a, json), &path));
    CHECK_TEXT(path, wanted);
}

TEST(schema__conform_names_the_place_in_a_collection)
{
    check_misfit(a, "{'list':'x'}", "list");
    check_misfit(a, "{'set':['x',{}]}", "set[1]");
    check_misfit(a, "{'map':[]}", "map");
    check_misfit(a, "{'map':{'a':'x','b':[]}}", "map[\"b\"]");
    check_misfit(a, "{'number':true}", "number");
    check_misfit(a, "{'objects':{}}", "objects");
    check_misfit(a, "{'blocks':[{},{'on':1}]}", "blocks[1].on");
    check_misfit(a, "{'single':{'on':'maybe'}}", "single.on");
    check_misfit(a, "[]", "");
}

TEST(schema__conform_takes_what_older_states_and_other_providers_wrote)
{
    const char *path;
    const struct value *v = schema_conform(
        a, every_shape,
        sample(a, "{'map':{'a':true,'b':2,'c':null},'list':['x',false,null],'number':'7'}"), &path);
    assert_non_null(v);
    CHECK(value_equal(value_member(v, "map"), sample(a, "{'a':'true','b':'2','c':null}")));
    CHECK(value_equal(value_member(v, "list"), sample(a, "['x','false',null]")));
    CHECK_INT(value_integer(v, "number", 0), 7);
    CHECK(value_equal(value_member(v, "blocks"), &value_empty_list));
}

TEST(schema__same_is_not_symmetric_for_computed_fields)
{
    const struct value *left_out = sample(a, "[{'type':'locked'}]");
    const struct value *given = sample(a, "[{'type':'locked','key':'k'}]");
    CHECK(attr_same(a, row("crypto"), left_out, given));
    CHECK(!attr_same(a, row("crypto"), given, left_out));
}

TEST(schema__blank_text_is_null)
{
    CHECK(attr_same(a, row("text"), &value_empty_text, &value_null));
    CHECK(!attr_same(a, row("text"), &value_empty_text, value_string(a, "x")));
}

TEST(checks__durations)
{
    int64_t ms;
    CHECK(duration_parse("1h30m", &ms) && ms == 90 * 60 * 1000);
    CHECK(duration_parse("90s", &ms) && ms == 90 * 1000);
    CHECK(!duration_parse("", &ms));
    CHECK(!duration_parse("10", &ms));
    CHECK(!duration_parse("m", &ms));
    CHECK(!duration_parse("-5m", &ms));
    CHECK(!duration_parse("99999999999h", &ms));
    CHECK(duration_parse("87600h", &ms));
    CHECK(!duration_parse("87600h1ms", &ms));
}

TEST(checks__json_arn_url)
{
    CHECK(!check_json(a, "{\"rules\":[]}"));
    CHECK_HAS(check_json(a, "{\n  \"rules\": [,]\n}"), "line 2");
    CHECK(check_json(a, "{} trailing"));
    CHECK(!check_arn(a, "arn:aws:iam::123456789012:role/x"));
    CHECK(check_arn(a, "arn:aws:iam::123456789012"));
    CHECK(check_arn(a, "role/x"));
    CHECK(!check_url(a, "http://127.0.0.1:5000"));
    CHECK(check_url(a, "127.0.0.1:5000"));
    CHECK(check_url(a, "https:///x"));
    CHECK(check_url(a, "https://user:pass@host"));
}
