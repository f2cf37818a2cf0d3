/* Endpoint: which region, and where a service is in it. A table of AWS's partitions in place of a
 * rules engine. Source: botocore's partitions.json and endpoint-rule-set-1.json. */
#ifndef AWS_ENDPOINT_H
#define AWS_ENDPOINT_H

#include "aws/config.h"

struct endpoint {
    const char *url;  /* without a slash at its end, unless it is all the path there is */
    const char *host; /* as in the Host header: with the port when it is not the scheme's own */
    const char *path; /* "/" or more; no query is accepted */
};

/* The region of settings, AWS_REGION, AWS_DEFAULT_REGION or the profile. False with *ret_problem
 * when there is none or it does not look like a region of any partition. */
bool endpoint_region(struct arena *a, const struct config *config, const char **ret_region,
                     struct aws_problem *ret_problem);

/* Where the service is: settings, AWS_ENDPOINT_URL_<ID>, AWS_ENDPOINT_URL, or AWS's own address in
 * the region. False with *ret_problem when what is written there is no usable URL. */
bool endpoint_find(struct arena *a, const struct config *config, const struct aws_service *service,
                   const char *region, struct endpoint *ret_endpoint,
                   struct aws_problem *ret_problem);

#endif
