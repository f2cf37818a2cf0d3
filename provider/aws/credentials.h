/* Credentials: who signs. A chain of sources is asked in order; the first that is configured
 * decides. One file per source; the chain is the array in credentials_chain.c. */
#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include "aws/aws.h"

struct config;

/* A snapshot: key, secret and token belong together and serve one whole attempt. */
struct credentials {
    const char *access_key_id, *secret_access_key;
    const char *session_token; /* NULL when there is none */
    const char *account_id;    /* NULL when the source does not tell */
    const char *source;        /* which source they came from, for people */
    int64_t expires_ms;        /* os->now_ms; 0: never */
};

struct credentials_provider;

/* Settles which source the configuration means, and asks it once. The provider lives in lifetime;
 * config, its settings, their texts and http must outlive it. NULL with *ret_problem filled when no
 * source has credentials, or one is broken; the text lists what was tried and why it had none. */
struct credentials_provider *credentials_new(struct arena *lifetime, const struct config *config,
                                             struct http *http, const char *user_agent,
                                             struct aws_problem *ret_problem);

/* The credentials of now, copied into the arena; refreshed ahead of their expiry. Called by many
 * threads. False with *ret_error in the arena when there are none. */
bool credentials_get(struct credentials_provider *provider, struct arena *a,
                     struct credentials *ret_snapshot, const struct aws_error **ret_error);

/* AWS refused this key as expired or unknown (ExpiredToken, InvalidClientTokenId,
 * UnrecognizedClientException): the next get refreshes, unless another key has taken its place. */
void credentials_reject(struct credentials_provider *provider, const char *access_key_id);

/* Why the last refresh had no credentials, in the arena; NULL when it had, or there was none. */
const struct aws_error *credentials_failure(struct credentials_provider *provider, struct arena *a);

/* The region of the machine, asked of it, when that is where the credentials come from; else NULL.
 * For users who have configured no region. */
const char *credentials_region(struct credentials_provider *provider, struct arena *a);

#endif
