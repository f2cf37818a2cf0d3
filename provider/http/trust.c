/* One store of OpenSSL's, which counts those who use it. What a hashed directory holds is read into
 * it certificate by certificate; a file beside it only when a first verification failed, since most
 * processes never need it. */
#include "http/trust.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <string.h>

/* Why a file is not loaded, beside the values of errno. */
enum { IS_SPECIAL = -1, IS_BROKEN = -2, HOLDS_NONE = -3 };

struct trust {
    const struct os *os;
    struct roots roots;
    pthread_mutex_t lock; /* of what follows */
    X509_STORE *store;    /* NULL before it is needed */
    bool is_loaded;       /* the file, into the store */
    int failure;          /* of the last try to load it; 0: none */
};

static void trust_free(void *handle)
{
    struct trust *trust = handle;
    X509_STORE_free(trust->store);
    pthread_mutex_destroy(&trust->lock);
}

struct trust *trust_new(struct arena *a, const struct os *os, const struct roots *roots)
{
    struct trust *trust = arena_alloc(a, sizeof *trust);
    *trust = (struct trust){.os = os, .roots = *roots};
    pthread_mutex_init(&trust->lock, NULL);
    arena_defer(a, trust_free, trust);
    return trust;
}

/* With what libcurl sets for a store of its own. */
static X509_STORE *store_new(const char *directory)
{
    X509_STORE *store = X509_STORE_new();
    if (store && (!directory || X509_STORE_load_path(store, directory)) &&
        X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN))
        return store;
    X509_STORE_free(store);
    return NULL;
}

static void free_info(X509_INFO *info)
{
    X509_INFO_free(info);
}

/* All or, when one of them cannot be read, none. */
static int add_certificates(X509_STORE *store, struct bytes pem)
{
    char no_password[] = ""; /* without one, OpenSSL asks the terminal */
    BIO *input = BIO_new_mem_buf(pem.data, (int)pem.size);
    STACK_OF(X509_INFO) *infos = PEM_X509_INFO_read_bio(input, NULL, NULL, no_password);
    int count = 0;
    for (int i = 0; i < sk_X509_INFO_num(infos); i++) {
        X509 *certificate = sk_X509_INFO_value(infos, i)->x509;
        count += certificate && X509_STORE_add_cert(store, certificate);
    }
    sk_X509_INFO_pop_free(infos, free_info);
    BIO_free(input);
    ERR_clear_error(); /* a later error of the connection is not to be taken for this one */
    if (!infos)
        return IS_BROKEN;
    return count ? 0 : HOLDS_NONE;
}

/* What is special is not opened: a pipe would be read by halves, or waited for. */
static int read_certificates(const struct os *os, const char *path, X509_STORE *store)
{
    if (os->is_special(os, path))
        return IS_SPECIAL;

    struct arena scratch = {0};
    struct bytes pem;
    int failure = os->read_file(os, &scratch, path, &pem);
    if (!failure)
        failure = add_certificates(store, pem);
    arena_reset(&scratch);
    return failure;
}

/* Under lock. The store may be in use: certificates are added under OpenSSL's own lock. */
static bool load_file(struct trust *trust)
{
    if (trust->is_loaded || !trust->roots.file)
        return trust->is_loaded;
    trust->failure = read_certificates(trust->os, trust->roots.file, trust->store);
    trust->is_loaded = trust->failure == 0;
    return trust->is_loaded;
}

/* Under lock. */
static bool prepare(struct trust *trust)
{
    if (!trust->store)
        trust->store = store_new(trust->roots.directory);
    if (!trust->store)
        trust->failure = ENOMEM;
    return trust->store && (!trust->roots.file || trust->roots.directory || load_file(trust));
}

/* In a context of its own, for one serves a single verification. Its result is given to the first,
 * where the connection looks for it. */
static bool verify_again(X509_STORE_CTX *first)
{
    X509_STORE_CTX *second = X509_STORE_CTX_new();
    bool verified = false;
    if (second &&
        X509_STORE_CTX_init(second, X509_STORE_CTX_get0_store(first),
                            X509_STORE_CTX_get0_cert(first),
                            X509_STORE_CTX_get0_untrusted(first)) &&
        X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(second),
                               X509_STORE_CTX_get0_param(first))) {
        verified = X509_verify_cert(second) == 1;
        X509_STORE_CTX_set_error(first, X509_STORE_CTX_get_error(second));
        X509_STORE_CTX_set_error_depth(first, X509_STORE_CTX_get_error_depth(second));
        X509_STORE_CTX_set0_verified_chain(first, X509_STORE_CTX_get1_chain(second));
    }
    X509_STORE_CTX_free(second);
    return verified;
}

/* By the directory; what is not verified by it, by the directory and the file. */
static int verify(X509_STORE_CTX *context, void *handle)
{
    struct trust *trust = handle;
    if (X509_verify_cert(context) == 1)
        return 1;
    pthread_mutex_lock(&trust->lock);
    bool is_loaded = load_file(trust);
    pthread_mutex_unlock(&trust->lock);
    return is_loaded && verify_again(context);
}

CURLcode trust_give(CURL *easy, void *context, void *handle)
{
    (void)easy;
    struct trust *trust = handle;
    pthread_mutex_lock(&trust->lock);
    X509_STORE *store = prepare(trust) ? trust->store : NULL;
    pthread_mutex_unlock(&trust->lock);
    if (!store)
        return CURLE_SSL_CACERT_BADFILE;
    SSL_CTX_set1_cert_store(context, store);
    if (trust->roots.directory && trust->roots.file)
        SSL_CTX_set_cert_verify_callback(context, verify, trust);
    return CURLE_OK;
}

const char *trust_failure(struct trust *trust, struct arena *a)
{
    pthread_mutex_lock(&trust->lock);
    int failure = trust->failure;
    pthread_mutex_unlock(&trust->lock);

    const struct roots *roots = &trust->roots;
    const char *place = roots->file ? roots->file : roots->directory;
    if (roots->variable)
        place = arena_printf(a, "%s, which %s names,", place, roots->variable);
    switch (failure) {
    case 0:
        return NULL;
    case IS_SPECIAL:
        return arena_printf(a, "%s is a pipe or a device, not a file of root certificates", place);
    case IS_BROKEN:
        return arena_printf(a, "%s holds a certificate that cannot be read", place);
    case HOLDS_NONE:
        return arena_printf(a, "%s holds no root certificate", place);
    default:
        return arena_printf(a, "%s cannot be read: %s", place, strerror(failure));
    }
}

const char *trust_places(struct trust *trust, struct arena *a)
{
    const struct roots *roots = &trust->roots;
    if (!roots->directory || !roots->file)
        return roots->file ? roots->file : roots->directory;
    const char *failure = trust_failure(trust, a);
    return failure ? arena_printf(a, "%s; %s", roots->directory, failure)
                   : arena_printf(a, "%s and %s", roots->directory, roots->file);
}
