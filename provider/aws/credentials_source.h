/* Credentials_source: what the sources of credentials share among themselves. A source is a kind
 * (how to get credentials) and settings (from where); a provider is a source with a memory. */
#ifndef AWS_CREDENTIALS_SOURCE_H
#define AWS_CREDENTIALS_SOURCE_H

#include "aws/config.h"
#include "aws/credentials.h"

#include <pthread.h>

/* What every source may need. Outlives all providers. */
struct credentials_context {
    const struct os *os;
    struct http *http;
    const struct config *config;
    const char *user_agent;
};

struct credentials_source {
    const struct credentials_kind *kind;
    const struct credentials_context *context;
    const void *settings;              /* of the kind's own type */
    struct credentials_provider *base; /* who asks for a role; NULL for all other kinds */
    const char *attribute;             /* of the provider block, when it is written there */
};

/* A way to get credentials. */
struct credentials_kind {
    const char *name;    /* "EC2 instance metadata": for people */
    int64_t advisory_ms; /* refresh so long before expiry; 0: by lifetime */

    /* Asks. What it returns lives in the arena. False with *ret_error filled. */
    bool (*retrieve)(const struct credentials_source *source, struct arena *a,
                     struct credentials *ret_credentials, const struct aws_error **ret_error);

    /* Of a diagnostic. NULL: the chain's own. */
    const char *summary;
    const char *(*explain)(const struct credentials_source *source, struct arena *a,
                           const struct aws_error *error);
};

/* A source with a memory: one refresh at a time, kept until something newer is there. */
struct credentials_provider {
    struct credentials_source source;
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t refreshed;
    struct arena memory; /* of the snapshot */
    struct credentials snapshot;
    bool has_snapshot, refreshing, rejected;
    unsigned flight; /* counts refreshes */
    int64_t advisory_ms, mandatory_ms;
    int64_t next_try_ms; /* not before, after a refresh that failed */
    struct arena error_memory;
    const struct aws_error *error; /* of the last refresh; NULL when it succeeded */
    int64_t error_until_ms;        /* told to everybody until then */
};

/* Lives in the arena; source is copied. */
struct credentials_provider *credentials_provider_new(struct arena *lifetime,
                                                      const struct credentials_source *source);

enum credentials_outcome {
    CREDENTIALS_ABSENT, /* not configured here: the next source is asked */
    CREDENTIALS_FOUND,
    CREDENTIALS_BROKEN, /* configured but of no use: asking others would hide a mistake */
};

/* What the configuration says about one source; nothing has been asked yet. */
struct credentials_choice {
    enum credentials_outcome outcome;
    struct credentials_provider *provider; /* when found */
    const char *reason;                    /* unless found: why not, without secrets */
    const char *attribute;                 /* of the provider block, when it is to blame */
};

struct credentials_choice credentials_absent(const char *reason);
__attribute__((format(printf, 2, 3))) struct credentials_choice
credentials_broken(struct arena *a, const char *format, ...);
struct credentials_choice credentials_found(struct credentials_provider *provider);

/* One per place where credentials may be configured. */
struct credentials_choice credentials_static_choose(struct arena *a,
                                                    const struct credentials_context *context);
/* keys: also when the provider block names a profile, for one whose credential_source they are. */
struct credentials_choice credentials_environment_keys(struct arena *a,
                                                       const struct credentials_context *context);
struct credentials_choice credentials_environment_choose(struct arena *a,
                                                         const struct credentials_context *context);
struct credentials_choice
credentials_web_identity_choose(struct arena *a, const struct credentials_context *context);
struct credentials_choice credentials_profile_choose(struct arena *a,
                                                     const struct credentials_context *context);
struct credentials_choice credentials_container_choose(struct arena *a,
                                                       const struct credentials_context *context);
struct credentials_choice credentials_imds_choose(struct arena *a,
                                                  const struct credentials_context *context);

/* Ways that a profile may name. */
struct credentials_choice credentials_sso_choose(struct arena *a,
                                                 const struct credentials_context *context,
                                                 const struct profile *profile);
struct credentials_choice credentials_process_choose(struct arena *a,
                                                     const struct credentials_context *context,
                                                     const struct profile *profile);
struct credentials_choice credentials_login_choose(struct arena *a,
                                                   const struct credentials_context *context,
                                                   const struct profile *profile);

/* Keys that never change. */
struct credentials_provider *credentials_static_new(struct arena *a,
                                                    const struct credentials_context *context,
                                                    const struct credentials *credentials);

/* A role asked for with the credentials of base; role outlives the provider. attribute may be
 * NULL. */
struct credentials_provider *credentials_role_new(struct arena *a,
                                                  const struct credentials_context *context,
                                                  const struct aws_role *role,
                                                  struct credentials_provider *base,
                                                  const char *attribute);

/* A role asked for with a token that is read anew each time. */
struct credentials_provider *credentials_web_identity_new(struct arena *a,
                                                          const struct credentials_context *context,
                                                          const struct aws_web_identity *role,
                                                          const char *attribute);

extern const struct credentials_kind credentials_static, credentials_role, credentials_web_identity,
    credentials_sso, credentials_process, credentials_container, credentials_imds;

/* For retrieve: fills *ret_error and returns false. The code says what a program may do about it:
 * one of the codes below, or AWS's own. */
__attribute__((format(printf, 4, 5))) bool credentials_fail(struct arena *a,
                                                            const struct aws_error **ret_error,
                                                            const char *code, const char *format,
                                                            ...);
#define CREDENTIALS_NONE     "NoCredentials"       /* nothing is configured there after all */
#define CREDENTIALS_UNUSABLE "UnusableCredentials" /* may be better next time */
#define CREDENTIALS_SIGN_IN  "SignInRequired"      /* only the user can do something */

/* Keys as JSON has them, under the names that this source uses; names[4] is the account's and may
 * be NULL, as may that of the expiry. Fails when keys are missing or the expiry is no time. */
struct credentials_names {
    const char *access_key_id, *secret_access_key, *session_token, *expiration, *account_id;
};
bool credentials_from_json(struct arena *a, const struct value *v,
                           const struct credentials_names *names,
                           struct credentials *ret_credentials, const struct aws_error **ret_error);

#endif
