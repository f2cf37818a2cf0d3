/* The order of the places for root certificates. */
#include "http/roots.h"

#include "base/test.h"

#include <string.h>

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

TEST(roots__openssl_variables_come_next)
{
    CHECK_TEXT(
        find(NULL, (const char *const[]){"SSL_CERT_DIR", "/d", "SSL_CERT_FILE", "/b", NULL}).file,
        "/b");
    struct roots r =
        find(NULL, (const char *const[]){"SSL_CERT_FILE", " ", "SSL_CERT_DIR", "/d", NULL});
    CHECK_TEXT(r.directory, "/d");
    CHECK(!r.file);
}

TEST(roots__system_has_one_place_at_most)
{
    struct roots r = find(NULL, (const char *const[]){NULL});
    CHECK(!r.file || !r.directory);
}
