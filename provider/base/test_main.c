/* The runner: all registered tests, or those whose names contain the first argument. */
#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEST_MAX 1000

static struct CMUnitTest tests[TEST_MAX];
static size_t test_count;

static struct arena arena;

static int lend_arena(void **state)
{
    *state = &arena;
    return 0;
}

static int reset_arena(void **state)
{
    arena_reset(*state);
    return 0;
}

void test_register(const char *name, CMUnitTestFunction run)
{
    if (test_count == TEST_MAX)
        abort();
    tests[test_count++] = (struct CMUnitTest){
        .name = name, .test_func = run, .setup_func = lend_arena, .teardown_func = reset_arena};
}

void test_check_has(const char *text, const char *part, const char *file, int line)
{
    if (strstr(text, part))
        return;
    print_error("\"%s\"\ndoes not contain \"%s\"\n", text, part);
    _fail(file, line);
}

const char *test_vectors(struct arena *a, const char *suite)
{
    const char *root = getenv("ECR_TEST_VECTORS");
    const char *path = arena_printf(a, "%s/%s", root ? root : "../shared/vectors", suite);
    if (access(path, R_OK) == 0)
        return path;
    printf("skipped: AWS's vectors \"%s\" are not at %s\n", suite, path);
    return NULL;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct CMUnitTest *)a)->name, ((const struct CMUnitTest *)b)->name);
}

int main(int argc, char **argv)
{
    size_t kept = 0;
    for (size_t i = 0; i < test_count; i++)
        if (argc < 2 || strstr(tests[i].name, argv[1]))
            tests[kept++] = tests[i];
    qsort(tests, kept, sizeof *tests, by_name);
    if (kept == 0) {
        fprintf(stderr, "no test matches \"%s\"\n", argc < 2 ? "" : argv[1]);
        return 1;
    }
    return _cmocka_run_group_tests("unit", tests, kept, NULL, NULL) == 0 ? 0 : 1;
}
