/* Aws: a client for one AWS service that speaks JSON 1.1. Knows regions, endpoints, credentials,
 * signing, errors and retries; knows neither Terraform nor any service's operations. */
#ifndef AWS_AWS_H
#define AWS_AWS_H

#include "base/os.h"
#include "http/http.h"
#include "value/value.h"

/* What never changes about a service. Source: botocore's service models and endpoint rule sets. */
struct aws_service {
    const char *id;            /* "SSO OIDC": in variables _SSO_OIDC, in files sso_oidc */
    const char *signing_name;  /* in the credential scope */
    const char *target_prefix; /* before ".<Operation>" in X-Amz-Target; NULL: not JSON 1.1 */

    /* Hosts: plain, FIPS, dual-stack, both; endpoint.h says what stands in braces. */
    const char *hosts[4];
    const char *gov_fips;              /* FIPS in partition aws-us-gov, where it is different */
    const char *global;                /* of region aws-global, signed for us-east-1 */
    const char *const *legacy_regions; /* regions that once meant the global host; NULL-ended */
};

/* The services that credentials come from. */
extern const struct aws_service aws_sts, aws_sso, aws_sso_oidc, aws_signin;

/* A role to assume with the credentials found before. Texts are NULL, lists may be NULL, where the
 * user says nothing; lists end with NULL. */
struct aws_role {
    const char *role_arn, *external_id, *policy, *session_name, *source_identity;
    int64_t duration_s;             /* 0: STS's own */
    const char *const *policy_arns; /* managed policies that narrow the session */
    const char *const *tags;        /* key, value, … */
    const char *const *transitive_tag_keys;
};

/* A role to assume with a token that somebody else signed. */
struct aws_web_identity {
    const char *role_arn, *session_name, *policy, *token, *token_file;
    int64_t duration_s;
    const char *const *policy_arns;
};

/* What the user's configuration says; NULL, 0 or AWS_UNSET where it says nothing. */
enum aws_switch { AWS_UNSET, AWS_ON, AWS_OFF };

struct aws_settings {
    const char *region, *profile, *access_key, *secret_key, *token;
    const char *const *config_files, *const *credentials_files; /* paths, ended by NULL */
    const struct aws_role *roles;                               /* a chain; no role_arn ends it */
    const struct aws_web_identity *web_identity;
    const char *sts_region;
    const char *metadata_endpoint, *metadata_endpoint_mode; /* of the instance metadata service */
    enum aws_switch skip_metadata;                          /* AWS_ON: never ask that service */

    /* URLs of services, instead of AWS's own: id as in aws_service, URL or NULL, …, NULL. */
    const char *const *endpoints;
    enum aws_switch use_fips, use_dual_stack;
    bool skip_region_validation;
    const char *ca_bundle; /* for aws_ca_bundle; a client does not look at it */

    const char *user_agent; /* product and version that calls are made in the name of */
    const char *const *user_agent_extra; /* appended in this order, ended by NULL */
    int max_attempts;
    const char *retry_mode; /* "standard" or "adaptive" */
    int retry_quota;        /* capacity of the retry token bucket; 0: no limit */
};

/* Why a client could not be made, in the user's terms. */
struct aws_problem {
    const char *attribute; /* of the provider block: "region"; NULL for the block as a whole */
    const char *summary, *detail;
};

/* What AWS, or the way to it, said instead of an answer. */
struct aws_error {
    const char *code;       /* "RepositoryNotFoundException"; never NULL */
    const char *message;    /* AWS's own words; never NULL */
    const char *request_id; /* "" when there was none */
    int status;             /* HTTP status, 0 when there was no answer */
    int attempts;
    bool stopped;   /* by stop_request() */
    bool exhausted; /* the last attempt was worth another, for which nothing was left */
    bool in_doubt;  /* this or an earlier attempt may have reached AWS and taken effect */
};

struct aws_result {
    const struct value *output;    /* never NULL; an empty map beside an error */
    const struct aws_error *error; /* NULL on success */
    bool in_doubt;                 /* as in aws_error: an earlier attempt may have taken effect */
};

/* The file of root certificates that whoever makes the http is to use: settings, AWS_CA_BUNDLE or
 * the profile's; NULL when none is named. False with *ret_problem when it cannot be read. */
bool aws_ca_bundle(struct arena *a, const struct os *os, const struct aws_settings *settings,
                   const char **ret_path, struct aws_problem *ret_problem);

struct aws_client;

/* Settles region, endpoint and credentials (static settings, environment, shared files). The client
 * lives in the arena, which, as the texts of settings, must outlive every call, and may be used by
 * many threads. NULL with *ret_problem filled when something is missing or wrong. */
struct aws_client *aws_client_new(struct arena *a, const struct os *os, struct http *http,
                                  const struct aws_service *service,
                                  const struct aws_settings *settings,
                                  struct aws_problem *ret_problem);

/* The same client for another region: credentials and transport are shared, what answers teach
 * about the clock and the load is not. Lives in the arena, which client must outlive. NULL with
 * *ret_problem when the service has no address there. */
struct aws_client *aws_client_in(struct arena *a, const struct aws_client *client,
                                 const char *region, struct aws_problem *ret_problem);

/* One operation: signed, sent, retried while it makes sense and while deadline (os->monotonic_ms)
 * is not passed; 0 is no deadline. */
struct aws_result aws_call(struct aws_client *client, struct arena *a, const char *operation,
                           const struct value *input, int64_t deadline_ms);

const char *aws_client_region(const struct aws_client *client);

/* What is to be added to this machine's clock to have AWS's, as far as answers have told. */
int64_t aws_client_skew_ms(const struct aws_client *client);

/* Whose credentials the client signs with, as STS tells it: Account, Arn, UserId. */
struct aws_result aws_caller_identity(struct aws_client *client, struct arena *a);

/* error is not NULL and has this code. */
bool aws_error_is(const struct aws_error *error, const char *code);

#endif
