/* The proof's three parts, taken apart and verified by OpenSSL with the key that it names itself.
 */
#include "aws/dpop.h"

#include "aws/fake_test.h"
#include "base/test.h"
#include "value/json.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <string.h>

#define URL "https://eu-central-1.signin.aws.amazon.com/v1/token"

static void free_key(void *key)
{
    EVP_PKEY_free(key);
}

static void free_bio(void *bio)
{
    BIO_free(bio);
}

static void free_context(void *context)
{
    EVP_MD_CTX_free(context);
}

static void free_signature(void *signature)
{
    ECDSA_SIG_free(signature);
}

static EVP_PKEY *new_key(struct arena *a, const char *curve)
{
    EVP_PKEY *key = EVP_EC_gen(curve);
    arena_defer(a, free_key, key);
    return key;
}

/* PKCS #8, or SEC1 as older tools write it. */
static const char *pem(struct arena *a, EVP_PKEY *key, bool sec1)
{
    BIO *bio = BIO_new(BIO_s_mem());
    arena_defer(a, free_bio, bio);
    CHECK(sec1 ? PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL)
               : PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL));
    char *text;
    long size = BIO_get_mem_data(bio, &text);
    return arena_text_n(a, text, (size_t)size);
}

static size_t decoded(struct arena *a, const char *text, size_t size, unsigned char **ret_bytes)
{
    char *padded = arena_alloc(a, size + 4);
    memcpy(padded, text, size);
    for (char *p = padded; *p; p++)
        *p = *p == '-' ? '+' : *p == '_' ? '/' : *p;
    size_t full = (size + 3) / 4 * 4;
    memset(padded + size, '=', full - size);
    *ret_bytes = arena_alloc(a, full);
    CHECK(EVP_DecodeBlock(*ret_bytes, (const unsigned char *)padded, (int)full) >= 0);
    return full / 4 * 3 - (full - size);
}

static const struct value *part(struct arena *a, const char *text, size_t size)
{
    unsigned char *json;
    size_t length = decoded(a, text, size, &json);
    const struct value *v = json_parse(a, (const char *)json, length, NULL);
    assert_non_null(v);
    return v;
}

/* r and s as the DER that OpenSSL verifies. */
static bool is_signed(struct arena *a, EVP_PKEY *key, const char *text, size_t size,
                      const unsigned char *raw)
{
    ECDSA_SIG *signature = ECDSA_SIG_new();
    arena_defer(a, free_signature, signature);
    ECDSA_SIG_set0(signature, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL));
    unsigned char der[80], *p = der;
    int length = i2d_ECDSA_SIG(signature, &p);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    arena_defer(a, free_context, context);
    return EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
           EVP_DigestVerify(context, der, (size_t)length, (const unsigned char *)text, size) == 1;
}

static void check_point(struct arena *a, EVP_PKEY *key, const struct value *jwk)
{
    static const char *const names[][2] = {{"x", OSSL_PKEY_PARAM_EC_PUB_X},
                                           {"y", OSSL_PKEY_PARAM_EC_PUB_Y}};
    for (size_t i = 0; i < 2; i++) {
        BIGNUM *number = NULL;
        unsigned char wanted[32], *sent;
        CHECK(EVP_PKEY_get_bn_param(key, names[i][1], &number) == 1);
        CHECK_INT(BN_bn2binpad(number, wanted, 32), 32);
        BN_free(number);
        const char *text = value_text(jwk, names[i][0]);
        CHECK_INT(decoded(a, text, strlen(text), &sent), 32);
        assert_memory_equal(sent, wanted, 32);
    }
}

static void check_proof(struct arena *a, EVP_PKEY *key, const char *key_pem)
{
    struct fake_os os = fake_os();
    os.now_ms = 1763510400999;
    const char *proof = dpop_proof(a, &os.os, 0, key_pem, URL);
    assert_non_null(proof);
    const char *claims = strchr(proof, '.') + 1, *signature = strchr(claims, '.') + 1;
    const struct value *header = part(a, proof, (size_t)(claims - proof - 1));
    CHECK_TEXT(value_text(header, "typ"), "dpop+jwt");
    CHECK_TEXT(value_text(header, "alg"), "ES256");
    CHECK_TEXT(value_text(header, "jwk.crv"), "P-256");
    check_point(a, key, value_member(header, "jwk"));
    const struct value *said = part(a, claims, (size_t)(signature - claims - 1));
    CHECK_TEXT(value_text(said, "htm"), "POST");
    CHECK_TEXT(value_text(said, "htu"), URL);
    CHECK_INT(value_integer(said, "iat", 0), 1763510400);
    CHECK_INT(strlen(value_text(said, "jti")), 36);
    unsigned char *raw;
    CHECK_INT(decoded(a, signature, strlen(signature), &raw), 64);
    CHECK(is_signed(a, key, proof, (size_t)(signature - proof - 1), raw));
    raw[40] ^= 1;
    CHECK(!is_signed(a, key, proof, (size_t)(signature - proof - 1), raw));
}

TEST(dpop__proves_that_the_key_is_at_hand)
{
    for (int i = 0; i < 20; i++) { /* short r and s are padded */
        EVP_PKEY *key = new_key(a, "P-256");
        check_proof(a, key, pem(a, key, i % 2));
    }
}

TEST(dpop__takes_keys_of_that_curve_only)
{
    struct fake_os os = fake_os();
    CHECK(!dpop_proof(a, &os.os, 0, pem(a, new_key(a, "P-384"), false), URL));
    CHECK(!dpop_proof(a, &os.os, 0, "", URL));
    CHECK(!dpop_proof(a, &os.os, 0,
                      "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", URL));
}
