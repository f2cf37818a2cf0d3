/* The documentation's pages: what a row says about itself, and what happens when there is no room
 * to write. */
#include "base/test.h"
#include "framework/framework_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct attr inner_rows[] = {
    ATTR("deep", STRING, OPTIONAL, .doc = "Deep."),
    END,
};

static const struct attr block_rows[] = {
    ATTR("inner", BLOCK_SET, OPTIONAL, .attrs = inner_rows, .doc = "Inner."),
    END,
};

static const struct attr rows[] = {
    ATTR("name", STRING, REQUIRED | FORCE_NEW, .default_text = "x", .doc = "Name."),
    ATTR("link", STRING, OPTIONAL | REPLACE_IF_CLEARED, .doc = "Link."),
    ATTR("mode", STRING, OPTIONAL, .default_text = "soft", ONE_OF("soft", "hard"), .doc = "Mode."),
    ATTR("kind", STRING, OPTIONAL, ONE_OF("only"), .doc = "Kind."),
    ATTR("secret", STRING, OPTIONAL | SENSITIVE, .doc = "Secret."),
    ATTR("hidden", STRING, OPTIONAL),
    ATTR("flag", BOOL, OPTIONAL, .doc = "Flag."),
    ATTR("count", NUMBER, COMPUTED, .doc = "Count."),
    ATTR("tags", STRING_MAP, OPTIONAL, .doc = "Tags."),
    ATTR("list", STRING_LIST, OPTIONAL, .doc = "List."),
    ATTR("set", STRING_SET, OPTIONAL, .doc = "Set."),
    ATTR("objects", OBJECTS, COMPUTED, .attrs = inner_rows, .doc = "Objects."),
    ATTR("block", BLOCKS, OPTIONAL, .attrs = block_rows, .max_items = 2, .doc = "Blocks."),
    ATTR("single", SINGLE_BLOCK, OPTIONAL, .attrs = inner_rows, .doc = "Single."),
    END,
};

static const struct schema schema = {
    .name = "ecr_thing",
    .summary = "A thing.",
    .doc = "A thing, in full.",
    .attrs = rows,
    .import_doc = "its name",
    .identity = (const struct identity_attr[]){{"name", "name", true, "Its name."},
                                               {"region", "region", false, "Its region."},
                                               {0}},
};

static const struct schema nameless = {
    .name = "ecr_other", .summary = ".", .doc = ".", .attrs = inner_rows, .import_doc = "an id"};

static const struct function function = {
    .name = "split",
    .summary = "Splits.",
    .doc = "Splits a text.",
    .parameters =
        (const struct parameter[]){{"text", "\"string\"", "What to split."},
                                   {"rule", "[\"object\",{\"a\":\"string\"}]", "By what."},
                                   {0}},
    .returns = "[\"object\",{\"a\":\"string\"}]",
};

/* The sample provider with one thing of every kind. */
static struct provider provider_of_everything(void)
{
    static const struct resource thing = {.schema = &schema}, other = {.schema = &nameless};
    static const struct resource *const resources[] = {&thing, &other};
    static const struct data_source source = {.schema = &schema};
    static const struct data_source *const sources[] = {&source};
    static const struct function *const functions[] = {&function};
    struct provider p = sample_provider;
    p.resources = resources;
    p.resource_count = 2;
    p.data_sources = p.ephemeral_resources = sources;
    p.data_source_count = p.ephemeral_resource_count = 1;
    p.functions = functions;
    p.function_count = 1;
    return p;
}

static const char *const pages[] = {
    "index.md",
    "resources/thing.md",
    "resources/other.md",
    "data-sources/thing.md",
    "ephemeral-resources/thing.md",
    "functions/split.md",
};

static void remove_pages(struct arena *a, const char *directory)
{
    static const char *const folders[] = {"resources", "data-sources", "ephemeral-resources",
                                          "functions", ""};
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        unlink(arena_printf(a, "%s/%s", directory, pages[i]));
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        rmdir(arena_printf(a, "%s/%s", directory, folders[i]));
}

