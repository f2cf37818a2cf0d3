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
