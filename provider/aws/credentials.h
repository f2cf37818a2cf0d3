/* Credentials: who signs. A chain of sources is asked in order; the first that is configured
 * decides. One file per source; the chain is the array in credentials.c. */
#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include "aws/aws.h"

struct config;

/* A snapshot: key, secret and token belong together and serve one whole attempt. */
struct credentials {
    const char *access_key, *secret_key;
    const char *token;  /* NULL when there is none */
    const char *source; /* which source they came from, for people */
};

enum credentials_outcome {
    CREDENTIALS_ABSENT, /* not configured here: the next source is asked */
    CREDENTIALS_FOUND,
    CREDENTIALS_BROKEN, /* configured but of no use: asking others would hide a mistake */
};

struct credentials_result {
    enum credentials_outcome outcome;
    struct credentials credentials;
    const char *reason;    /* unless found: why not, without secrets */
    const char *attribute; /* of the provider block, when it is to blame for being broken */
};

struct credentials_source {
    const char *name;
    struct credentials_result (*load)(struct arena *a, const struct config *config);
};

extern const struct credentials_source credentials_static, credentials_environment,
    credentials_profile;

/* Asks the chain. False with *ret_problem filled when no source has credentials, or one is broken;
 * the text lists every source that was asked and why it had none. */
bool credentials_load(struct arena *a, const struct config *config,
                      struct credentials *ret_credentials, struct aws_problem *ret_problem);

#endif
