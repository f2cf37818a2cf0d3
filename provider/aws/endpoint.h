/* Endpoint: where a service is. A table of hosts in place of a rules engine; in them {region} is
 * the region, {dns}, {dual} and {console} are suffixes of its partition. Source: botocore's
 * partitions.json and endpoint-rule-set-1.json. */
#ifndef AWS_ENDPOINT_H
#define AWS_ENDPOINT_H

#include "aws/config.h"

struct endpoint {
    const char *url;            /* with a path, as it was configured, or "/" */
    const char *host;           /* as in the Host header: without the scheme's own port */
    const char *path;           /* "/" or more; no query is accepted */
    const char *signing_region; /* the region asked for, unless the service is a global one */
};

/* What an endpoint depends on. */
struct endpoint_wish {
    const char *region; /* NULL: none */
    const char *url;    /* configured by the user; NULL: AWS's own */
    bool fips, dual_stack, global;
};

/* NULL with *ret_endpoint filled, or what is wrong in the words of AWS's rule sets. */
const char *endpoint_of(struct arena *a, const struct aws_service *service,
                        const struct endpoint_wish *wish, struct endpoint *ret_endpoint);

/* Where the service is: settings, AWS_ENDPOINT_URL_<ID>, AWS_ENDPOINT_URL, the profile's services
 * section, the profile's endpoint_url, or AWS's own address in the region. A configured URL makes
 * FIPS mean nothing, as in hashicorp/aws. False with *ret_problem when there is none to use. */
bool endpoint_find(struct arena *a, const struct config *config, const struct aws_service *service,
                   const char *region, struct endpoint *ret_endpoint,
                   struct aws_problem *ret_problem);

#endif
