/* A compact JWT: header with the public key, claims about the request, and a signature of 64 bytes,
 * where OpenSSL gives DER. */
#include "aws/dpop.h"

#include "value/json.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#define COORDINATE 32 /* bytes of a number of P-256 */

static void release_key(void *key)
{
    EVP_PKEY_free(key);
}

static void release_number(void *number)
{
    BN_clear_free(number);
}

static void release_context(void *context)
{
    EVP_MD_CTX_free(context);
}

static void release_signature(void *signature)
{
    ECDSA_SIG_free(signature);
}

static const char *base64url(struct arena *a, const unsigned char *data, size_t size)
{
    char *text = arena_alloc(a, size * 4 / 3 + 8);
    EVP_EncodeBlock((unsigned char *)text, data, (int)size);
    for (char *p = text; *p; p++) {
        if (*p == '+')
            *p = '-';
        else if (*p == '/')
            *p = '_';
    }
    text[strcspn(text, "=")] = '\0';
    return text;
}

static const char *encode_json(struct arena *a, const struct value *v)
{
    const char *text = json_print(a, v);
    return base64url(a, (const unsigned char *)text, strlen(text));
}

static EVP_PKEY *read_key(struct arena *a, const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    arena_defer(a, release_key, key);
    char group[32] = "";
    if (key)
        EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, NULL);
    return strcmp(group, "prime256v1") == 0 ? key : NULL;
}

static const struct value *coordinate(struct arena *a, EVP_PKEY *key, const char *name)
{
    unsigned char bytes[COORDINATE];
    BIGNUM *number = NULL;
    EVP_PKEY_get_bn_param(key, name, &number);
    arena_defer(a, release_number, number);
    if (!number || BN_bn2binpad(number, bytes, sizeof bytes) < 0)
        return &value_null;
    return value_string(a, base64url(a, bytes, sizeof bytes));
}

/* r and s, one after the other, of the signature over text; NULL when OpenSSL cannot. */
static const char *sign(struct arena *a, EVP_PKEY *key, const char *text)
{
    unsigned char der[128], raw[2 * COORDINATE];
    const unsigned char *p = der;
    size_t size = sizeof der;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    arena_defer(a, release_context, context);

    if (EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) != 1 ||
        EVP_DigestSign(context, der, &size, (const unsigned char *)text, strlen(text)) != 1)
        return NULL;
    ECDSA_SIG *signature = d2i_ECDSA_SIG(NULL, &p, (long)size);
    arena_defer(a, release_signature, signature);
    if (!signature || BN_bn2binpad(ECDSA_SIG_get0_r(signature), raw, COORDINATE) < 0 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(signature), raw + COORDINATE, COORDINATE) < 0)
        return NULL;
    return base64url(a, raw, sizeof raw);
}

static const struct value *header(struct arena *a, EVP_PKEY *key)
{
    const struct value *jwk =
        MAP(a, {"kty", value_string(a, "EC")}, {"crv", value_string(a, "P-256")},
            {"x", coordinate(a, key, OSSL_PKEY_PARAM_EC_PUB_X)},
            {"y", coordinate(a, key, OSSL_PKEY_PARAM_EC_PUB_Y)});
    return MAP(a, {"typ", value_string(a, "dpop+jwt")}, {"alg", value_string(a, "ES256")},
               {"jwk", jwk});
}

static const struct value *claims(struct arena *a, const struct os *os, int64_t skew_ms,
                                  const char *url)
{
    unsigned long long high = os->random(os), low = os->random(os);
    const char *id =
        arena_printf(a, "%08llx-%04llx-4%03llx-%04llx-%012llx", high >> 32, high >> 16 & 0xffff,
                     high & 0xfff, (low >> 48 & 0x3fff) | 0x8000, low & 0xffffffffffff);
    return MAP(a, {"jti", value_string(a, id)}, {"htm", value_string(a, "POST")},
               {"htu", value_string(a, url)},
               {"iat", value_int(a, (os->now_ms(os) + skew_ms) / 1000)});
}

const char *dpop_proof(struct arena *a, const struct os *os, int64_t skew_ms, const char *key_pem,
                       const char *url)
{
    EVP_PKEY *key = read_key(a, key_pem);
    if (!key)
        return NULL;
    const char *text = arena_printf(a, "%s.%s", encode_json(a, header(a, key)),
                                    encode_json(a, claims(a, os, skew_ms, url)));
    const char *signature = sign(a, key, text);
    return signature ? arena_printf(a, "%s.%s", text, signature) : NULL;
}
