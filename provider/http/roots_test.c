/* The order of the places for root certificates. */
#include "http/roots.h"

#include "base/test.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const *variables; /* name, value, …, NULL */

static const char *env(const struct os *os, const char *name)
{
    (void)os;
    for (const char *const *v = variables; *v; v += 2)
        if (strcmp(*v, name) == 0)
            return v[1];
    return NULL;
}

static struct roots find(const char *bundle, const char *const *set)
{
    const struct os os = {.env = env};
    variables = set;
    return roots_find(&os, bundle);
}

TEST(roots__a_bundle_replaces_all_others)
{
    struct roots r = find("/a", (const char *const[]){"SSL_CERT_FILE", "/b", NULL});
    CHECK_TEXT(r.file, "/a");
    CHECK(!r.directory);
}

TEST(roots__openssl_variables_come_next_and_both_count)
{
    struct roots r =
        find(NULL, (const char *const[]){"SSL_CERT_DIR", "/d", "SSL_CERT_FILE", "/b", NULL});
    CHECK_TEXT(r.file, "/b");
    CHECK_TEXT(r.variable, "SSL_CERT_FILE");
    CHECK_TEXT(r.directory, "/d");
    r = find(NULL, (const char *const[]){"SSL_CERT_FILE", " ", "SSL_CERT_DIR", "/d", NULL});
    CHECK_TEXT(r.directory, "/d");
    CHECK(!r.file && !r.variable);
    r = find(NULL, (const char *const[]){"SSL_CERT_FILE", "/b", NULL});
    CHECK_TEXT(r.file, "/b");
    CHECK(!r.directory);
}

/* A machine below a directory of the test's own: one hashed directory, two places for a bundle. */
struct machine {
    const char *top;
    const char *directories[2], *bundles[3];
};

static void remove_machine(void *handle)
{
    const struct machine *m = handle;
    for (size_t i = 0; m->bundles[i]; i++)
        if (unlink(m->bundles[i]) != 0)
            rmdir(m->bundles[i]);
    DIR *directory = opendir(m->top);
    for (struct dirent *entry; (entry = readdir(directory));)
        unlinkat(dirfd(directory), entry->d_name, 0);
    closedir(directory);
    rmdir(m->top);
}

static struct machine *machine_new(struct arena *a)
{
    struct machine *m = arena_alloc(a, sizeof *m);
    m->top = mkdtemp(arena_text(a, "/tmp/roots_test.XXXXXX"));
    CHECK(m->top);
    m->directories[0] = m->top;
    m->bundles[0] = arena_printf(a, "%s/first.crt", m->top);
    m->bundles[1] = arena_printf(a, "%s/second.crt", m->top);
    arena_defer(a, remove_machine, m);
    return m;
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    CHECK(file);
    fputs(text, file);
    fclose(file);
}

TEST(roots__a_hashed_directory_does_not_hide_the_bundle)
{
    struct machine *m = machine_new(a);
    CHECK_INT(symlink("/gone", arena_printf(a, "%s/2ae6433e.0", m->top)), 0);
    CHECK(!roots_among(m->directories, m->bundles).file);
    put(m->bundles[0], "certificates");
    struct roots r = roots_among(m->directories, m->bundles);
    CHECK_TEXT(r.directory, m->top);
    CHECK_TEXT(r.file, m->bundles[0]);
}

TEST(roots__a_directory_without_links_is_none)
{
    struct machine *m = machine_new(a);
    put(m->bundles[1], "certificates");
    struct roots r = roots_among(m->directories, m->bundles);
    CHECK(!r.directory);
    CHECK_TEXT(r.file, m->bundles[1]);
}

TEST(roots__a_bundle_is_a_file_with_something_in_it)
{
    struct machine *m = machine_new(a);
    put(m->bundles[0], "");
    put(m->bundles[1], "certificates");
    CHECK_TEXT(roots_among(m->directories, m->bundles).file, m->bundles[1]);
    CHECK_INT(unlink(m->bundles[0]), 0);
    CHECK_INT(mkfifo(m->bundles[0], 0600), 0);
    CHECK_TEXT(roots_among(m->directories, m->bundles).file, m->bundles[1]);
    CHECK_INT(unlink(m->bundles[0]), 0);
    CHECK_INT(mkdir(m->bundles[0], 0700), 0);
    CHECK_TEXT(roots_among(m->directories, m->bundles).file, m->bundles[1]);
    CHECK_INT(rmdir(m->bundles[0]), 0);
    CHECK_INT(symlink(m->bundles[1], m->bundles[0]), 0);
    CHECK_TEXT(roots_among(m->directories, m->bundles).file, m->bundles[0]);
}
