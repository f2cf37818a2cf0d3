/* GetProviderSchema: the tables as Terraform's schema messages. The program that runs sends what
 * this made when it was built. */
#include "plugin/convert.h"
#include "plugin/methods.h"
#include "plugin/plugin.h"

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

static const char *second_name(struct arena *a, const struct provider *provider,
                               const struct schema *schema)
{
    return arena_printf(a, "%s%s", provider->prefix, schema->name);
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

/* The entries of a message's maps have a type each, which differ in nothing but their name. */
#define ADD(map, kind, init, name, what)                                                       \
    do {                                                                                       \
        Tfplugin6__GetProviderSchema__Response__##kind *entry = arena_alloc(a, sizeof *entry); \
        init(entry);                                                                           \
        entry->key = (char *)(name);                                                           \
        entry->value = what;                                                                   \
        answer->map[answer->n_##map++] = entry;                                                \
    } while (0)

static void add_resources(struct arena *a, const struct provider *provider,
                          Tfplugin6__GetProviderSchema__Response *answer)
{
    size_t names = 2 * provider->resource_count; /* each has a second one */
    answer->resource_schemas = arena_array(a, names, sizeof *answer->resource_schemas);
    for (size_t i = 0; i < provider->resource_count; i++) {
        const struct schema *schema = provider->resources[i]->schema;
        Tfplugin6__Schema *message = schema_message(a, schema);
        const char *names_of[] = {schema->name, second_name(a, provider, schema)};
        for (size_t j = 0; j < 2; j++)
            ADD(resource_schemas, ResourceSchemasEntry,
                tfplugin6__get_provider_schema__response__resource_schemas_entry__init, names_of[j],
                message);
    }
}

static void add_data_sources(struct arena *a, const struct provider *provider,
                             Tfplugin6__GetProviderSchema__Response *answer)
{
    size_t names = 2 * provider->data_source_count;
    answer->data_source_schemas = arena_array(a, names, sizeof *answer->data_source_schemas);
    for (size_t i = 0; i < provider->data_source_count; i++) {
        const struct schema *schema = provider->data_sources[i]->schema;
        Tfplugin6__Schema *message = schema_message(a, schema);
        const char *names_of[] = {schema->name, second_name(a, provider, schema)};
        for (size_t j = 0; j < 2; j++)
            ADD(data_source_schemas, DataSourceSchemasEntry,
                tfplugin6__get_provider_schema__response__data_source_schemas_entry__init,
                names_of[j], message);
    }
}

static void add_ephemeral_resources(struct arena *a, const struct provider *provider,
                                    Tfplugin6__GetProviderSchema__Response *answer)
{
    size_t names = 2 * provider->ephemeral_resource_count;
    answer->ephemeral_resource_schemas =
        arena_array(a, names, sizeof *answer->ephemeral_resource_schemas);
    for (size_t i = 0; i < provider->ephemeral_resource_count; i++) {
        const struct schema *schema = provider->ephemeral_resources[i]->schema;
        Tfplugin6__Schema *message = schema_message(a, schema);
        const char *names_of[] = {schema->name, second_name(a, provider, schema)};
        for (size_t j = 0; j < 2; j++)
            ADD(ephemeral_resource_schemas, EphemeralResourceSchemasEntry,
                tfplugin6__get_provider_schema__response__ephemeral_resource_schemas_entry__init,
                names_of[j], message);
    }
}

static void add_functions(struct arena *a, const struct provider *provider,
                          Tfplugin6__GetProviderSchema__Response *answer)
{
    answer->functions = arena_array(a, provider->function_count, sizeof *answer->functions);
    for (size_t i = 0; i < provider->function_count; i++)
        ADD(functions, FunctionsEntry,
            tfplugin6__get_provider_schema__response__functions_entry__init,
            provider->functions[i]->name, function_message(a, provider->functions[i]));
}

static void fill(struct arena *a, const struct provider *provider,
                 Tfplugin6__GetProviderSchema__Response *answer)
{
    answer->provider = schema_message(a, provider->schema);
    answer->server_capabilities = capabilities(a);
    add_resources(a, provider, answer);
    add_data_sources(a, provider, answer);
    add_ephemeral_resources(a, provider, answer);
    add_functions(a, provider, answer);
}

HANDLER(rpc_get_provider_schema)
{
    (void)request;
    fill(rpc->arena, session_provider(rpc->session), response);
}

struct bytes plugin_schema(struct arena *a, const struct provider *provider)
{
    Tfplugin6__GetProviderSchema__Response answer = TFPLUGIN6__GET_PROVIDER_SCHEMA__RESPONSE__INIT;
    fill(a, provider, &answer);
    size_t size = protobuf_c_message_get_packed_size(&answer.base);
    uint8_t *packed = arena_alloc(a, size);
    protobuf_c_message_pack(&answer.base, packed);
    return (struct bytes){packed, size};
}
