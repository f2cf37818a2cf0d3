/* GetProviderSchema: the tables as Terraform's schema messages. */
#include "plugin/methods.h"
#include "tfplugin6.pb-c.h"

#include <string.h>

static Tfplugin6__Schema__Block *block_message(struct arena *a, const struct attr *attrs,
                                               const char *doc);

static Tfplugin6__Schema__Attribute *attribute_message(struct arena *a, const struct attr *attr)
{
    Tfplugin6__Schema__Attribute *message = arena_alloc(a, sizeof *message);
    tfplugin6__schema__attribute__init(message);
    const char *type = attr_type_json(a, attr);

    message->name = (char *)attr->name;
    message->type = (ProtobufCBinaryData){strlen(type), (uint8_t *)type};
    message->description = (char *)(attr->doc ? attr->doc : "");
    message->description_kind =
        attr->doc ? TFPLUGIN6__STRING_KIND__MARKDOWN : TFPLUGIN6__STRING_KIND__PLAIN;
    message->required = (attr->flags & REQUIRED) != 0;
    message->optional = (attr->flags & OPTIONAL) != 0;
    message->computed = (attr->flags & COMPUTED) != 0;
    message->sensitive = (attr->flags & SENSITIVE) != 0;
    return message;
}

static Tfplugin6__Schema__NestedBlock *nested_message(struct arena *a, const struct attr *attr)
{
    Tfplugin6__Schema__NestedBlock *message = arena_alloc(a, sizeof *message);
    tfplugin6__schema__nested_block__init(message);
    message->type_name = (char *)attr->name;
    message->block = block_message(a, attr->attrs, attr->doc);
    message->nesting =
        attr->type == TYPE_SINGLE_BLOCK ? TFPLUGIN6__SCHEMA__NESTED_BLOCK__NESTING_MODE__SINGLE
        : attr->type == TYPE_BLOCK_SET  ? TFPLUGIN6__SCHEMA__NESTED_BLOCK__NESTING_MODE__SET
                                        : TFPLUGIN6__SCHEMA__NESTED_BLOCK__NESTING_MODE__LIST;
    message->min_items = attr->min_items;
    message->max_items = attr->max_items;
    return message;
}

static Tfplugin6__Schema__Block *block_message(struct arena *a, const struct attr *attrs,
                                               const char *doc)
{
    Tfplugin6__Schema__Block *message = arena_alloc(a, sizeof *message);
    tfplugin6__schema__block__init(message);
    size_t rows = 0;
    while (attrs[rows].name)
        rows++;

    message->description = (char *)doc;
    message->description_kind = TFPLUGIN6__STRING_KIND__MARKDOWN;
    message->attributes = arena_array(a, rows, sizeof *message->attributes);
    message->block_types = arena_array(a, rows, sizeof *message->block_types);
    for (size_t i = 0; i < rows; i++) {
        if (attr_is_nested_block(&attrs[i]))
            message->block_types[message->n_block_types++] = nested_message(a, &attrs[i]);
        else
            message->attributes[message->n_attributes++] = attribute_message(a, &attrs[i]);
    }
    return message;
}

static Tfplugin6__Schema *schema_message(struct arena *a, const struct schema *schema)
{
    Tfplugin6__Schema *message = arena_alloc(a, sizeof *message);
    tfplugin6__schema__init(message);
    message->version = schema->version;
    message->block = block_message(a, schema->attrs, schema->summary);
    return message;
}

static void add_resource(struct arena *a, Tfplugin6__GetProviderSchema__Response *response,
                         const char *name, Tfplugin6__Schema *schema)
{
    Tfplugin6__GetProviderSchema__Response__ResourceSchemasEntry *entry =
        arena_alloc(a, sizeof *entry);
    tfplugin6__get_provider_schema__response__resource_schemas_entry__init(entry);
    entry->key = (char *)name;
    entry->value = schema;
    response->resource_schemas[response->n_resource_schemas++] = entry;
}

static Tfplugin6__ServerCapabilities *capabilities(struct arena *a)
{
    Tfplugin6__ServerCapabilities *message = arena_alloc(a, sizeof *message);
    tfplugin6__server_capabilities__init(message);
    message->plan_destroy = 1;
    message->get_provider_schema_optional = 1;
    message->move_resource_state = 1;
    return message;
}

HANDLER(rpc_get_provider_schema)
{
    (void)request;
    struct arena *a = rpc->arena;
    const struct provider *provider = session_provider(rpc->session);
    Tfplugin6__GetProviderSchema__Response *answer = response;
    size_t names = 2 * provider->resource_count; /* each has a second one */

    answer->provider = schema_message(a, provider->schema);
    answer->server_capabilities = capabilities(a);
    answer->resource_schemas = arena_array(a, names, sizeof *answer->resource_schemas);
    for (size_t i = 0; i < provider->resource_count; i++) {
        const struct schema *schema = provider->resources[i]->schema;
        Tfplugin6__Schema *message = schema_message(a, schema);
        add_resource(a, answer, schema->name, message);
        add_resource(a, answer, arena_printf(a, "%s%s", provider->prefix, schema->name), message);
    }
}

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
