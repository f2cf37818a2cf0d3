/* The real machine, as far as it can be told what to be. */
#include "base/os.h"

#include "base/test.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

TEST(os__blank_variables_count_as_unset)
{
    setenv("ECR_TEST_BLANK", " \t\n", 1);
    setenv("ECR_TEST_SET", " x", 1);
    CHECK(!os_env(&os_real, "ECR_TEST_BLANK"));
    CHECK(!os_env(&os_real, "ECR_TEST_UNSET"));
    CHECK_TEXT(os_env(&os_real, "ECR_TEST_SET"), " x");
    unsetenv("ECR_TEST_BLANK");
    unsetenv("ECR_TEST_SET");
}

static const char *at_home(const struct os *os, const char *name)
{
    (void)os;
    return strcmp(name, "HOME") == 0 ? "/home/u" : NULL;
}

TEST(os__expands_the_home_directory)
{
    const struct os os = {.env = at_home};
    CHECK_TEXT(os_expand_home(&os, a, "~/.aws/config"), "/home/u/.aws/config");
    CHECK_TEXT(os_expand_home(&os, a, "~"), "/home/u");
    CHECK_TEXT(os_expand_home(&os, a, "~other/x"), "~other/x");
    CHECK_TEXT(os_expand_home(&os, a, "/a/~/b"), "/a/~/b");
}

TEST(os__reads_whole_files)
{
    char path[] = "/tmp/os_test_XXXXXX";
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    char *content = arena_alloc(a, 20000);
    memset(content, 'x', 20000);
    content[10000] = '\0';
    CHECK_INT(write(fd, content, 20000), 20000);
    close(fd);

    struct bytes bytes;
    CHECK_INT(os_real.read_file(&os_real, a, path, &bytes), 0);
    unlink(path);
    CHECK_INT(bytes.size, 20000);
    CHECK(memcmp(bytes.data, content, 20000) == 0);
}

TEST(os__tells_why_a_file_cannot_be_read)
{
    struct bytes bytes;
    CHECK_INT(os_real.read_file(&os_real, a, "/nowhere/at/all", &bytes), ENOENT);
    CHECK_INT(os_real.read_file(&os_real, a, "/", &bytes), EISDIR);
    CHECK_INT(os_real.read_file(&os_real, a, "/dev/zero", &bytes), EFBIG);
}

TEST(os__knows_what_is_no_file)
{
    char directory[] = "/tmp/os_test.XXXXXX";
    CHECK(mkdtemp(directory));
    const char *pipe = arena_printf(a, "%s/pipe", directory);
    const char *link = arena_printf(a, "%s/link", directory);
    CHECK_INT(mkfifo(pipe, 0600), 0);
    CHECK_INT(symlink(pipe, link), 0);
    CHECK(os_real.is_special(&os_real, pipe));
    CHECK(os_real.is_special(&os_real, link));
    CHECK(os_real.is_special(&os_real, "/dev/null"));
    CHECK(!os_real.is_special(&os_real, directory));
    CHECK(!os_real.is_special(&os_real, "/proc/self/exe"));
    CHECK(!os_real.is_special(&os_real, "/nowhere/at/all"));
    CHECK_INT(unlink(link), 0);
    CHECK_INT(unlink(pipe), 0);
    CHECK_INT(rmdir(directory), 0);
}

TEST(os__random_numbers_differ)
{
    CHECK(os_real.random(&os_real) != os_real.random(&os_real));
}

TEST(os__clocks_run_forward)
{
    int64_t before_ms = os_real.monotonic_ms(&os_real);
    CHECK(os_real.sleep_ms(&os_real, 2));
    CHECK(os_real.monotonic_ms(&os_real) > before_ms);
    CHECK(os_real.now_ms(&os_real) > 1600000000000);
}

TEST(os__replaces_a_file_as_a_whole_for_its_owner_only)
{
    char directory[] = "/tmp/os_test.XXXXXX";
    CHECK(mkdtemp(directory));
    const char *path = arena_printf(a, "%s/file", directory);
    struct bytes read, content = {(const uint8_t *)"new", 3};
    struct stat info;

    CHECK_INT(os_real.replace_file(&os_real, a, path, (struct bytes){(const uint8_t *)"older", 5}),
              0);
    CHECK_INT(os_real.replace_file(&os_real, a, path, content), 0);
    CHECK_INT(os_real.read_file(&os_real, a, path, &read), 0);
    CHECK_TEXT((const char *)read.data, "new");
    CHECK_INT(stat(path, &info), 0);
    CHECK_INT(info.st_mode & 0777, 0600);
    CHECK_INT(unlink(path), 0);
    CHECK_INT(rmdir(directory), 0); /* nothing else was left there */
    CHECK_INT(os_real.replace_file(&os_real, a, "/nowhere/at/all", content), ENOENT);
}

