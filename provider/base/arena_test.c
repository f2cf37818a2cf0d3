/* Memory with one lifetime. */
#include "base/arena.h"

#include "base/test.h"

#include <signal.h>
#include <stdalign.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(arena__memory_is_zeroed_and_aligned)
{
    for (size_t size = 0; size < 100; size++) {
        unsigned char *memory = arena_alloc(a, size);
        CHECK_INT((uintptr_t)memory % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            CHECK_INT(memory[i], 0);
        memset(memory, 0xff, size);
    }
}

TEST(arena__serves_objects_larger_than_a_block)
{
    char *large = arena_alloc(a, 1000000);
    char *small = arena_alloc(a, 10);
    memset(large, 1, 1000000);
    CHECK_INT(small[0], 0);
}

TEST(arena__copies_text)
{
    char original[] = "repository";
    char *copy = arena_text(a, original);
    original[0] = 'X';
    CHECK_TEXT(copy, "repository");
    CHECK_TEXT(arena_text_n(a, "repository", 4), "repo");
    CHECK_TEXT(arena_text_n(a, "", 0), "");
}

TEST(arena__prints_text_of_any_length)
{
    CHECK_TEXT(arena_printf(a, "%d-%s", 42, "x"), "42-x");
    CHECK_INT(strlen(arena_printf(a, "%5000d", 1)), 5000);
}

/* What was released, in order. */
static char released[8];

static void release(void *handle)
{
    strcat(released, handle);
}

TEST(arena__releases_the_last_deferred_first_and_once)
{
    struct arena own = {0};
    released[0] = '\0';
    arena_defer(&own, release, arena_text(a, "a"));
    arena_defer(&own, release, arena_text(a, "b"));
    arena_reset(&own);
    CHECK_TEXT(released, "ba");
    arena_reset(&own);
    CHECK_TEXT(released, "ba");
}

/* A release may still read what the arena holds. */
TEST(arena__is_intact_while_it_releases)
{
    struct arena own = {0};
    released[0] = '\0';
    arena_defer(&own, release, arena_text(&own, "text"));
    arena_reset(&own);
    CHECK_TEXT(released, "text");
}

TEST(arena__is_usable_after_a_reset)
{
    struct arena own = {0};
    arena_alloc(&own, 10);
    arena_reset(&own);
    CHECK(!own.blocks);
    CHECK_TEXT(arena_text(&own, "again"), "again");
    arena_reset(&own);
}

/* How a process of its own ends that asks for this. */
static int end_of(void (*ask)(struct arena *a))
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct arena own = {0};
        const struct rlimit no_core = {0};
        setrlimit(RLIMIT_CORE, &no_core);
        close(STDERR_FILENO);
        ask(&own);
        _exit(0);
    }
    CHECK_INT(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void ask_for_a_product_that_overflows(struct arena *a)
{
    arena_array(a, SIZE_MAX / 2, 4);
}

static void ask_for_all_there_is(struct arena *a)
{
    arena_alloc(a, SIZE_MAX - 1);
}

TEST(arena__sizes_that_cannot_be_end_the_process)
{
    CHECK_INT(end_of(ask_for_a_product_that_overflows), SIGABRT);
    CHECK_INT(end_of(ask_for_all_there_is), SIGABRT);
}
