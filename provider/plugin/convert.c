/* One direction after the other; nothing here decides anything. */
#include "plugin/convert.h"

#include "base/text.h"
#include "framework/identity.h"
#include "value/json.h"
#include "value/msgpack.h"
#include "value/path.h"

#include <stdlib.h>
#include <string.h>

const struct value *convert_value(struct arena *a, const Tfplugin6__DynamicValue *sent)
{
    if (!sent || (sent->msgpack.len == 0 && sent->json.len == 0))
        return &value_null;
    if (sent->msgpack.len)
        return msgpack_decode(a, (struct bytes){sent->msgpack.data, sent->msgpack.len});
    return json_parse(a, (const char *)sent->json.data, sent->json.len, NULL);
}

bool convert_object(struct op *op, const struct attr *attrs, const Tfplugin6__DynamicValue *sent,
                    const struct value **ret_object)
{
    const struct value *v = convert_value(op->arena, sent);
    const char *path = "";
    const struct value *object = v ? schema_conform(op->arena, attrs, v, &path) : NULL;

    if (!object)
        return op_fail(op, path, "Value cannot be read",
                       "%s, or text in it has a NUL character, which AWS cannot take.",
                       v ? "It does not have the type that the provider declared"
                         : "It is not in Terraform's encoding, a map in it has more than 1,000 "
                           "members or all of it more than a million values");
    *ret_object = object;
    return true;
}

bool convert_identity(struct op *op, const Tfplugin6__ResourceIdentityData *sent)
{
    const struct value *v = convert_value(op->arena, sent ? sent->identity_data : NULL);
    if (v && value_is_null(v))
        return true;
    const struct value *identity = v ? identity_conform(op->arena, op->schema, v) : NULL;
    if (!identity)
        return op_fail(op, "", "Identity cannot be read",
                       "It does not have the form that the provider declared.");
    op->identity = identity;
    return true;
}

const struct value *convert_stored(struct op *op, const Tfplugin6__RawState *raw)
{
    if (!raw || raw->json.len == 0) {
        op_fail(op, "", "State is too old",
                "The state of this %s was written by Terraform 0.11 or older. Run terraform apply "
                "with Terraform 0.12 and the provider that wrote it first.",
                op->schema->name);
        return NULL;
    }
    const struct value *v =
        json_parse(op->arena, (const char *)raw->json.data, raw->json.len, NULL);
    if (!v)
        op_fail(op, "", "State cannot be read",
                "The stored %s is not valid JSON, a map in it has more than 1,000 members or all "
                "of it more than a million values.",
                op->schema->name);
    return v;
}

char *convert_text(struct arena *a, const char *text)
{
    char *copy = arena_text(a, text), *end = copy + strlen(copy);
    for (char *p = copy; p < end;) {
        size_t size = text_character_size(p, (size_t)(end - p));
        if (size == 0)
            *p = '?';
        p += size ? size : 1;
    }
    return copy;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct member *)a)->key, ((const struct member *)b)->key);
}

static const struct value *clean(struct arena *a, const struct value *v)
{
    if (v->kind == VALUE_STRING)
        return value_string(a, convert_text(a, v->text));
    if (v->kind == VALUE_LIST) {
        const struct value **items = arena_array(a, v->list.count, sizeof *items);
        for (size_t i = 0; i < v->list.count; i++)
            items[i] = clean(a, v->list.items[i]);
        return value_list(a, items, v->list.count);
    }
    if (v->kind == VALUE_MAP) {
        struct member *members = arena_array(a, v->map.count, sizeof *members);
        for (size_t i = 0; i < v->map.count; i++)
            members[i] = (struct member){convert_text(a, v->map.members[i].key),
                                         clean(a, v->map.members[i].value)};
        qsort(members, v->map.count, sizeof *members, by_key);
        return value_map(a, members, v->map.count);
    }
    return v;
}

Tfplugin6__DynamicValue *convert_dynamic(struct arena *a, const struct value *object)
{
    struct bytes bytes = msgpack_encode(a, clean(a, object));
    Tfplugin6__DynamicValue *dynamic = arena_alloc(a, sizeof *dynamic);
    tfplugin6__dynamic_value__init(dynamic);
    dynamic->msgpack = (ProtobufCBinaryData){bytes.size, (uint8_t *)bytes.data};
    return dynamic;
}

Tfplugin6__ResourceIdentityData *convert_identity_data(struct op *op)
{
    if (value_is_null(op->identity))
        return NULL;
    Tfplugin6__ResourceIdentityData *message = arena_alloc(op->arena, sizeof *message);
    tfplugin6__resource_identity_data__init(message);
    message->identity_data = convert_dynamic(op->arena, op->identity);
    return message;
}

static Tfplugin6__AttributePath__Step *convert_step(struct arena *a, const struct path_step *step)
{
    Tfplugin6__AttributePath__Step *message = arena_alloc(a, sizeof *message);
    tfplugin6__attribute_path__step__init(message);
    char *name = step->name ? convert_text(a, arena_text_n(a, step->name, step->size)) : NULL;

    if (!step->name) {
        message->selector_case = TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ELEMENT_KEY_INT;
        message->element_key_int = step->index;
    } else if (step->quoted) {
        message->selector_case = TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ELEMENT_KEY_STRING;
        message->element_key_string = name;
    } else {
        message->selector_case = TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ATTRIBUTE_NAME;
        message->attribute_name = name;
    }
    return message;
}

Tfplugin6__AttributePath *convert_path(struct arena *a, const char *path)
{
    if (!*path)
        return NULL;
    Tfplugin6__AttributePath *message = arena_alloc(a, sizeof *message);
    tfplugin6__attribute_path__init(message);
    message->steps = arena_array(a, strlen(path), sizeof *message->steps);

    struct path_step step;
    while (path_next(&path, &step))
        message->steps[message->n_steps++] = convert_step(a, &step);
    return message;
}

static Tfplugin6__Diagnostic *convert_diagnostic(struct arena *a, const struct diagnostic *d)
{
    Tfplugin6__Diagnostic *message = arena_alloc(a, sizeof *message);
    tfplugin6__diagnostic__init(message);
    message->severity = d->severity == SEVERITY_ERROR ? TFPLUGIN6__DIAGNOSTIC__SEVERITY__ERROR
                                                      : TFPLUGIN6__DIAGNOSTIC__SEVERITY__WARNING;
    message->summary = convert_text(a, d->summary);
    message->detail = convert_text(a, d->detail);
    message->attribute = convert_path(a, d->path);
    return message;
}

size_t convert_diagnostics(struct op *op, Tfplugin6__Diagnostic ***ret_diagnostics)
{
    size_t count = 0;
    for (const struct diagnostic *d = op->diagnostics; d; d = d->next)
        count++;

    Tfplugin6__Diagnostic **messages = arena_array(op->arena, count, sizeof *messages);
    size_t i = 0;
    for (const struct diagnostic *d = op->diagnostics; d; d = d->next)
        messages[i++] = convert_diagnostic(op->arena, d);
    *ret_diagnostics = messages;
    return count;
}
