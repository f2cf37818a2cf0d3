/* The sample resource: a service that keeps one object in memory. */
#include "framework/framework_test.h"

#include "base/test.h"
#include "framework/checks.h"
#include "value/json.h"

#include <string.h>

static bool same_ignoring_case(struct arena *a, const char *x, const char *y)
{
    (void)a;
    return strcasecmp(x, y) == 0;
}

static const struct attr rule_rows[] = {
    ATTR("match", STRING, REQUIRED, .wire = "match", .max_length = 5, .doc = "."),
    END,
};

static const struct attr crypto_rows[] = {
    ATTR("type", STRING, OPTIONAL, .wire = "type", .default_text = "plain",
         ONE_OF("plain", "locked"), .doc = "."),
    ATTR("key", STRING, OPTIONAL | COMPUTED, .wire = "key", .doc = "."),
    END,
};

static const struct attr timeouts_rows[] = {
    ATTR("delete", STRING, OPTIONAL, .check = check_duration, .doc = "."),
    END,
};

static const struct attr sample_rows[] = {
    ATTR("name", STRING, REQUIRED | FORCE_NEW, .wire = "theName", .min_length = 2,
         .pattern = "[a-z]+", .pattern_says = "lower-case letters", .doc = "."),
    ATTR("mode", STRING, OPTIONAL | COMPUTED, .wire = "theMode", .default_text = "soft",
         ONE_OF("soft", "hard"), .doc = "."),
    ATTR("text", STRING, OPTIONAL, .wire = "theText", .same = same_ignoring_case, .doc = "."),
    ATTR("link", STRING, OPTIONAL | REPLACE_IF_CLEARED, .wire = "theLink", .wire_absent = "ROOT",
         .doc = "."),
    ATTR("count", NUMBER, OPTIONAL, .wire = "theCount", .doc = "."),
    ATTR("force", BOOL, OPTIONAL, .doc = "."),
    ATTR("tags", STRING_MAP, OPTIONAL, .wire = "theTags", .doc = "."),
    ATTR("crypto", DEFAULTED_BLOCK, OPTIONAL | COMPUTED | FORCE_NEW, .wire = "theCrypto",
         .attrs = crypto_rows, .doc = "."),
    ATTR("rule", BLOCKS, OPTIONAL | UNORDERED, .wire = "theRules", .attrs = rule_rows,
         .max_items = 2, .doc = "."),
    ATTR("secret", STRING, OPTIONAL | SENSITIVE, .max_length = 3, .doc = "."),
    ATTR("id", STRING, COMPUTED | STABLE, .wire = "theName", .doc = "."),
    ATTR("changed_at", STRING, COMPUTED, .wire = "changedAt", .doc = "."),
    ATTR("timeouts", SINGLE_BLOCK, OPTIONAL, .attrs = timeouts_rows, .doc = "."),
    END,
};

static const struct schema sample_schema = {
    .name = "ecr_sample",
    .summary = ".",
    .doc = ".",
    .version = 1,
    .attrs = sample_rows,
    .import_as = "name",
    .import_doc = "the name",
    .identity = (const struct identity_attr[]){{"called", "name", true, "."}, {0}},
};

static bool fails(struct op *op, const char *step)
{
    struct sample_service *service = op->meta;
    return service->fails_at && strcmp(service->fails_at, step) == 0 &&
           !op_fail(op, "text", "The service fails", "at %s", step);
}

static bool sample_create(struct op *op)
{
    struct sample_service *service = op->meta;
    service->remote = op_expand(op);
    if (!service->forgets)
        service->remote =
            value_with(op->arena, service->remote, "changedAt", value_string(op->arena, "monday"));
    op_set_remote(op, service->remote);
    return !fails(op, "create");
}

static bool sample_read(struct op *op)
{
    struct sample_service *service = op->meta;
    if (fails(op, "read"))
        return false;
    return service->gone ? op_gone(op) : op_set_remote(op, service->remote);
}

static bool sample_update(struct op *op)
{
    struct sample_service *service = op->meta;
    op->state = value_with(op->arena, op->prior, "mode", value_member(op->plan, "mode"));
    if (fails(op, "update"))
        return false;
    service->remote =
        value_with(op->arena, op_expand(op), "changedAt", value_string(op->arena, "tuesday"));
    return op_set_remote(op, service->remote);
}

static bool sample_delete(struct op *op)
{
    return !fails(op, "delete");
}

const struct resource sample_resource = {
    .schema = &sample_schema,
    .create = sample_create,
    .read = sample_read,
    .update = sample_update,
    .delete = sample_delete,
};

static const struct resource *const resources[] = {&sample_resource};

static const struct attr provider_rows[] = {
    ATTR("region", STRING, OPTIONAL, .doc = "."),
    END,
};

static const struct schema provider_block = {
    .name = "ecr", .summary = ".", .doc = ".", .attrs = provider_rows};

static void *sample_configure(struct op *op, struct arena *lifetime)
{
    if (strcmp(value_text(op->config, "region"), "nowhere") == 0) {
        op_fail(op, "region", "No such region", "nowhere");
        return NULL;
    }
    return arena_alloc(lifetime, sizeof(struct sample_service));
}

const struct provider sample_provider = {
    .version = "0",
    .address = "registry.terraform.io/aws-labs/sample",
    .prefix = "aws_",
    .moves_from = "hashicorp/aws",
    .schema = &provider_block,
    .resources = resources,
    .resource_count = 1,
    .configure = sample_configure,
};

static const struct value *with_unknowns(struct arena *a, const struct value *v)
{
    if (v->kind == VALUE_STRING && strcmp(v->text, "?") == 0)
        return &value_unknown;
    if (v->kind == VALUE_LIST) {
        const struct value **items = arena_array(a, v->list.count, sizeof *items);
        for (size_t i = 0; i < v->list.count; i++)
            items[i] = with_unknowns(a, v->list.items[i]);
        return value_list(a, items, v->list.count);
    }
    for (size_t i = 0; i < value_count(v); i++)
        v = value_with(a, v, v->map.members[i].key, with_unknowns(a, v->map.members[i].value));
    return v;
}

const struct value *sample(struct arena *a, const char *json)
{
    char *text = arena_text(a, json);
    for (char *p = text; *p; p++)
        if (*p == '\'')
            *p = '"';
    const struct value *v = json_parse(a, text, strlen(text), NULL);
    assert_non_null(v);
    return with_unknowns(a, v);
}

const struct value *sample_object(struct arena *a, const char *json)
{
    const char *path;
    const struct value *v = schema_conform(a, sample_rows, sample(a, json), &path);
    assert_non_null(v);
    return v;
}

struct op sample_op(struct arena *a, struct sample_service *service, const char *config,
                    const char *prior)
{
    struct op op = op_new(a, &os_real, &sample_provider, &sample_resource);
    op.meta = service;
    op.config = sample_object(a, config);
    op.prior = sample_object(a, prior);
    return op;
}
