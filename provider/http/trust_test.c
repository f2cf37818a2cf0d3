/* What connections are given to trust, from files of the test's own. */
#include "http/trust.h"

#include "base/os.h"
#include "base/test.h"

#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
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
    struct trust *trust = trust_new(a, &(const struct roots){.file = path});
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
    struct trust *trust = trust_new(a, &(const struct roots){.file = path});
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
    struct trust *trust = trust_new(a, &(const struct roots){.file = path});
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
    struct trust *trust = trust_new(a, &(const struct roots){0});
    SSL_CTX *context = context_new(a);
    CHECK_INT(trust_give(NULL, context, trust), CURLE_OK);
    CHECK_INT(certificates(context), 0);
}
