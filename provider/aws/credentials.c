/* The chain, in the order of AWS's SDKs. A new source is a file and a row. */
#include "aws/credentials.h"

static const struct credentials_source *const chain[] = {
    &credentials_static,
    &credentials_environment,
    &credentials_profile,
};

#define CHAIN_SIZE (sizeof chain / sizeof *chain)

static struct aws_problem broken(struct arena *a, const struct credentials_source *source,
                                 const struct credentials_result *r)
{
    return (struct aws_problem){
        .attribute = r->attribute,
        .summary = "Unusable credentials",
        .detail =
            arena_printf(a, "Credentials from the %s cannot be used: %s.", source->name, r->reason),
    };
}

static struct aws_problem nothing_found(struct arena *a, const char *tried)
{
    return (struct aws_problem){
        .summary = "No valid credential sources found",
        .detail = arena_printf(a,
                               "Requests to AWS must be signed, and no credentials were found. "
                               "Tried, in this order:%s\n"
                               "Set access_key and secret_key in the provider block, the "
                               "environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
                               "or keys in a profile of the shared files.",
                               tried),
    };
}

bool credentials_load(struct arena *a, const struct config *config,
                      struct credentials *ret_credentials, struct aws_problem *ret_problem)
{
    const char *tried = "";
    for (size_t i = 0; i < CHAIN_SIZE; i++) {
        struct credentials_result r = chain[i]->load(a, config);
        if (r.outcome == CREDENTIALS_FOUND) {
            *ret_credentials = r.credentials;
            ret_credentials->source = chain[i]->name;
            return true;
        }
        if (r.outcome == CREDENTIALS_BROKEN) {
            *ret_problem = broken(a, chain[i], &r);
            return false;
        }
        tried = arena_printf(a, "%s\n  - %s: %s", tried, chain[i]->name, r.reason);
    }
    *ret_problem = nothing_found(a, tried);
    return false;
}

struct credentials_provider {
    struct credentials credentials;
};

struct credentials_provider *credentials_new(struct arena *lifetime, const struct config *config,
                                             struct http *http, const char *user_agent,
                                             struct aws_problem *ret_problem)
{
    (void)http, (void)user_agent;
    struct credentials_provider *provider = arena_alloc(lifetime, sizeof *provider);
    return credentials_load(lifetime, config, &provider->credentials, ret_problem) ? provider
                                                                                   : NULL;
}

bool credentials_get(struct credentials_provider *provider, struct arena *a,
                     struct credentials *ret_snapshot, const struct aws_error **ret_error)
{
    (void)a, (void)ret_error;
    *ret_snapshot = provider->credentials;
    return true;
}

void credentials_reject(struct credentials_provider *provider, const char *access_key_id)
{
    (void)provider, (void)access_key_id;
}

const char *credentials_region(struct credentials_provider *provider, struct arena *a)
{
    (void)provider, (void)a;
    return NULL;
}
