/* The identity's values and the state's are the same, under other names. */
#include "framework/identity.h"

#include <string.h>

static const struct value *identity_of(struct op *op, const struct value *state)
{
    const struct value *identity = &value_empty_map;
    for (const struct identity_attr *i = op->schema->identity; i && i->name; i++) {
        const struct value *v = value_member(state, i->from);
        if (v->kind != VALUE_STRING)
            return &value_null;
        identity = value_with(op->arena, identity, i->name, v);
    }
    return value_count(identity) ? identity : &value_null;
}

void identity_follow(struct op *op)
{
    if (value_is_null(op->state))
        op->identity = &value_null;
    else if (value_is_null(op->identity))
        op->identity = identity_of(op, op->state);
}

bool identity_is_met(struct op *op)
{
    const struct identity_attr *i = op->imported ? op->schema->identity : NULL;
    for (; i && i->name && !value_is_null(op->state); i++) {
        const char *asked = value_text(op->prior, i->from);
        const char *found = value_text(op->state, i->from);
        if (*asked && strcmp(asked, found) != 0)
            return op_fail(op, "", "Another object than was asked for",
                           "The import asks for %s \"%s\", and what the credentials and the region "
                           "lead to has \"%s\".",
                           i->name, asked, found);
    }
    return true;
}

const struct value *identity_conform(struct arena *a, const struct schema *schema,
                                     const struct value *v)
{
    const struct value *identity = &value_empty_map;
    if (v->kind != VALUE_MAP)
        return NULL;
    for (const struct identity_attr *i = schema->identity; i && i->name; i++) {
        const struct value *text = value_member(v, i->name);
        if (text->kind != VALUE_STRING && text->kind != VALUE_NULL)
            return NULL;
        identity = value_with(a, identity, i->name, text);
    }
    return identity;
}
