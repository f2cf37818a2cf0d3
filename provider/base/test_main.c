/* The runner: all registered tests, or those whose names contain the first argument. */
#include "base/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEST_MAX    1000
#define TEST_MOST_S 120 /* what lasts longer hangs */

static struct CMUnitTest tests[TEST_MAX];
static size_t test_count;

static struct arena arena;

static const char *volatile running;

static void say(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        _exit(2);
}

/* Of SIGALRM: a run that hangs says where, and fails. */
static void give_up(int signal)
{
    (void)signal;
    say("[  FAILED  ] ");
    say(running);
    say("\nerror: it did not end in time\n");
    _exit(1);
}

/* The state is at first the test's name. */
static int lend_arena(void **state)
{
    running = *state;
    alarm(TEST_MOST_S);
    *state = &arena;
    return 0;
}

static int reset_arena(void **state)
{
    arena_reset(*state);
    running = "the_end"; /* the search for leaks, if nothing follows */
    return 0;
}

void test_register(const char *name, CMUnitTestFunction run)
{
    if (test_count == TEST_MAX)
        abort();
    tests[test_count++] = (struct CMUnitTest){.name = name,
                                              .test_func = run,
                                              .setup_func = lend_arena,
                                              .teardown_func = reset_arena,
                                              .initial_state = (void *)name};
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
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGALRM, give_up);
    return _cmocka_run_group_tests("unit", tests, kept, NULL, NULL) == 0 ? 0 : 1;
}
