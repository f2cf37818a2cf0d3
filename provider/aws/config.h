/* Config: what the user configured in all the places where AWS users configure, gathered once so
 * that region, endpoint, credentials and retries look in the same places in the same order. */
#ifndef AWS_CONFIG_H
#define AWS_CONFIG_H

#include "aws/aws.h"
#include "aws/profile.h"

struct config {
    const struct os *os;
    const struct aws_settings *settings;
    struct profile_set profiles;
    const char *profile_name;
    const struct profile *profile; /* NULL when profile_name is only the default and not there */
    const char *region;            /* filled by region_find */
    bool use_fips, use_dual_stack;
    bool legacy_sts; /* STS's global host for the regions that once had no other */
};

/* Reads the shared files and finds the profile: settings, AWS_PROFILE, AWS_DEFAULT_PROFILE or
 * "default"; then the switches for FIPS and dual-stack. False with *ret_problem filled when a file
 * is broken, a named profile or services section missing, or a switch neither true nor false. */
bool config_load(struct arena *a, const struct os *os, const struct aws_settings *settings,
                 struct config *ret_config, struct aws_problem *ret_problem);

/* Attempts of one operation: settings, AWS_MAX_ATTEMPTS, the profile's max_attempts, or 25, which
 * is what Terraform users know from hashicorp/aws. */
bool config_max_attempts(struct arena *a, const struct config *config, int *ret_attempts,
                         struct aws_problem *ret_problem);

/* Whether retries adapt: settings, AWS_RETRY_MODE or the profile's retry_mode say "adaptive". */
bool config_is_adaptive(struct arena *a, const struct config *config, bool *ret_adaptive,
                        struct aws_problem *ret_problem);

/* The configured endpoint URLs of environment and files are not to be used. */
bool config_ignores_endpoint_urls(const struct config *config);

/* A nested value of the section that the profile's "services" names: config_service_text(a, c,
 * "sso_oidc", "endpoint_url"). NULL when it is not there. */
const char *config_service_text(struct arena *a, const struct config *config, const char *service,
                                const char *key);

/* The file of root certificates: settings, AWS_CA_BUNDLE or the profile's ca_bundle; NULL when none
 * is named. False with *ret_problem when it cannot be read, or is a pipe or a device. */
bool config_ca_bundle(struct arena *a, const struct config *config, const char **ret_path,
                      struct aws_problem *ret_problem);

#endif
