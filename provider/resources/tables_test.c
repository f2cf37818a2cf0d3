/* The tables: every row is complete, and agrees with AWS's own model of the ECR API (botocore's, by
 * ECR_API_MODEL=FILE; without it that part is skipped). This is what stands in for a compiler's
 * check of generated types. */
#include "aws/fake_test.h"
#include "base/test.h"
#include "resources/registry.h"
#include "value/json.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a resource's rows are in the API: what create sends, and what read answers. */
static const struct api {
    const char *resource, *create, *read, *path; /* path: to the object in read's answer */
} apis[] = {
    {"ecr_repository", "CreateRepository", "DescribeRepositories", "repositories"},
    {"ecr_lifecycle_policy", "PutLifecyclePolicy", "GetLifecyclePolicy", NULL},
    {"ecr_pull_through_cache_rule", "CreatePullThroughCacheRule", "DescribePullThroughCacheRules",
     "pullThroughCacheRules"},
};

static const struct value *model;

static const struct value *shape(const char *name)
{
    return value_member(value_member(model, "shapes"), name);
}

/* The shape of a structure's member; through lists to their elements. Null when there is none. */
static const struct value *member_shape(const struct value *structure, const char *name)
{
    const struct value *member = value_member(value_member(structure, "members"), name);
    const struct value *found = shape(value_text(member, "shape"));
    return strcmp(value_text(found, "type"), "list") == 0 ? shape(value_text(found, "member.shape"))
                                                          : found;
}

static const struct value *message(const char *operation, const char *direction)
{
    const struct value *o = value_member(value_member(model, "operations"), operation);
    return shape(value_text(value_member(o, direction), "shape"));
}

static void check(bool holds, const char *resource, const struct attr *row, const char *claim)
{
    if (!holds)
        fail_msg("%s.%s: %s", resource, row->name, claim);
}

static size_t words(const char *const *list)
{
    size_t count = 0;
    while (list[count])
        count++;
    return count;
}

static bool has_text(const struct value *list, const char *text)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (strcmp(value_item(list, i)->text, text) == 0)
            return true;
    return false;
}

/* The model writes \/ and anchors where POSIX wants neither. */
static const char *plain(struct arena *a, const char *pattern)
{
    char *text = arena_text(a, pattern), *to = text;
    for (const char *p = text; *p; p++)
        if (!(p[0] == '\\' && strchr("/-", p[1])) && !strchr("^$", *p))
            *to++ = *p;
    *to = '\0';
    return text;
}

static void check_limits(struct arena *a, const char *resource, const struct attr *row,
                         const struct value *s)
{
    if (row->one_of) {
        const struct value *list = value_member(s, "enum");
        check(words(row->one_of) == value_count(list), resource, row, "not all words of the API");
        for (size_t i = 0; row->one_of[i]; i++)
            check(has_text(list, row->one_of[i]), resource, row, "a word that the API lacks");
    }
    if (row->max_length)
        check(row->max_length == value_integer(s, "max", -1), resource, row, "another max");
    if (row->min_length > 1)
        check(row->min_length == value_integer(s, "min", -1), resource, row, "another min");
    const char *pattern = value_text(s, "pattern");
    if (row->pattern && *pattern && !strstr(pattern, "\\w"))
        assert_string_equal(plain(a, arena_printf(a, "(%s)", row->pattern)),
                            plain(a, arena_printf(a,
                                                  *pattern == '^' && pattern[1] == '(' &&
                                                          pattern[strlen(pattern) - 2] == ')'
                                                      ? "%s"
                                                      : "(%s)",
                                                  pattern)));
}

static void check_rows(struct arena *a, const char *resource, const struct attr *rows,
                       const struct value *request, const struct value *answer)
{
    for (; rows->name; rows++) {
        if (!rows->wire)
            continue;
        const struct value *sent = member_shape(request, rows->wire);
        const struct value *got = member_shape(answer, rows->wire);
        check(!value_is_null(got), resource, rows, "not in the API's answer");
        if (attr_is_read_only(rows))
            continue;
        check(!value_is_null(sent), resource, rows, "not in the API's request");
        check_limits(a, resource, rows, sent);
        if (attr_has_rows(rows))
            check_rows(a, resource, rows->attrs, sent, got);
    }
}

TEST(tables__agree_with_the_api_model)
{
    const char *path = getenv("ECR_API_MODEL");
    if (!path || !*path) {
        printf("skipped: ECR_API_MODEL does not name botocore's model of the ECR API\n");
        return;
    }
    model = fake_vectors(a, path);
    assert_int_equal(sizeof apis / sizeof *apis, ecr_provider.resource_count);
    for (size_t i = 0; i < ecr_provider.resource_count; i++) {
        const struct schema *schema = ecr_provider.resources[i]->schema;
        assert_string_equal(apis[i].resource, schema->name);
        const struct value *answer = message(apis[i].read, "output");
        if (apis[i].path)
            answer = member_shape(answer, apis[i].path);
        check_rows(a, schema->name, schema->attrs, message(apis[i].create, "input"), answer);
    }
}

static void check_complete(struct arena *a, const char *owner, const struct attr *rows)
{
    for (const struct attr *row = rows; row->name; row++) {
        unsigned kind = row->flags & (REQUIRED | OPTIONAL | COMPUTED);
        check(kind == REQUIRED || kind == OPTIONAL || kind == COMPUTED ||
                  kind == (OPTIONAL | COMPUTED),
              owner, row, "must be required, optional or computed");
        if (strcmp(owner, "(endpoints)") == 0 && !row->doc)
            continue; /* a service that is declared for the AWS provider's users only */
        check(row->doc && row->doc[strlen(row->doc) - 1] == '.', owner, row,
              "must have documentation that ends in a full stop");
        check(!row->default_text || (row->flags & COMPUTED) || owner[0] == '(', owner, row,
              "a default needs COMPUTED");
        check(!row->pattern == !row->pattern_says, owner, row, "pattern without pattern_says");
        check(schema_attr(rows, row->name) == row, owner, row, "there twice");
        regex_t regex;
        check(!row->pattern || regcomp(&regex, row->pattern, REG_EXTENDED) == 0, owner, row,
              "pattern is no regular expression");
        if (row->pattern)
            regfree(&regex);
        if (attr_has_rows(row))
            check_complete(a, arena_printf(a, "(%s)", row->name), row->attrs);
    }
}

TEST(tables__are_complete)
{
    check_complete(a, "provider", ecr_provider.schema->attrs);
    for (size_t i = 0; i < ecr_provider.resource_count; i++) {
        const struct schema *schema = ecr_provider.resources[i]->schema;
        check_complete(a, schema->name, schema->attrs);
        assert_non_null(schema_attr(schema->attrs, schema->import_as));
        assert_non_null(schema_attr(schema->attrs, "id"));
    }
}

TEST(tables__every_resource_answers_to_both_names)
{
    for (size_t i = 0; i < ecr_provider.resource_count; i++) {
        const char *name = ecr_provider.resources[i]->schema->name;
        assert_ptr_equal(provider_resource(&ecr_provider, name), ecr_provider.resources[i]);
        assert_ptr_equal(provider_resource(&ecr_provider, arena_printf(a, "aws_%s", name)),
                         ecr_provider.resources[i]);
    }
    assert_null(provider_resource(&ecr_provider, "aws_s3_bucket"));
    assert_null(provider_resource(&ecr_provider, "ecr_nothing"));
}
