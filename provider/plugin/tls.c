/* A P-256 key and a self-signed certificate for "localhost". Terraform takes the certificate itself
 * as the only trusted root, so it needs no authority behind it. */
#include "plugin/tls.h"

#include <grpc/grpc_security.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <string.h>

#define HOUR 3600L
#define YEAR (365 * 24 * HOUR)

static void release_key(void *key)
{
    EVP_PKEY_free(key);
}

static void release_certificate(void *certificate)
{
    X509_free(certificate);
}

static void release_bio(void *bio)
{
    BIO_free(bio);
}

static bool add_extension(X509 *certificate, int nid, const char *text)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, text);
    bool added = extension && X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return added;
}

static bool set_serial(X509 *certificate)
{
    uint64_t serial = 0;
    if (RAND_bytes((unsigned char *)&serial, sizeof serial) != 1)
        return false;
    return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1;
}

static bool fill(X509 *certificate, EVP_PKEY *key)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -HOUR);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 10 * YEAR);
    return X509_set_version(certificate, X509_VERSION_3) && set_serial(certificate) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost",
                                      -1, -1, 0) &&
           X509_set_issuer_name(certificate, name) && X509_set_pubkey(certificate, key) &&
           add_extension(certificate, NID_subject_alt_name, "DNS:localhost") &&
           add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
           X509_sign(certificate, key, EVP_sha256());
}

static char *pem(struct arena *a, BIO *bio)
{
    char *data;
    long size = BIO_get_mem_data(bio, &data);
    return arena_text_n(a, data, (size_t)size);
}

static const char *base64_der(struct arena *a, X509 *certificate)
{
    unsigned char *der = NULL;
    int size = i2d_X509(certificate, &der);
    if (size <= 0)
        return NULL;
    char *text = arena_alloc(a, (size_t)size * 4 / 3 + 8);
    EVP_EncodeBlock((unsigned char *)text, der, size);
    OPENSSL_free(der);
    text[strcspn(text, "=")] = '\0';
    return text;
}

/* gRPC itself says so only when it listens, and then without a reason. */
static bool is_certificate(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    bool is_one = certificate != NULL;
    X509_free(certificate);
    BIO_free(bio);
    return is_one;
}

static grpc_server_credentials *credentials(grpc_ssl_pem_key_cert_pair pair, const char *client)
{
    grpc_ssl_server_certificate_config *config =
        grpc_ssl_server_certificate_config_create(client, &pair, 1);
    grpc_ssl_server_credentials_options *options =
        grpc_ssl_server_credentials_create_options_using_config(
            GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY, config);
    return grpc_ssl_server_credentials_create_with_options(options);
}

grpc_server_credentials *tls_credentials(struct arena *a, const char *client_certificate,
                                         const char **ret_certificate)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    arena_defer(a, release_key, key);
    X509 *certificate = X509_new();
    arena_defer(a, release_certificate, certificate);
    BIO *key_pem = BIO_new(BIO_s_secmem()), *certificate_pem = BIO_new(BIO_s_mem());
    arena_defer(a, release_bio, key_pem);
    arena_defer(a, release_bio, certificate_pem);

    if (!is_certificate(client_certificate) || !key || !certificate || !fill(certificate, key) ||
        !PEM_write_bio_PrivateKey(key_pem, key, NULL, NULL, 0, NULL, NULL) ||
        !PEM_write_bio_X509(certificate_pem, certificate))
        return NULL;
    *ret_certificate = base64_der(a, certificate);
    return credentials((grpc_ssl_pem_key_cert_pair){pem(a, key_pem), pem(a, certificate_pem)},
                       client_certificate);
}
