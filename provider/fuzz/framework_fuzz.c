/* Texts of users and of state files, through the tables of the real resources. */
#include "framework/checks.h"
#include "framework/provider.h"
#include "fuzz/fuzz.h"
#include "resources/registry.h"
#include "value/json.h"

FUZZ(state)
{
    const struct value *stored = json_parse(a, (const char *)input.data + (input.size > 0),
                                            input.size - (input.size > 0), NULL);
    if (!stored)
        return;
    const struct fuzz_world *w = fuzz_world(a, input);
    const struct resource *resource =
        ecr_provider.resources[input.data[0] % ecr_provider.resource_count];
    struct op op = op_new(a, &w->os.os, &ecr_provider, resource);
    resource_upgrade(&op, resource->schema->version, stored);
    if (op_failed(&op))
        return;
    const char *path = NULL;
    const struct value *again = schema_conform(a, resource->schema->attrs, op.state, &path);
    CLAIM(again && value_equal(again, op.state));
}

FUZZ(import)
{
    const struct fuzz_world *w = fuzz_world(a, input);
    for (size_t i = 0; i < ecr_provider.resource_count; i++) {
        struct op op = op_new(a, &w->os.os, &ecr_provider, ecr_provider.resources[i]);
        resource_import(&op, fuzz_text(a, input));
        CLAIM(op_failed(&op) || op.state->kind == VALUE_MAP);
    }
}

FUZZ(checks)
{
    const char *text = fuzz_text(a, input);
    int64_t ms;
    CLAIM(!duration_parse(text, &ms) || ms >= 0);
    check_json(a, text);
    check_arn(a, text);
    check_url(a, text);
    check_role_duration(a, text);
}
