/* A P-256 key and a self-signed certificate for "localhost". Terraform takes the certificate itself
 * as the only trusted root, so it needs no authority behind it. Both are brought into their form
 * without OpenSSL's encoders, which take longer to be found than everything else here. */
#include "plugin/tls.h"

#include <grpc/grpc_security.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <string.h>

#define HOUR        3600L
#define YEAR        (365 * 24 * HOUR)
#define SECRET_SIZE 32 /* of P-256 */
#define POINT_SIZE  65

/* RFC 5915: ECPrivateKey, of which only the two numbers differ from key to key. */
struct key_der {
    unsigned char head[7], secret[SECRET_SIZE], curve[17], point[POINT_SIZE];
};

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

static bool get_point(const EVP_PKEY *key, unsigned char *ret_point)
{
    size_t size;
    return EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, ret_point, POINT_SIZE,
                                           &size) &&
           size == POINT_SIZE;
}

static bool set_public_key(X509 *certificate, const EVP_PKEY *key)
{
    unsigned char *point = OPENSSL_malloc(POINT_SIZE);
    if (point && get_point(key, point) &&
        X509_PUBKEY_set0_param(X509_get_X509_PUBKEY(certificate),
                               OBJ_nid2obj(NID_X9_62_id_ecPublicKey), V_ASN1_OBJECT,
                               OBJ_nid2obj(NID_X9_62_prime256v1), point, POINT_SIZE))
        return true; /* it is the certificate's now */
    OPENSSL_free(point);
    return false;
}

static bool get_secret(const EVP_PKEY *key, unsigned char *ret_secret)
{
    BIGNUM *number = NULL;
    bool got = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &number) &&
               BN_bn2binpad(number, ret_secret, SECRET_SIZE) == SECRET_SIZE;
    BN_clear_free(number);
    return got;
}

static bool write_key(BIO *bio, const EVP_PKEY *key)
{
    struct key_der der = {
        .head = {0x30, sizeof der - 2, 2, 1, 1, 4, SECRET_SIZE},
        .curve = {0xa0, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7, 0xa1, 68, 3, 66, 0},
    };
    bool written =
        get_secret(key, der.secret) && get_point(key, der.point) &&
        PEM_write_bio(bio, PEM_STRING_ECPRIVATEKEY, "", (const unsigned char *)&der, sizeof der);
    OPENSSL_cleanse(&der, sizeof der);
    return written;
}

static bool fill(X509 *certificate, EVP_PKEY *key)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -HOUR);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 10 * YEAR);
    return X509_set_version(certificate, X509_VERSION_3) && set_serial(certificate) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost",
                                      -1, -1, 0) &&
           X509_set_issuer_name(certificate, name) && set_public_key(certificate, key) &&
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

bool tls_is_certificate(const char *pem)
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

    if (!key || !certificate || !fill(certificate, key) || !write_key(key_pem, key) ||
        !PEM_write_bio_X509(certificate_pem, certificate))
        return NULL;
    *ret_certificate = base64_der(a, certificate);
    return credentials((grpc_ssl_pem_key_cert_pair){pem(a, key_pem), pem(a, certificate_pem)},
                       client_certificate);
}

void tls_init(void)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}
