/* Terraform speaks with the provider over the provider's own standard output, and sockets to it are
 * open all the time: so a child gets its three standard streams and nothing else. It leads a
 * process group of its own, so that what it started can be killed with it. */
#include "base/process.h"

#include "base/buffer.h"
#include "base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_LIMIT (1024u * 1024)

struct child {
    pid_t pid;
    int output;  /* to read from */
    int stopped; /* an eventfd: readable after stop_request() */
    int64_t end_ms;
};

static int64_t monotonic_ms(void)
{
    return os_real.monotonic_ms(&os_real);
}

static void wake(void *context)
{
    const struct child *child = context;
    eventfd_write(child->stopped, 1);
}

/* Put there by Terraform for the provider alone. */
static bool is_plugins(const char *variable)
{
    static const char *const names[] = {
        "TF_PLUGIN_MAGIC_COOKIE=", "PLUGIN_PROTOCOL_VERSIONS=", "PLUGIN_CLIENT_CERT=",
        "PLUGIN_MIN_PORT=",        "PLUGIN_MAX_PORT=",          "PLUGIN_UNIX_SOCKET_DIR=",
        "PLUGIN_MULTIPLEX_GRPC=",  "PLUGIN_UNIX_SOCKET_GROUP=",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(variable, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* The user's environment, which is what AWS's own tools hand over. */
static char **environment(struct arena *a)
{
    size_t count = 0, kept = 0;
    while (environ[count])
        count++;
    char **variables = arena_array(a, count + 1, sizeof *variables);
    for (size_t i = 0; i < count; i++)
        if (!is_plugins(environ[i]))
            variables[kept++] = environ[i];
    return variables;
}

/* Signals that the provider blocks or ignores are the child's own affair. */
static void set_signals(posix_spawnattr_t *attributes)
{
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGXFSZ);
    sigaddset(&usual, SIGHUP);
    sigaddset(&usual, SIGQUIT);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &usual);
    posix_spawnattr_setpgroup(attributes, 0);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                             POSIX_SPAWN_SETPGROUP);
}

static int spawn(struct child *child, const char *command, int output, char **variables)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    posix_spawnattr_init(&attributes);
    set_signals(&attributes);

    char *const arguments[] = {(char *)"sh", (char *)"-c", (char *)command, NULL};
    int error = posix_spawn(&child->pid, "/bin/sh", &files, &attributes, arguments, variables);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    return error;
}

/* True while there may be more to read. */
static bool take(const struct child *child, struct buffer *output, struct os_exit *exit)
{
    char chunk[4096];
    ssize_t n = read(child->output, chunk, sizeof chunk);
    if (n < 0)
        return errno == EINTR;
    bool fits = n <= 0 || buffer_add(output, chunk, (size_t)n);
    explicit_bzero(chunk, sizeof chunk); /* a key */
    if (!fits)
        exit->end = OS_TOO_LARGE;
    return n > 0 && fits;
}

static void read_output(const struct child *child, struct buffer *output, struct os_exit *exit)
{
    struct pollfd events[] = {{.fd = child->output, .events = POLLIN},
                              {.fd = child->stopped, .events = POLLIN}};
    for (;;) {
        int64_t left_ms = child->end_ms - monotonic_ms();
        int ready = poll(events, 2, left_ms > 0 ? (int)left_ms : 0);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready == 0)
            exit->end = OS_TIMED_OUT;
        else if (events[1].revents)
            exit->end = OS_STOPPED;
        else if (take(child, output, exit))
            continue;
        return;
    }
}

/* Of a child that has closed its output but lives on, no more than a moment is waited for. */
static bool has_ended(const struct child *child, int *ret_status)
{
    struct pollfd stop = {.fd = child->stopped, .events = POLLIN};
    for (;;) {
        pid_t pid = waitpid(child->pid, ret_status, WNOHANG);
        if (pid == child->pid)
            return true;
        if ((pid < 0 && errno != EINTR) || monotonic_ms() >= child->end_ms || poll(&stop, 1, 5) > 0)
            return false;
    }
}

static int exit_status(int status)
{
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void reap(const struct child *child, struct os_exit *exit)
{
    int status = 0;
    if (exit->end == OS_EXITED && has_ended(child, &status)) {
        exit->status = exit_status(status); /* what it left behind may be wanted */
        return;
    }
    if (exit->end == OS_EXITED)
        exit->end = stop_requested() ? OS_STOPPED : OS_TIMED_OUT;
    kill(-child->pid, SIGKILL);
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        continue;
}

struct os_exit process_run(struct arena *a, const char *command, int64_t timeout_ms)
{
    struct os_exit exit = {.end = OS_NOT_STARTED};
    struct child child = {.end_ms = monotonic_ms() + timeout_ms};
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        exit.status = errno;
        return exit;
    }
    child.output = ends[0];
    child.stopped = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    exit.status = child.stopped < 0 ? errno : spawn(&child, command, ends[1], environment(a));
    close(ends[1]);
    if (exit.status == 0) {
        struct buffer output = {.arena = a, .limit = OUTPUT_LIMIT};
        struct stop_watcher watcher = {.wake = wake, .context = &child};
        exit.end = OS_EXITED;
        stop_watch(&watcher);
        read_output(&child, &output, &exit);
        reap(&child, &exit);
        stop_unwatch(&watcher);
        exit.output = (struct bytes){(const uint8_t *)buffer_text(&output), output.size};
    }
    if (child.stopped >= 0)
        close(child.stopped);
    close(child.output);
    return exit;
}