/* The pages' texts, in the order of pages. */
static void write_pages(struct arena *a, const char **ret_texts)
{
    struct provider provider = provider_of_everything();
    char directory[] = "/tmp/docs_test.XXXXXX";
    CHECK(mkdtemp(directory));
    int error = provider_write_docs(&provider, directory);
    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
        struct bytes text = {0};
        error |=
            os_real.read_file(&os_real, a, arena_printf(a, "%s/%s", directory, pages[i]), &text);
        ret_texts[i] = text.size ? (const char *)text.data : "";
    }
    remove_pages(a, directory);
    CHECK_INT(error, 0);
}

TEST(docs__row_says_type_values_default_and_what_a_change_does)
{
    const char *texts[sizeof pages / sizeof *pages];
    write_pages(a, texts);
    CHECK_HAS(texts[1], "### Required\n\n- `name` (String) Name. Changing it replaces the "
                        "resource.\n");
    CHECK_HAS(texts[1], "\n- `link` (String) Link. Removing it replaces the resource.\n");
    CHECK_HAS(texts[1], "\n- `mode` (String) Mode. One of `soft`, `hard`. Default `soft`.\n");
    CHECK_HAS(texts[1], "\n- `kind` (String) Kind. Always `only`.\n");
    CHECK_HAS(texts[1], "\n- `secret` (String, Sensitive) Secret.\n");
    CHECK_HAS(texts[1], "\n- `flag` (Boolean) Flag.\n- `tags` (Map of String) Tags.\n"
                        "- `list` (List of String) List.\n- `set` (Set of String) Set.\n");
    CHECK_HAS(texts[1], "### Read-Only\n\n- `count` (Number) Count.\n"
                        "- `objects` (List of Object) Objects. (see [below]"
                        "(#nestedblock--objects))\n");
    CHECK(!strstr(texts[1], "hidden"));
}

TEST(docs__blocks_have_chapters_that_rows_lead_to)
{
    const char *texts[sizeof pages / sizeof *pages];
    write_pages(a, texts);
    CHECK_HAS(texts[1], "- `block` (Block List) Blocks. At most 2. (see [below]"
                        "(#nestedblock--block))\n- `single` (Block) Single.");
    CHECK_HAS(texts[1], "<a id=\"nestedblock--block\"></a>\n### `block`\n\nOptional:\n\n"
                        "- `inner` (Block Set) Inner. (see [below](#nestedblock--block--inner))\n");
    CHECK_HAS(texts[1], "<a id=\"nestedblock--block--inner\"></a>\n### `inner`\n\nOptional:\n\n"
                        "- `deep` (String) Deep.\n");
}

TEST(docs__every_kind_has_its_page)
{
    const char *texts[sizeof pages / sizeof *pages];
    write_pages(a, texts);
    CHECK_HAS(texts[0], "# ecr Provider\n");
    CHECK_HAS(texts[0], "source  = \"aws-labs/sample\"\n      version = \"~> 0\"\n");
    CHECK_HAS(texts[1], "page_title: \"ecr_thing Resource - ecr\"\n");
    CHECK_HAS(texts[1], "## Import\n\nImport by its name:\n");
    CHECK_HAS(texts[1], "\n- `name` (String) Its name.\n- `region` (String, Optional) Its "
                        "region.\n");
    CHECK_HAS(texts[2], "Import by an id:\n");
    CHECK(!strstr(texts[2], "identity"));
    CHECK_HAS(texts[3], "# ecr_thing (Data Source)\n\nA thing, in full.\n");
    CHECK_HAS(texts[4], "# ecr_thing (Ephemeral Resource)\n");
    CHECK_HAS(texts[5], "split(text string, rule object) object\n```\n\n## Arguments\n\n"
                        "1. `text` (String) What to split.\n2. `rule` (Object) By what.\n");
}

TEST(docs__that_cannot_be_written_are_an_error)
{
    struct provider provider = provider_of_everything();
    char directory[] = "/tmp/docs_test.XXXXXX";
    CHECK(mkdtemp(directory));
    const char *page = arena_printf(a, "%s/resources/other.md", directory);
    mkdir(arena_printf(a, "%s/resources", directory), 0700);
    CHECK_INT(symlink("/dev/full", page), 0);
    int full = provider_write_docs(&provider, directory);
    int missing = provider_write_docs(&provider, arena_printf(a, "%s/no/such", directory));
    remove_pages(a, directory);
    CHECK_INT(full, EIO);
    CHECK_INT(missing, ENOENT);
}
