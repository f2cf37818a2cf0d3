/* The documentation, printed from the tables in the layout of the Terraform Registry. Examples are
 * files of their own below examples/, which tests run. */
#include "base/buffer.h"
#include "framework/provider.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PAGE_LIMIT (500 * 1024)

struct page {
    struct arena *arena;
    const struct os *os;
    struct buffer text;
};

static void put(struct page *page, const char *text)
{
    buffer_add(&page->text, text, strlen(text));
}

static const char *type_word(const struct attr *attr)
{
    switch (attr->type) {
    case TYPE_BOOL:
        return "Boolean";
    case TYPE_NUMBER:
        return "Number";
    case TYPE_STRING:
        return "String";
    case TYPE_STRING_MAP:
        return "Map of String";
    case TYPE_STRING_LIST:
        return "List of String";
    case TYPE_STRING_SET:
        return "Set of String";
    case TYPE_OBJECTS:
        return "List of Object";
    case TYPE_BLOCKS:
        return "Block List";
    case TYPE_BLOCK_SET:
        return "Block Set";
    case TYPE_DEFAULTED_BLOCK:
    case TYPE_SINGLE_BLOCK:
        break;
    }
    return "Block";
}

static void put_notes(struct page *page, const struct attr *attr)
{
    if (attr->one_of) {
        put(page, attr->one_of[1] ? " One of " : " Always ");
        for (size_t i = 0; attr->one_of[i]; i++)
            buffer_printf(&page->text, "%s`%s`", i ? ", " : "", attr->one_of[i]);
        put(page, ".");
    }
    if (attr->default_text && !(attr->flags & REQUIRED))
        buffer_printf(&page->text, " Default `%s`.", attr->default_text);
    if (attr->max_items > 1)
        buffer_printf(&page->text, " At most %d.", attr->max_items);
    if (attr->flags & FORCE_NEW)
        put(page, " Changing it replaces the resource.");
    if (attr->flags & REPLACE_IF_CLEARED)
        put(page, " Removing it replaces the resource.");
}

static void put_row(struct page *page, const char *above, const struct attr *attr)
{
    const char *secret = attr->flags & SENSITIVE ? ", Sensitive" : "";
    buffer_printf(&page->text, "- `%s` (%s%s) %s", attr->name, type_word(attr), secret, attr->doc);
    put_notes(page, attr);
    if (attr_has_rows(attr))
        buffer_printf(&page->text, " (see [below](#nestedblock--%s%s))", above, attr->name);
    put(page, "\n");
}

enum group { GROUP_REQUIRED, GROUP_OPTIONAL, GROUP_READ_ONLY };

static enum group group_of(const struct attr *attr)
{
    if (attr->flags & REQUIRED)
        return GROUP_REQUIRED;
    return attr_is_read_only(attr) ? GROUP_READ_ONLY : GROUP_OPTIONAL;
}

static void put_groups(struct page *page, const char *above, const struct attr *attrs,
                       const char *heading)
{
    static const char *const titles[] = {"Required", "Optional", "Read-Only"};
    for (enum group group = GROUP_REQUIRED; group <= GROUP_READ_ONLY; group++) {
        bool any = false;
        for (const struct attr *row = attrs; row->name; row++) {
            if (!row->doc || group_of(row) != group)
                continue;
            if (!any)
                buffer_printf(&page->text, "\n%s%s%s\n\n", heading, titles[group],
                              *heading ? "" : ":");
            any = true;
            put_row(page, above, row);
        }
    }
}

static void put_blocks(struct page *page, const char *above, const struct attr *attrs)
{
    for (; attrs->name; attrs++) {
        if (!attr_has_rows(attrs))
            continue;
        buffer_printf(&page->text, "\n<a id=\"nestedblock--%s%s\"></a>\n### `%s`\n", above,
                      attrs->name, attrs->name);
        const char *below = arena_printf(page->arena, "%s%s--", above, attrs->name);
        put_groups(page, below, attrs->attrs, "");
        put_blocks(page, below, attrs->attrs);
    }
}

/* The example's text; a page whose example is missing says nothing of one. */
static const char *example(struct page *page, const char *path)
{
    struct bytes bytes;
    return page->os->read_file(page->os, page->arena, path, &bytes) == 0 ? (const char *)bytes.data
                                                                         : NULL;
}

static void put_example(struct page *page, const char *title, const char *language,
                        const char *path)
{
    const char *text = example(page, path);
    if (text)
        buffer_printf(&page->text, "\n%s```%s\n%s```\n", title, language, text);
}

static void put_front(struct page *page, const char *title, const char *kind,
                      const struct schema *schema)
{
    buffer_printf(&page->text,
                  "---\npage_title: \"%s\"\nsubcategory: \"\"\ndescription: |-\n  %s\n---\n\n"
                  "# %s%s\n\n%s\n",
                  title, schema->summary, schema->name, kind, schema->doc);
}

static int write_page(struct page *page, const char *path)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return errno;
    size_t written = fwrite(page->text.data, 1, page->text.size, file);
    return fclose(file) || written != page->text.size ? EIO : 0;
}

static struct page page_new(struct arena *a)
{
    return (struct page){a, &os_real, {.arena = a, .limit = PAGE_LIMIT}};
}

/* Terraform 1.12 and newer import by it. */
static void put_identity(struct page *page, const struct schema *schema)
{
    if (!schema->identity)
        return;
    put(page, "\nWith Terraform 1.12 and newer the `import` block can name the `identity` "
              "instead:\n\n");
    for (const struct identity_attr *i = schema->identity; i->name; i++)
        buffer_printf(&page->text, "- `%s` (String%s) %s\n", i->name,
                      i->required ? "" : ", Optional", i->doc);
}

