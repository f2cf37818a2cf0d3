/* What a handler does to its operation. */
#include "framework/provider.h"

#include <stdarg.h>
#include <string.h>

#define DIAGNOSTICS_LIMIT 100
#define DETAIL_LIMIT      (16u * 1024)
#define PATH_LIMIT        4096

/* A type's name without the prefix of second names. */
static const char *first_name(const struct provider *provider, const char *type_name)
{
    size_t size = strlen(provider->prefix);
    return strncmp(type_name, provider->prefix, size) ? type_name : type_name + size;
}

const struct resource *provider_resource(const struct provider *provider, const char *type_name)
{
    const char *name = first_name(provider, type_name);
    for (size_t i = 0; i < provider->resource_count; i++)
        if (strcmp(provider->resources[i]->schema->name, name) == 0)
            return provider->resources[i];
    return NULL;
}

static const struct data_source *find_source(const struct data_source *const *sources, size_t count,
                                             const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(sources[i]->schema->name, name) == 0)
            return sources[i];
    return NULL;
}

const struct data_source *provider_data_source(const struct provider *provider,
                                               const char *type_name)
{
    return find_source(provider->data_sources, provider->data_source_count,
                       first_name(provider, type_name));
}

const struct data_source *provider_ephemeral_resource(const struct provider *provider,
                                                      const char *type_name)
{
    return find_source(provider->ephemeral_resources, provider->ephemeral_resource_count,
                       first_name(provider, type_name));
}

struct op op_new(struct arena *a, const struct os *os, const struct provider *provider,
                 const struct resource *resource)
{
    return (struct op){
        .arena = a,
        .os = os,
        .provider = provider,
        .schema = resource ? resource->schema : provider->schema,
        .resource = resource,
        .config = &value_null,
        .prior = &value_null,
        .plan = &value_null,
        .state = &value_null,
        .private = &value_empty_map,
        .identity = &value_null,
    };
}

/* The text, or its beginning: whoever sent a megabyte need not get it back. */
static const char *shortened(struct arena *a, char *text)
{
    size_t size = strlen(text);
    if (size <= DETAIL_LIMIT)
        return text;
    for (size = DETAIL_LIMIT; ((unsigned char)text[size] & 0xc0) == 0x80;)
        size--;
    return arena_printf(a, "%.*s…", (int)size, text);
}

static void add(struct op *op, struct diagnostic d)
{
    if (!op->diagnostics)
        op->diagnostic_count = 0; /* earlier ones were taken back */
    if (op->diagnostic_count > DIAGNOSTICS_LIMIT)
        return;
    if (op->diagnostic_count++ == DIAGNOSTICS_LIMIT) /* an error, since what follows may be one */
        d = (struct diagnostic){.severity = SEVERITY_ERROR,
                                .path = "",
                                .summary = "More problems than are shown",
                                .detail = "Correct those above and run Terraform again."};
    if (strlen(d.path) > PATH_LIMIT)
        d.path = "";
    struct diagnostic *diagnostic = arena_alloc(op->arena, sizeof *diagnostic);
    *diagnostic = d;
    *(op->last_diagnostic ? op->last_diagnostic : &op->diagnostics) = diagnostic;
    op->last_diagnostic = &diagnostic->next;
}

bool op_fail(struct op *op, const char *path, const char *summary, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *detail = shortened(op->arena, arena_vprintf(op->arena, format, args));
    add(op, (struct diagnostic){
                .severity = SEVERITY_ERROR, .path = path, .summary = summary, .detail = detail});
    va_end(args);
    return false;
}

void op_warn(struct op *op, const char *path, const char *summary, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *detail = shortened(op->arena, arena_vprintf(op->arena, format, args));
    add(op, (struct diagnostic){
                .severity = SEVERITY_WARNING, .path = path, .summary = summary, .detail = detail});
    va_end(args);
}

bool op_failed(const struct op *op)
{
    for (const struct diagnostic *d = op->diagnostics; d; d = d->next)
        if (d->severity == SEVERITY_ERROR)
            return true;
    return false;
}

bool op_set_state(struct op *op, const struct value *state)
{
    op->state = state;
    return true;
}

void op_remember(struct op *op, const char *name, const struct value *v)
{
    if (value_equal(value_member(op->private, name), v))
        return;
    op->private = value_is_null(v) ? value_without(op->arena, op->private, name)
                                   : value_with(op->arena, op->private, name, v);
}

void op_keep_object(struct op *op, const char *name)
{
    size_t kept = 0;
    for (size_t i = 0; i < op->replace_count; i++)
        if (strcmp(op->replace_paths[i], name) != 0)
            op->replace_paths[kept++] = op->replace_paths[i];
    op->replace_count = kept;
}

const struct value *op_inherited(struct op *op, const struct attr *row)
{
    return op->meta && op->provider->inherited ? op->provider->inherited(op, row->name)
                                               : &value_null;
}

bool op_gone(struct op *op)
{
    return op_set_state(op, &value_null);
}

bool op_changed(const struct op *op, const char *name)
{
    return !value_equal(value_member(op->plan, name), value_member(op->prior, name));
}
