/* The RPCs about identities, which Terraform 1.12 and newer keep beside the state. */
#include "plugin/convert.h"
#include "plugin/methods.h"

static Tfplugin6__ResourceIdentitySchema__IdentityAttribute *
identity_attribute(struct arena *a, const struct identity_attr *attr)
{
    static const char type[] = "\"string\"";
    Tfplugin6__ResourceIdentitySchema__IdentityAttribute *message = arena_alloc(a, sizeof *message);
    tfplugin6__resource_identity_schema__identity_attribute__init(message);
    message->name = (char *)attr->name;
    message->type = (ProtobufCBinaryData){sizeof type - 1, (uint8_t *)type};
    message->required_for_import = attr->required;
    message->optional_for_import = !attr->required;
    message->description = (char *)attr->doc;
    return message;
}

static Tfplugin6__ResourceIdentitySchema *identity_message(struct arena *a,
                                                           const struct identity_attr *attrs)
{
    Tfplugin6__ResourceIdentitySchema *message = arena_alloc(a, sizeof *message);
    tfplugin6__resource_identity_schema__init(message);
    size_t count = 0;
    while (attrs[count].name)
        count++;
    message->identity_attributes = arena_array(a, count, sizeof *message->identity_attributes);
    for (size_t i = 0; i < count; i++)
        message->identity_attributes[i] = identity_attribute(a, &attrs[i]);
    message->n_identity_attributes = count;
    return message;
}

static void add_identity(struct arena *a, Tfplugin6__GetResourceIdentitySchemas__Response *response,
                         const char *name, Tfplugin6__ResourceIdentitySchema *schema)
{
    Tfplugin6__GetResourceIdentitySchemas__Response__IdentitySchemasEntry *entry =
        arena_alloc(a, sizeof *entry);
    tfplugin6__get_resource_identity_schemas__response__identity_schemas_entry__init(entry);
    entry->key = (char *)name;
    entry->value = schema;
    response->identity_schemas[response->n_identity_schemas++] = entry;
}

HANDLER(rpc_get_resource_identity_schemas)
{
    (void)request;
    struct arena *a = rpc->arena;
    const struct provider *provider = session_provider(rpc->session);
    Tfplugin6__GetResourceIdentitySchemas__Response *answer = response;

    answer->identity_schemas =
        arena_array(a, 2 * provider->resource_count, sizeof *answer->identity_schemas);
    for (size_t i = 0; i < provider->resource_count; i++) {
        const struct schema *schema = provider->resources[i]->schema;
        if (!schema->identity)
            continue;
        Tfplugin6__ResourceIdentitySchema *message = identity_message(a, schema->identity);
        add_identity(a, answer, schema->name, message);
        add_identity(a, answer, arena_printf(a, "%s%s", provider->prefix, schema->name), message);
    }
}

HANDLER(rpc_upgrade_resource_identity)
{
    const Tfplugin6__UpgradeResourceIdentity__Request *asked = request;
    Tfplugin6__UpgradeResourceIdentity__Response *answer = response;
    struct op op = session_resource_op(rpc, asked->type_name);

    const struct value *v = op.resource ? convert_stored(&op, asked->raw_identity) : NULL;
    if (v)
        resource_upgrade_identity(&op, v);
    answer->upgraded_identity = convert_identity_data(&op);
    answer->n_diagnostics = convert_diagnostics(&op, &answer->diagnostics);
}
