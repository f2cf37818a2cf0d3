/* The three resources' tables, held against hashicorp/aws 5.100.0: every attribute and block of its
 * schemas is here with the same type, and what differs or is more is a row with its reason. */
#include "aws/fake_test.h"
#include "aws/suite_test.h"
#include "base/test.h"
#include "resources/registry.h"
#include "value/json.h"

#include <string.h>

struct difference {
    const char *name, *reason;
};

static const struct difference differences[] = {
    {"ecr_repository.id", "not to be configured: it is the name"},
    {"ecr_lifecycle_policy.id", "not to be configured: it is the repository"},
    {"ecr_pull_through_cache_rule.id", "not to be configured: it is the prefix"},
    {"ecr_repository.tags_all", "not to be configured: it follows from tags and default_tags"},
    {"ecr_repository.encryption_configuration",
     "an attribute that takes block syntax, so that AWS's default is in the state"},
    {"ecr_repository.image_scanning_configuration",
     "an attribute that takes block syntax, so that AWS's default is in the state"},
    {"ecr_repository.image_tag_mutability", "computed: its default is in the plan"},
    {"ecr_repository.force_delete", "computed: false in a state is as good as null"},
    {"ecr_repository.tags", "computed: {} in a state is as good as null"},
};

static const struct difference extras[] = {
    {"ecr_repository.region", "as in hashicorp/aws 6"},
    {"ecr_lifecycle_policy.region", "as in hashicorp/aws 6"},
    {"ecr_pull_through_cache_rule.region", "as in hashicorp/aws 6"},
    {"ecr_repository.image_tag_mutability_exclusion_filter", "as in hashicorp/aws 6"},
};

#define HAS_REASON(list, name) has_reason(list, sizeof(list) / sizeof *(list), name)

static bool has_reason(const struct difference *list, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0)
            return true;
    return false;
}

static const char *attribute_fault(struct arena *a, const struct attr *row,
                                   const struct value *peer)
{
    static const struct {
        const char *name;
        unsigned flag;
    } flags[] = {
        {"required", REQUIRED},
        {"optional", OPTIONAL},
        {"computed", COMPUTED},
        {"sensitive", SENSITIVE},
    };
    const char *type = json_print(a, value_member(peer, "type"));
    if (strcmp(attr_type_json(a, row), type) != 0)
        return arena_printf(a, "is %s, not %s", attr_type_json(a, row), type);
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (value_is_true(peer, flags[i].name) != ((row->flags & flags[i].flag) != 0))
            return arena_printf(a, "differs in being %s", flags[i].name);
    return NULL;
}

static const char *block_fault(const struct attr *row, const struct value *peer)
{
    const char *mode = value_text(peer, "nesting_mode");
    enum attr_type type = strcmp(mode, "single") == 0 ? TYPE_SINGLE_BLOCK
                          : strcmp(mode, "set") == 0  ? TYPE_BLOCK_SET
                                                      : TYPE_BLOCKS;
    return row->type == type ? NULL : "is no such block";
}

static void check_rows(struct arena *a, struct suite *suite, const char *owner,
                       const struct attr *rows, const struct value *peer, bool are_blocks);

static void check_row(struct arena *a, struct suite *suite, const char *name,
                      const struct attr *row, const struct value *peer, bool is_block)
{
    const char *fault = !row       ? "is not there"
                        : is_block ? block_fault(row, peer)
                                   : attribute_fault(a, row, peer);
    if (row && fault && HAS_REASON(differences, name))
        fault = NULL;
    else if (!fault && HAS_REASON(differences, name))
        fault = "does not differ, but a row says so";
    suite_case(suite, name, fault);
    if (row && is_block && row->attrs)
        check_rows(a, suite, name, row->attrs, value_get(peer, "block.attributes"), false);
}

static void check_rows(struct arena *a, struct suite *suite, const char *owner,
                       const struct attr *rows, const struct value *peer, bool are_blocks)
{
    for (size_t i = 0; i < value_count(peer); i++) {
        const struct member *m = &peer->map.members[i];
        check_row(a, suite, arena_printf(a, "%s.%s", owner, m->key), schema_attr(rows, m->key),
                  m->value, are_blocks);
    }
}

static void check_extras(struct arena *a, struct suite *suite, const struct schema *schema,
                         const struct value *block)
{
    for (const struct attr *row = schema->attrs; row->name; row++) {
        const char *name = arena_printf(a, "%s.%s", schema->name, row->name);
        bool known = !value_is_null(value_member(value_member(block, "attributes"), row->name)) ||
                     !value_is_null(value_member(value_member(block, "block_types"), row->name));
        if (known == HAS_REASON(extras, name))
            suite_case(suite, name, known ? "is no extra" : "is an extra without a reason");
    }
}

TEST(schema_parity__resources_have_all_of_the_aws_providers)
{
    const char *path = test_vectors(a, "peer-schema/hashicorp-aws-5.100.0-ecr.json");
    if (!path)
        return;
    const struct value *peer = value_member(fake_vectors(a, path), "resource_schemas");
    struct suite suite = {.name = "peer-schema/resources"};
    for (size_t i = 0; i < ecr_provider.resource_count; i++) {
        const struct schema *schema = ecr_provider.resources[i]->schema;
        const struct value *block =
            value_member(value_member(peer, arena_printf(a, "aws_%s", schema->name)), "block");
        check_rows(a, &suite, schema->name, schema->attrs, value_member(block, "attributes"),
                   false);
        check_rows(a, &suite, schema->name, schema->attrs, value_member(block, "block_types"),
                   true);
        check_extras(a, &suite, schema, block);
    }
    suite_end(&suite);
}