static int write_resource(struct arena *a, const struct schema *schema, const char *directory)
{
    struct page page = page_new(a);
    const char *examples = arena_printf(a, "examples/resources/%s", schema->name);

    put_front(&page, arena_printf(a, "%s Resource - ecr", schema->name), " (Resource)", schema);
    put_example(&page, "## Example Usage\n\n", "terraform",
                arena_printf(a, "%s/resource.tf", examples));
    put(&page, "\n## Schema\n");
    put_groups(&page, "", schema->attrs, "### ");
    put_blocks(&page, "", schema->attrs);
    buffer_printf(&page.text, "\n## Import\n\nImport by %s:\n", schema->import_doc);
    put_example(&page, "", "shell", arena_printf(a, "%s/import.sh", examples));
    put_identity(&page, schema);
    return write_page(
        &page, arena_printf(a, "%s/resources/%s.md", directory, strchr(schema->name, '_') + 1));
}

static int write_source(struct arena *a, const struct schema *schema, const char *directory,
                        const char *folder, const char *kind)
{
    struct page page = page_new(a);
    const char *example_file =
        arena_printf(a, "examples/%s/%s/%.*s.tf", folder, schema->name, (int)strlen(folder) - 1,
                     folder); /* "data-source.tf" of "data-sources" */

    put_front(&page, arena_printf(a, "%s %s - ecr", schema->name, kind),
              arena_printf(a, " (%s)", kind), schema);
    put_example(&page, "## Example Usage\n\n", "terraform", example_file);
    put(&page, "\n## Schema\n");
    put_groups(&page, "", schema->attrs, "### ");
    put_blocks(&page, "", schema->attrs);
    return write_page(
        &page, arena_printf(a, "%s/%s/%s.md", directory, folder, strchr(schema->name, '_') + 1));
}

/* "String" of "string", "Object" of ["object",…]. */
static const char *constraint_word(const char *constraint)
{
    return strstr(constraint, "object") ? "Object" : "String";
}

static void put_signature(struct page *page, const struct function *function)
{
    buffer_printf(&page->text, "\n## Signature\n\n```text\n%s(", function->name);
    for (const struct parameter *p = function->parameters; p->name; p++)
        buffer_printf(&page->text, "%s%s %s", p == function->parameters ? "" : ", ", p->name,
                      strstr(p->type, "object") ? "object" : "string");
    buffer_printf(&page->text, ") %s\n```\n\n## Arguments\n\n",
                  strstr(function->returns, "object") ? "object" : "string");
    int number = 1;
    for (const struct parameter *p = function->parameters; p->name; p++)
        buffer_printf(&page->text, "%d. `%s` (%s) %s\n", number++, p->name,
                      constraint_word(p->type), p->doc);
}

static int write_function(struct arena *a, const struct function *function, const char *directory)
{
    struct page page = page_new(a);
    buffer_printf(&page.text,
                  "---\npage_title: \"%s function - ecr\"\nsubcategory: \"\"\ndescription: |-\n  "
                  "%s\n---\n\n# function: %s\n\n%s Terraform 1.8 and newer.\n",
                  function->name, function->summary, function->name, function->doc);
    put_example(&page, "## Example Usage\n\n", "terraform",
                arena_printf(a, "examples/functions/%s/function.tf", function->name));
    put_signature(&page, function);
    return write_page(&page, arena_printf(a, "%s/functions/%s.md", directory, function->name));
}

/* The source without the default registry's host, as users write it. */
static const char *source_of(const struct provider *provider)
{
    return strchr(provider->address, '/') + 1;
}

static int write_index(struct arena *a, const struct provider *provider, const char *directory)
{
    struct page page = page_new(a);
    const struct schema *schema = provider->schema;

    put_front(&page, "ecr Provider", " Provider", schema);
    buffer_printf(
        &page.text,
        "\n## Example Usage\n\n```terraform\nterraform {\n  required_providers {\n"
        "    %s = {\n      source  = \"%s\"\n      version = \"~> %s\"\n    }\n  }\n}\n```\n",
        schema->name, source_of(provider), provider->version);
    put_example(&page, "", "terraform", "examples/provider/provider.tf");
    put(&page, "\n## Schema\n");
    put_groups(&page, "", schema->attrs, "### ");
    put_blocks(&page, "", schema->attrs);
    return write_page(&page, arena_printf(a, "%s/index.md", directory));
}

int provider_write_docs(const struct provider *provider, const char *directory)
{
    static const char *const folders[] = {"resources", "data-sources", "ephemeral-resources",
                                          "functions"};
    struct arena a = {0};
    mkdir(directory, 0777);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        mkdir(arena_printf(&a, "%s/%s", directory, folders[i]), 0777);

    int error = write_index(&a, provider, directory);
    for (size_t i = 0; i < provider->resource_count && !error; i++)
        error = write_resource(&a, provider->resources[i]->schema, directory);
    for (size_t i = 0; i < provider->data_source_count && !error; i++)
        error = write_source(&a, provider->data_sources[i]->schema, directory, "data-sources",
                             "Data Source");
    for (size_t i = 0; i < provider->ephemeral_resource_count && !error; i++)
        error = write_source(&a, provider->ephemeral_resources[i]->schema, directory,
                             "ephemeral-resources", "Ephemeral Resource");
    for (size_t i = 0; i < provider->function_count && !error; i++)
        error = write_function(&a, provider->functions[i], directory);
    arena_reset(&a);
    return error;
}
