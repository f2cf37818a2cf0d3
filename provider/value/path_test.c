/* Paths read step by step. */
#include "value/path.h"

#include "base/test.h"

#include <string.h>

/* The steps of a path, one per line. */
static const char *steps(struct arena *a, const char *path)
{
    const char *text = "";
    struct path_step step;
    while (path_next(&path, &step))
        text = step.name ? arena_printf(a, "%s%s %.*s\n", text, step.quoted ? "key" : "name",
                                        (int)step.size, step.name)
                         : arena_printf(a, "%sindex %lld\n", text, (long long)step.index);
    return arena_printf(a, "%s%s", text, path);
}

TEST(path__reads_names_indexes_and_keys)
{
    CHECK_TEXT(steps(a, "encryption_configuration[0].kms_key"),
               "name encryption_configuration\nindex 0\nname kms_key\n");
    CHECK_TEXT(steps(a, "tags[\"app/name.x[0]\"].y"), "name tags\nkey app/name.x[0]\nname y\n");
    CHECK_TEXT(steps(a, "[12][3]"), "index 12\nindex 3\n");
    CHECK_TEXT(steps(a, "[\"\"]"), "key \n");
    CHECK_TEXT(steps(a, ""), "");
}

TEST(path__ends_where_text_is_no_path)
{
    CHECK_TEXT(steps(a, "a[x]"), "name a\n[x]");
    CHECK_TEXT(steps(a, "a[-1]"), "name a\n[-1]");
    CHECK_TEXT(steps(a, "a[]"), "name a\n[]");
    CHECK_TEXT(steps(a, "a[1"), "name a\n[1");
    CHECK_TEXT(steps(a, "a[\"k"), "name a\n[\"k");
    CHECK_TEXT(steps(a, "a..b"), "name a\n.b");
}
