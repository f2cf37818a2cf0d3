/* The real machine behind struct os. */
#include "base/os.h"

#include "base/buffer.h"
#include "base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define FILE_LIMIT (16u * 1024 * 1024)

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

static void close_file(void *fd)
{
    close((int)(intptr_t)fd);
}

static int real_read_file(const struct os *os, struct arena *a, const char *path,
                          struct bytes *ret_bytes)
{
    (void)os;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    struct arena handles = {0};
    arena_defer(&handles, close_file, (void *)(intptr_t)fd);

    struct buffer content = {.arena = a, .limit = FILE_LIMIT};
    char chunk[8192];
    ssize_t n;
    int error = 0;
    while (!error && (n = read(fd, chunk, sizeof chunk)) != 0) {
        if (n < 0)
            error = errno == EINTR ? 0 : errno;
        else if (!buffer_add(&content, chunk, (size_t)n))
            error = EFBIG;
    }
    arena_reset(&handles);
    *ret_bytes = (struct bytes){(const uint8_t *)buffer_text(&content), content.size};
    return error;
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
    .read_file = real_read_file,
};
