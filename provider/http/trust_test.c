/* What connections are given to trust, from files of the test's own. */
#include "http/trust.h"

#include "base/os.h"
#include "base/test.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBfjCCASOgAwIBAgIUffHgYY3cRIuZ8z514VpdskmT5c4wCgYIKoZIzj0EAwIw\n"
    "FDESMBAGA1UEAwwJbG9jYWxob3N0MB4XDTI2MTEyNTE5MzEzNFoXDTM2MTEyMjE5\n"
    "MzEzNFowFDESMBAGA1UEAwwJbG9jYWxob3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0D\n"
    "AQcDQgAE4Yu4iO8xfpG80J/kRFrcdbCPP3XMOq+BbFhn9r3K13lUYzOijNXB3HEg\n"
    "pqT5yBZuVOtDlFEomyOS9PYos7lt9aNTMFEwHQYDVR0OBBYEFDyixh6UVFeNeTHG\n"
    "3Oc/O85INPMtMB8GA1UdIwQYMBaAFDyixh6UVFeNeTHG3Oc/O85INPMtMA8GA1Ud\n"
    "EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSQAwRgIhAL59jzsVeqjbggpfB5C4TQoM\n"
    "rnBi5An4hnC1nr/54DZrAiEAqWabmZgJZv0KJi+ekrWpIzm0dyerTrVpT2JoQ89f\n"
    "/dw=\n"
    "-----END CERTIFICATE-----\n";

static void release_context(void *context)
{
    SSL_CTX_free(context);
}

static SSL_CTX *context_new(struct arena *a)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    arena_defer(a, release_context, context);
    return context;
}

static void remove_file(void *path)
{
    unlink(path);
}

static const char *file_with(struct arena *a, const char *text)
{
    char *path = arena_text(a, "/tmp/trust-test-XXXXXX");
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    arena_defer(a, remove_file, path);
    CHECK_INT(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    return path;
}

static int certificates(const SSL_CTX *context)
{
    return sk_X509_OBJECT_num(X509_STORE_get0_objects(SSL_CTX_get_cert_store(context)));
}

TEST(trust__is_loaded_once_for_all_connections)
{
    const char *path = file_with(a, certificate);
    struct trust *trust = trust_new(a, &os_real, &(const struct roots){.file = path});
    SSL_CTX *first = context_new(a), *second = context_new(a);
    CHECK_INT(trust_give(NULL, first, trust), CURLE_OK);
    CHECK_INT(certificates(first), 1);
    unlink(path); /* nobody reads it again */
    CHECK_INT(trust_give(NULL, second, trust), CURLE_OK);
    CHECK(SSL_CTX_get_cert_store(first) == SSL_CTX_get_cert_store(second));
}

TEST(trust__is_not_loaded_before_it_is_needed)
{
    const char *path = file_with(a, "");
    struct trust *trust = trust_new(a, &os_real, &(const struct roots){.file = path});
    CHECK_INT(
        os_real.replace_file(&os_real, a, path,
                             (struct bytes){(const uint8_t *)certificate, sizeof certificate - 1}),
        0);
    SSL_CTX *context = context_new(a);
    CHECK_INT(trust_give(NULL, context, trust), CURLE_OK);
    CHECK_INT(certificates(context), 1);
}

TEST(trust__a_file_without_certificates_is_an_error_until_it_has_one)
{
    const char *path = file_with(a, "nonsense");
    struct trust *trust = trust_new(a, &os_real, &(const struct roots){.file = path});
    SSL_CTX *context = context_new(a);
    CHECK_INT(trust_give(NULL, context, trust), CURLE_SSL_CACERT_BADFILE);
    CHECK_INT(
        os_real.replace_file(&os_real, a, path,
                             (struct bytes){(const uint8_t *)certificate, sizeof certificate - 1}),
        0);
    CHECK_INT(trust_give(NULL, context, trust), CURLE_OK);
}

TEST(trust__without_any_place_nothing_is_trusted)
{
    struct trust *trust = trust_new(a, &os_real, &(const struct roots){0});
    SSL_CTX *context = context_new(a);
    CHECK_INT(trust_give(NULL, context, trust), CURLE_OK);
    CHECK_INT(certificates(context), 0);
}

/* What a first connection is told of this file. */
static const char *failure_of(struct arena *a, const struct os *os, const struct roots *roots)
{
    struct trust *trust = trust_new(a, os, roots);
    CHECK_INT(trust_give(NULL, context_new(a), trust), CURLE_SSL_CACERT_BADFILE);
    return trust_failure(trust, a);
}

static int too_many_files(const struct os *os, struct arena *a, const char *path,
                          struct bytes *ret_bytes)
{
    (void)os, (void)a, (void)path, (void)ret_bytes;
    return EMFILE;
}

TEST(trust__tells_why_a_file_is_not_used)
{
    struct os full = os_real;
    full.read_file = too_many_files;
    const char *broken = arena_printf(
        a, "%s-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", certificate);
    CHECK_TEXT(failure_of(a, &os_real, &(const struct roots){.file = "/nowhere"}),
               "/nowhere cannot be read: No such file or directory");
    CHECK_TEXT(failure_of(a, &os_real, &(const struct roots){.file = "/tmp", .variable = "V"}),
               "/tmp, which V names, cannot be read: Is a directory");
    CHECK_TEXT(failure_of(a, &full, &(const struct roots){.file = "/f"}),
               "/f cannot be read: Too many open files");
    CHECK_HAS(failure_of(a, &os_real, &(const struct roots){.file = file_with(a, broken)}),
              " holds a certificate that cannot be read");
    CHECK_HAS(failure_of(a, &os_real, &(const struct roots){.file = file_with(a, "x")}),
              " holds no root certificate");
}

TEST(trust__waits_for_no_pipe)
{
    const char *path = file_with(a, "");
    CHECK_INT(unlink(path), 0);
    CHECK_INT(mkfifo(path, 0600), 0);
    alarm(20);
    const char *failure = failure_of(a, &os_real, &(const struct roots){.file = path});
    alarm(0);
    CHECK_TEXT(failure,
               arena_printf(a, "%s is a pipe or a device, not a file of root certificates", path));
}

TEST(trust__a_file_beside_a_directory_is_not_wanted_at_once)
{
    struct trust *trust =
        trust_new(a, &os_real, &(const struct roots){.directory = "/tmp", .file = "/nowhere"});
    CHECK_INT(trust_give(NULL, context_new(a), trust), CURLE_OK);
    CHECK(!trust_failure(trust, a));
    CHECK_TEXT(trust_places(trust, a), "/tmp and /nowhere");
}
