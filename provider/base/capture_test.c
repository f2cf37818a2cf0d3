/* A pipe in place of stderr. */
#include "base/capture_test.h"

#include "base/log.h"
#include "base/test.h"

#include <fcntl.h>
#include <unistd.h>

struct capture capture_start(const char *level)
{
    int ends[2];
    CHECK_INT(pipe2(ends, O_NONBLOCK), 0);
    struct capture c = {.saved = dup(STDERR_FILENO), .reader = ends[0]};
    dup2(ends[1], STDERR_FILENO);
    close(ends[1]);
    log_set_level(level);
    return c;
}

const char *capture_end(struct arena *a, struct capture *c)
{
    char *text = arena_alloc(a, 65536);
    log_set_level(NULL);
    dup2(c->saved, STDERR_FILENO);
    close(c->saved);
    ssize_t size = read(c->reader, text, 65535);
    close(c->reader);
    return size > 0 ? text : "";
}
