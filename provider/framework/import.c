/* How objects come into the state that this provider did not put there: imports, states of older
 * versions and of other providers. None of it asks about the object; the read that follows does. */
#include "framework/identity.h"

#include <string.h>

/* text may stand for the row's value; false after op_fail. name: what the user knows it as. */
static bool is_part(struct op *op, const char *name, const struct attr *row, const char *text)
{
    const struct schema *schema = op->schema;
    const char *complaint = attr_complaint(op->arena, row, text);
    return !complaint ||
           op_fail(op, "", "Invalid import ID", "\"%s\" is no %s: it %s. Import %s by %s.", text,
                   name, complaint, schema->name, schema->import_doc);
}

static void import_object(struct op *op, const struct value *known)
{
    const struct schema *schema = op->schema;
    const struct attr *inherited = schema_inherited(schema->attrs);
    const struct value *object =
        value_with(op->arena, known, "id", value_member(known, schema->import_as));
    const char *path;

    if (inherited && value_is_null(value_member(object, inherited->name)))
        object = value_with(op->arena, object, inherited->name, op_inherited(op, inherited));
    op->state = schema_conform(op->arena, schema->attrs, object, &path);
    op_remember(op, OP_IMPORTED, &value_true);
}

/* "name", or "name@region". */
static void import_by_id(struct op *op, const char *id)
{
    struct arena *a = op->arena;
    const struct schema *schema = op->schema;
    const struct attr *inherited = schema_inherited(schema->attrs);
    const char *at = inherited ? strrchr(id, '@') : NULL;
    const char *name = at ? arena_text_n(a, id, (size_t)(at - id)) : id;

    if (!is_part(op, schema->import_as, schema_attr(schema->attrs, schema->import_as), name) ||
        (at && !is_part(op, inherited->name, inherited, at + 1)))
        return;
    const struct value *known = MAP(a, {schema->import_as, value_string(a, name)});
    if (at)
        known = value_with(a, known, inherited->name, value_string(a, at + 1));
    import_object(op, known);
}

/* A part that the user left out: what the provider's own is. */
static const struct value *missing_part(struct op *op, const struct identity_attr *i)
{
    return op->meta && !i->required && op->provider->inherited
               ? op->provider->inherited(op, i->from)
               : &value_null;
}

static void import_by_identity(struct op *op)
{
    const struct schema *schema = op->schema;
    const struct value *known = &value_empty_map;
    for (const struct identity_attr *i = schema->identity; i && i->name; i++) {
        const struct value *v = value_member(op->identity, i->name);
        if (value_is_null(v))
            v = missing_part(op, i);
        if (v->kind == VALUE_STRING &&
            !is_part(op, i->name, schema_attr(schema->attrs, i->from), v->text))
            return;
        known = value_with(op->arena, known, i->from, v);
        op->identity = value_with(op->arena, op->identity, i->name, v);
    }
    if (value_is_null(value_member(known, schema->import_as)))
        op_fail(op, "", "Incomplete identity", "The identity has no %s. Import %s by %s.",
                schema->import_as, schema->name, schema->import_doc);
    else
        import_object(op, known);
}

void resource_import(struct op *op, const char *id)
{
    if (*id || value_is_null(op->identity))
        import_by_id(op, id);
    else
        import_by_identity(op);
}

/* Optional strings that are empty count as not set: the state of other providers has them so. */
static const struct value *without_blanks(struct arena *a, const struct attr *attrs,
                                          const struct value *state)
{
    for (; attrs->name; attrs++) {
        const struct value *v = value_member(state, attrs->name);
        if (attrs->type == TYPE_STRING && !(attrs->flags & (REQUIRED | COMPUTED)) &&
            v->kind == VALUE_STRING && v->text[0] == '\0')
            state = value_with(a, state, attrs->name, &value_null);
    }
    return state;
}

void resource_upgrade(struct op *op, int64_t version, const struct value *stored)
{
    const struct schema *schema = op->schema;
    const char *path;

    if (version > schema->version) {
        op_fail(op, "", "State was written by a newer version",
                "The state of this %s has schema version %lld, this provider knows versions up to "
                "%d. Use the provider version that wrote it, or a newer one.",
                schema->name, (long long)version, schema->version);
        return;
    }
    const struct value *state = schema_conform(op->arena, schema->attrs, stored, &path);
    if (!state || state->kind != VALUE_MAP) {
        op_fail(op, "", "State cannot be read",
                "The stored %s does not have the type that the provider expects at \"%s\".",
                schema->name, state ? "" : path);
        return;
    }
    state = without_blanks(op->arena, schema->attrs, state);
    const struct attr *inherited = schema_inherited(schema->attrs);
    if (inherited && value_is_null(value_member(state, inherited->name)))
        state = value_with(op->arena, state, inherited->name, op_inherited(op, inherited));
    op->state = state;
}

/* NAMESPACE/TYPE, whichever registry it is from. */
static bool is_provider(const char *address, const char *name)
{
    const char *slash = strchr(address, '/');
    return slash && strcmp(slash + 1, name) == 0;
}

void resource_move(struct op *op, const char *provider_address, const char *type_name,
                   const struct value *stored)
{
    const struct provider *provider = op->provider;
    bool known = is_provider(provider_address, provider->moves_from) ||
                 is_provider(provider_address, strchr(provider->address, '/') + 1);

    if (known && provider_resource(provider, type_name) == op->resource) {
        resource_upgrade(op, op->schema->version, stored);
        return;
    }
    op_fail(op, "", "Move is not supported",
            "%s of provider %s cannot become %s. What can is %s%s of %s, and the same resource "
            "under its other name.",
            type_name, provider_address, op->schema->name, provider->prefix, op->schema->name,
            provider->moves_from);
}

void resource_upgrade_identity(struct op *op, const struct value *stored)
{
    const struct value *identity = identity_conform(op->arena, op->schema, stored);
    if (identity)
        op->identity = identity;
    else
        op_fail(op, "", "Identity cannot be read",
                "The stored identity of this %s does not have the parts that the provider expects.",
                op->schema->name);
}
