/* Compiling takes much longer than matching, and the tables have few patterns. */
#include "framework/pattern.h"

#include "base/arena.h"

#include <pthread.h>
#include <regex.h>
#include <string.h>

struct compiled {
    struct compiled *next;
    const char *pattern;
    regex_t regex;
    bool is_usable;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct arena lifetime; /* of the process; under lock, as is the list */
static struct compiled *all;

static struct compiled *compile(const char *pattern)
{
    struct compiled *c = arena_alloc(&lifetime, sizeof *c);
    const char *whole = arena_printf(&lifetime, "^(%s)$", pattern);
    *c = (struct compiled){.next = all, .pattern = arena_text(&lifetime, pattern)};
    c->is_usable = regcomp(&c->regex, whole, REG_EXTENDED | REG_NOSUB) == 0;
    all = c;
    return c;
}

static const struct compiled *find(const char *pattern)
{
    pthread_mutex_lock(&lock);
    struct compiled *c = all;
    while (c && strcmp(c->pattern, pattern) != 0)
        c = c->next;
    if (!c)
        c = compile(pattern);
    pthread_mutex_unlock(&lock);
    return c;
}

bool pattern_matches(const char *pattern, const char *text)
{
    const struct compiled *c = find(pattern);
    return !c->is_usable || regexec(&c->regex, text, 0, NULL, 0) == 0;
}
