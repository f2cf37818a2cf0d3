/* The provider block's table: held against the AWS provider's, row by row, and the types of rows
 * that only it uses. */
#include "aws/fake_test.h"
#include "aws/suite_test.h"
#include "base/test.h"
#include "resources/registry.h"
#include "value/json.h"

#include <string.h>

static const char *check_attribute(struct arena *a, const struct attr *row,
                                   const struct value *peer)
{
    if (!row)
        return "is not there";
    const char *type = json_print(a, value_member(peer, "type"));
    if (strcmp(attr_type_json(a, row), type) != 0)
        return arena_printf(a, "is %s, not %s", attr_type_json(a, row), type);
    return row->flags & OPTIONAL ? NULL : "is not optional";
}

static void check_rows(struct arena *a, const struct attr *rows, const struct value *peer,
                       struct suite *suite)
{
    const struct value *attributes = value_member(peer, "attributes");
    const struct value *blocks = value_member(peer, "block_types");
    for (size_t i = 0; i < value_count(attributes); i++) {
        const struct member *m = &attributes->map.members[i];
        suite_case(suite, m->key, check_attribute(a, schema_attr(rows, m->key), m->value));
    }
    for (size_t i = 0; i < value_count(blocks); i++) {
        const struct member *m = &blocks->map.members[i];
        const struct attr *row = schema_attr(rows, m->key);
        bool set = strcmp(value_text(m->value, "nesting_mode"), "set") == 0;
        bool same = row && row->type == (set ? TYPE_BLOCK_SET : TYPE_BLOCKS);
        suite_case(suite, m->key, same ? NULL : "is no such block");
        if (same)
            check_rows(a, row->attrs, value_member(m->value, "block"), suite);
    }
}

TEST(provider_block__has_all_of_the_aws_providers)
{
    const char *path = test_vectors(a, "peer-schema/hashicorp-aws-5.100.0-ecr.json");
    if (!path)
        return;
    struct suite suite = {.name = "peer-schema/provider"};
    check_rows(a, ecr_provider.schema->attrs, value_get(fake_vectors(a, path), "provider.block"),
               &suite);
    suite_end(&suite);
}

/* The first diagnostic of a block, JSON with ' for "; NULL when there is none. */
static const struct diagnostic *first(struct arena *a, const char *json)
{
    char *text = arena_text(a, json);
    for (char *p = text; *p; p++)
        *p = *p == '\'' ? '"' : *p;
    const char *path;
    struct op op = op_new(a, &os_real, &ecr_provider, NULL);
    op.config = schema_conform(a, ecr_provider.schema->attrs,
                               json_parse(a, text, strlen(text), NULL), &path);
    CHECK(op.config);
    provider_validate_config(&op);
    return op.diagnostics;
}

TEST(provider_block__names_the_item_of_a_list_and_the_whole_of_a_set)
{
    CHECK_TEXT(first(a, "{'shared_config_files':['x',null]}")->path, "shared_config_files[1]");
    CHECK_TEXT(first(a, "{'endpoints':[{'ecr':'ftp://x'}]}")->path, "endpoints");
    CHECK_TEXT(first(a, "{'assume_role':[{'role_arn':'arn:aws:iam::123456789012:role/x',"
                        "'policy_arns':['no-arn']}]}")
                   ->path,
               "assume_role[0].policy_arns");
}

TEST(provider_block__blank_texts_say_nothing)
{
    assert_null(first(a, "{'profile':'','retry_mode':'','skip_metadata_api_check':'',"
                         "'endpoints':[{'ecr':'','s3':'anything'}]}"));
}

TEST(provider_block__warns_of_what_means_nothing)
{
    const struct diagnostic *d = first(a, "{'s3_use_path_style':true}");
    CHECK_INT(d->severity, SEVERITY_WARNING);
    CHECK_TEXT(d->path, "s3_use_path_style");
    CHECK_TEXT(d->summary, "s3_use_path_style has no effect");
    CHECK(!d->next);
}

TEST(provider_block__sets_are_the_same_in_any_order_and_lists_are_not)
{
    const struct value *x = LIST(a, value_string(a, "1"), value_string(a, "2"));
    const struct value *y = LIST(a, value_string(a, "2"), value_string(a, "1"));
    const struct attr set = {.name = "s", .type = TYPE_STRING_SET},
                      list = {.name = "l", .type = TYPE_STRING_LIST};
    CHECK(attr_same(a, &set, x, y));
    CHECK(!attr_same(a, &list, x, y));
    CHECK(!attr_same(a, &set, x, LIST(a, value_string(a, "1"))));
    CHECK_TEXT(attr_type_json(a, &set), "[\"set\",\"string\"]");
    CHECK_TEXT(attr_type_json(a, &list), "[\"list\",\"string\"]");
}
