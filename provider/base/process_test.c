/* Programs that answer, fail, hang, leave children behind, or write without end. */
#include "base/process.h"

#include "base/stop.h"
#include "base/test.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *output(struct os_exit exit)
{
    return (const char *)exit.output.data;
}

TEST(process__gives_output_and_status)
{
    struct os_exit exit = process_run(a, "echo out; echo err >&2; exit 3", 10000);
    CHECK_INT(exit.end, OS_EXITED);
    CHECK_INT(exit.status, 3);
    CHECK_TEXT(output(exit), "out\n");
    exit = process_run(a, "kill -TERM $$", 10000);
    CHECK_INT(exit.end, OS_EXITED);
    CHECK_INT(exit.status, 128 + SIGTERM);
}

TEST(process__has_an_empty_input_and_no_descriptors_of_ours)
{
    int fds[2];
    CHECK_INT(pipe(fds), 0); /* without close-on-exec */
    struct os_exit exit = process_run(a, "cat; ls /proc/self/fd | wc -l", 10000);
    close(fds[0]);
    close(fds[1]);
    CHECK_TEXT(output(exit), "4\n"); /* three streams, and the directory that ls reads */
}

TEST(process__hands_over_the_environment_without_what_terraform_told_the_plugin)
{
    setenv("TF_PLUGIN_MAGIC_COOKIE", "x", 1);
    setenv("PLUGIN_CLIENT_CERT", "a\nb", 1);
    setenv("PLUGIN_OF_THE_USERS", "y", 1);
    struct os_exit exit = process_run(a, "env | grep PLUGIN_; echo $HOME", 10000);
    CHECK_TEXT(output(exit), arena_printf(a, "PLUGIN_OF_THE_USERS=y\n%s\n", getenv("HOME")));
    unsetenv("TF_PLUGIN_MAGIC_COOKIE");
    unsetenv("PLUGIN_CLIENT_CERT");
    unsetenv("PLUGIN_OF_THE_USERS");
}

TEST(process__is_killed_with_its_children_when_time_is_over)
{
    int64_t start = os_real.monotonic_ms(&os_real);
    struct os_exit exit = process_run(a, "echo begun; sleep 60 & sleep 60", 200);
    CHECK_INT(exit.end, OS_TIMED_OUT);
    CHECK(os_real.monotonic_ms(&os_real) - start < 5000);
    exit = process_run(a, "exec >&-; sleep 60", 200);
    CHECK_INT(exit.end, OS_TIMED_OUT);
}

static void *stop_soon(void *context)
{
    (void)context;
    usleep(100000);
    stop_request();
    return NULL;
}

TEST(process__is_killed_by_stop)
{
    pthread_t thread;
    int64_t start = os_real.monotonic_ms(&os_real);
    pthread_create(&thread, NULL, stop_soon, NULL);
    struct os_exit exit = process_run(a, "sleep 60", 60000);
    pthread_join(thread, NULL);
    stop_reset();
    CHECK_INT(exit.end, OS_STOPPED);
    CHECK(os_real.monotonic_ms(&os_real) - start < 5000);
}

TEST(process__may_not_write_without_end)
{
    CHECK_INT(process_run(a, "cat /dev/zero", 60000).end, OS_TOO_LARGE);
}
