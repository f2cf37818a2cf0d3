/* The real machine behind struct os. */
#include "base/os.h"

#include "base/buffer.h"
#include "base/process.h"
#include "base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define FILE_LIMIT   (16u * 1024 * 1024)
#define PIPE_WAIT_MS 5000

static int64_t clock_ms(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t real_now_ms(const struct os *os)
{
    (void)os;
    return clock_ms(CLOCK_REALTIME);
}

static int64_t real_monotonic_ms(const struct os *os)
{
    (void)os;
    return clock_ms(CLOCK_MONOTONIC);
}

static bool real_sleep_ms(const struct os *os, int64_t ms)
{
    (void)os;
    return stop_sleep_ms(ms);
}

static uint64_t real_random(const struct os *os)
{
    (void)os;
    uint64_t number = 0;
    if (getrandom(&number, sizeof number, 0) != sizeof number)
        abort();
    return number;
}

static const char *real_env(const struct os *os, const char *name)
{
    (void)os;
    return getenv(name);
}

static const char *const *real_variables(const struct os *os, struct arena *a)
{
    (void)os, (void)a;
    return (const char *const *)environ;
}

static void close_file(void *fd)
{
    close((int)(intptr_t)fd);
}

/* A pipe is read like a file, for shells that put one in a file's place; but nobody waits long for
 * its writer. */
static ssize_t read_some(int fd, char *chunk, size_t size)
{
    ssize_t n = read(fd, chunk, size);
    if (n >= 0 || errno != EAGAIN)
        return n;
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    if (poll(&readable, 1, PIPE_WAIT_MS) == 0)
        errno = ETIMEDOUT;
    else
        n = read(fd, chunk, size);
    return n;
}

static int real_read_file(const struct os *os, struct arena *a, const char *path,
                          struct bytes *ret_bytes)
{
    (void)os;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return errno;
    struct arena handles = {0};
    arena_defer(&handles, close_file, (void *)(intptr_t)fd);

    struct buffer content = {.arena = a, .limit = FILE_LIMIT};
    char chunk[8192];
    ssize_t n;
    int error = 0;
    while (!error && (n = read_some(fd, chunk, sizeof chunk)) != 0) {
        if (n < 0)
            error = errno == EINTR ? 0 : errno;
        else if (!buffer_add(&content, chunk, (size_t)n))
            error = EFBIG;
    }
    explicit_bzero(chunk, sizeof chunk);
    arena_reset(&handles);
    *ret_bytes = (struct bytes){(const uint8_t *)buffer_text(&content), content.size};
    return error;
}

static bool real_is_special(const struct os *os, const char *path)
{
    (void)os;
    struct stat info;
    return stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

static int write_all(int fd, struct bytes content)
{
    for (size_t written = 0; written < content.size;) {
        ssize_t n = write(fd, content.data + written, content.size - written);
        if (n < 0 && errno != EINTR)
            return errno;
        written += n > 0 ? (size_t)n : 0;
    }
    return fsync(fd) == 0 ? 0 : errno;
}

/* Readers see the old content or the new, never a half: a second file is renamed over the first. */
static int real_replace_file(const struct os *os, struct arena *a, const char *path,
                             struct bytes content)
{
    (void)os;
    char *temporary = arena_printf(a, "%s.XXXXXX", path);
    int fd = mkostemp(temporary, O_CLOEXEC); /* mode 0600 */
    if (fd < 0)
        return errno;
    int error = write_all(fd, content);
    if (close(fd) != 0 && !error)
        error = errno;
    if (!error && rename(temporary, path) != 0)
        error = errno;
    if (error)
        unlink(temporary);
    return error;
}

static struct os_exit real_run(const struct os *os, struct arena *a, const char *command,
                               int64_t timeout_ms)
{
    (void)os;
    return process_run(a, command, timeout_ms);
}

const char *os_env(const struct os *os, const char *name)
{
    const char *text = os->env(os, name);
    return text && text[strspn(text, " \t\r\n")] ? text : NULL;
}

const char *os_expand_home(const struct os *os, struct arena *a, const char *path)
{
    const char *home = os_env(os, "HOME");
    if (path[0] != '~' || (path[1] != '/' && path[1] != '\0') || !home)
        return path;
    return arena_printf(a, "%s%s", home, path + 1);
}

const struct os os_real = {
    .now_ms = real_now_ms,
    .monotonic_ms = real_monotonic_ms,
    .sleep_ms = real_sleep_ms,
    .random = real_random,
    .env = real_env,
    .variables = real_variables,
    .read_file = real_read_file,
    .is_special = real_is_special,
    .replace_file = real_replace_file,
    .run = real_run,
};
