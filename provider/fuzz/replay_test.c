/* Every input that is kept is tried again, as an ordinary test. */
#include "base/test.h"
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>

static void release_directory(void *directory)
{
    closedir(directory);
}

/* The number of inputs that the target was run on. */
static int replay(struct arena *a, const struct fuzz_target *target)
{
    const char *path = arena_printf(a, "provider/fuzz/corpus/%s", target->name);
    DIR *directory = opendir(path);
    int count = 0;
    if (!directory)
        return 0;
    arena_defer(a, release_directory, directory);
    for (const struct dirent *entry; (entry = readdir(directory));) {
        struct bytes input;
        if (entry->d_name[0] == '.')
            continue;
        const char *file = arena_printf(a, "%s/%s", path, entry->d_name);
        CHECK_INT(os_real.read_file(&os_real, a, file, &input), 0);
        fuzz_run(target, input);
        count++;
    }
    return count;
}

TEST(fuzz__every_input_that_is_kept_does_no_harm)
{
    CHECK(fuzz_target(0));
    for (size_t i = 0; fuzz_target(i); i++)
        if (replay(a, fuzz_target(i)) == 0)
            fail_msg("%s has no corpus", fuzz_target(i)->name);
}

TEST(fuzz__no_input_at_all_does_no_harm)
{
    for (size_t i = 0; fuzz_target(i); i++)
        fuzz_run(fuzz_target(i), (struct bytes){(const uint8_t *)"", 0});
}