/* A pipe that a shell put in a file's place has a writer; one without hangs nobody. */
TEST(os__reads_a_pipe_and_does_not_wait_for_a_writer)
{
    char *directory = arena_text(a, "/tmp/ecr-os-XXXXXX");
    assert_non_null(mkdtemp(directory));
    const char *path = arena_printf(a, "%s/pipe", directory);
    struct bytes content;
    CHECK_INT(mkfifo(path, 0600), 0);
    CHECK_INT(os_real.read_file(&os_real, a, path, &content), 0);
    CHECK_INT(content.size, 0);
    unlink(path);
    rmdir(directory);

    int ends[2];
    CHECK_INT(pipe(ends), 0);
    CHECK_INT(write(ends[1], "key", 3), 3);
    close(ends[1]);
    CHECK_INT(os_real.read_file(&os_real, a, arena_printf(a, "/dev/fd/%d", ends[0]), &content), 0);
    CHECK_TEXT((const char *)content.data, "key");
    close(ends[0]);
}

static void *write_later(void *end)
{
    usleep(50000);
    CHECK_INT(write((int)(intptr_t)end, "key", 3), 3);
    close((int)(intptr_t)end);
    return NULL;
}

TEST(os__waits_a_moment_for_what_a_pipe_s_writer_writes)
{
    int ends[2];
    pthread_t writer;
    struct bytes content;
    CHECK_INT(pipe(ends), 0);
    pthread_create(&writer, NULL, write_later, (void *)(intptr_t)ends[1]);
    int error = os_real.read_file(&os_real, a, arena_printf(a, "/dev/fd/%d", ends[0]), &content);
    pthread_join(writer, NULL);
    close(ends[0]);
    CHECK_INT(error, 0);
    CHECK_TEXT((const char *)content.data, "key");
}

/* Files may not grow beyond size bytes; SIG_DFL and RLIM_INFINITY: they may again. */
static void limit_files(rlim_t size, void (*on_excess)(int))
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = size < limit.rlim_max ? size : limit.rlim_max;
    signal(SIGXFSZ, on_excess);
    setrlimit(RLIMIT_FSIZE, &limit);
}

TEST(os__a_file_that_cannot_be_replaced_stays_and_nothing_is_left_beside_it)
{
    char directory[] = "/tmp/os_test.XXXXXX";
    CHECK(mkdtemp(directory));
    const char *path = arena_printf(a, "%s/file", directory);
    const char *folder = arena_printf(a, "%s/folder", directory);
    struct bytes read, old = {(const uint8_t *)"old", 3}, new = {(const uint8_t *)"secret", 6};
    CHECK_INT(os_real.replace_file(&os_real, a, path, old), 0);
    CHECK_INT(mkdir(folder, 0700), 0);

    limit_files(4, SIG_IGN);
    int full = os_real.replace_file(&os_real, a, path, new);
    limit_files(RLIM_INFINITY, SIG_DFL);
    CHECK_INT(full, EFBIG);
    CHECK_INT(os_real.read_file(&os_real, a, path, &read), 0);
    CHECK_TEXT((const char *)read.data, "old");
    CHECK_INT(os_real.replace_file(&os_real, a, folder, new), EISDIR);
    CHECK_INT(unlink(path), 0);
    CHECK_INT(rmdir(folder), 0);
    CHECK_INT(rmdir(directory), 0); /* no temporary file */
}

TEST(os__programs_see_the_environment_that_is_told)
{
    setenv("ECR_TEST_TOLD", "x=y", 1);
    bool told = false;
    for (const char *const *v = os_real.variables(&os_real, a); *v; v++)
        told |= strcmp(*v, "ECR_TEST_TOLD=x=y") == 0;
    struct os_exit exit = os_real.run(&os_real, a, "printf %s \"$ECR_TEST_TOLD\"", 10000);
    unsetenv("ECR_TEST_TOLD");
    CHECK(told);
    CHECK_INT(exit.end, OS_EXITED);
    CHECK_TEXT((const char *)exit.output.data, "x=y");
}
