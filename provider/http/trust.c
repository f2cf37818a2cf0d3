/* One store of OpenSSL's, which counts those who use it. What a hashed directory holds is read into
 * it certificate by certificate. */
#include "http/trust.h"

#include <openssl/ssl.h>
#include <pthread.h>

struct trust {
    struct roots roots;
    pthread_mutex_t lock;
    X509_STORE *store; /* under lock; NULL before it is needed */
};

static void trust_free(void *handle)
{
    struct trust *trust = handle;
    X509_STORE_free(trust->store);
    pthread_mutex_destroy(&trust->lock);
}

struct trust *trust_new(struct arena *a, const struct roots *roots)
{
    struct trust *trust = arena_alloc(a, sizeof *trust);
    *trust = (struct trust){.roots = *roots};
    pthread_mutex_init(&trust->lock, NULL);
    arena_defer(a, trust_free, trust);
    return trust;
}

/* With what libcurl sets for a store of its own. */
static X509_STORE *load(const struct roots *roots)
{
    X509_STORE *store = X509_STORE_new();
    if (store && (!roots->file || X509_STORE_load_file(store, roots->file)) &&
        (!roots->directory || X509_STORE_load_path(store, roots->directory)) &&
        X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN))
        return store;
    X509_STORE_free(store);
    return NULL;
}

CURLcode trust_give(CURL *easy, void *context, void *handle)
{
    (void)easy;
    struct trust *trust = handle;
    pthread_mutex_lock(&trust->lock);
    if (!trust->store)
        trust->store = load(&trust->roots);
    X509_STORE *store = trust->store;
    pthread_mutex_unlock(&trust->lock);
    if (!store)
        return CURLE_SSL_CACERT_BADFILE;
    SSL_CTX_set1_cert_store(context, store);
    return CURLE_OK;
}
