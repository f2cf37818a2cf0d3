/* Aws: a client for one AWS service that speaks JSON 1.1. Knows regions, endpoints, credentials,
 * signing, errors and retries; knows neither Terraform nor any service's operations. */
#ifndef AWS_AWS_H
#define AWS_AWS_H

#include "base/os.h"
#include "http/http.h"
#include "value/value.h"

/* What never changes about a service. Source: botocore's service model. */
struct aws_service {
    const char *id;            /* in endpoint variables: AWS_ENDPOINT_URL_<ID> */
    const char *signing_name;  /* in the credential scope */
    const char *host_prefix;   /* before ".<region>.<dns suffix>" */
    const char *target_prefix; /* before ".<Operation>" in X-Amz-Target */
};

/* What the user's configuration says; NULL or 0 where it says nothing. */
struct aws_settings {
    const char *region, *profile, *access_key, *secret_key, *token;
    const char *endpoint; /* URL of the service, instead of AWS's own */
    const char *user_agent;
    int max_attempts;
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
    bool stopped;  /* by stop_request() */
    bool in_doubt; /* this or an earlier attempt may have reached AWS and taken effect */
};

struct aws_result {
    const struct value *output;    /* never NULL; an empty map beside an error */
    const struct aws_error *error; /* NULL on success */
    bool in_doubt;                 /* as in aws_error: an earlier attempt may have taken effect */
};

struct aws_client;

/* Settles region, endpoint and credentials (static settings, environment, shared files). The client
 * lives in the arena, which must outlive every call, keeps nothing of settings, and may be used by
 * many threads. NULL with *ret_problem filled when something is missing or wrong. */
struct aws_client *aws_client_new(struct arena *a, const struct os *os, struct http *http,
                                  const struct aws_service *service,
                                  const struct aws_settings *settings,
                                  struct aws_problem *ret_problem);

/* One operation: signed, sent, retried while it makes sense and while deadline (os->monotonic_ms)
 * is not passed; 0 is no deadline. */
struct aws_result aws_call(struct aws_client *client, struct arena *a, const char *operation,
                           const struct value *input, int64_t deadline_ms);

const char *aws_client_region(const struct aws_client *client);

/* error is not NULL and has this code. */
bool aws_error_is(const struct aws_error *error, const char *code);

#endif
