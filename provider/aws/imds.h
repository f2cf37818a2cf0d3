/* Imds: the instance metadata service of EC2, and what the program wants of it. */
#ifndef AWS_IMDS_H
#define AWS_IMDS_H

#include "aws/credentials_source.h"

/* Its address without a slash at the end: provider block, environment, profile, or that of the
 * configured mode (IPv4, IPv6). NULL with *ret_reason when what is written there is of no use. */
const char *imds_endpoint(struct arena *a, const struct credentials_context *context,
                          const char **ret_reason);

/* A few questions in a row. Start with the context only. */
struct imds {
    const struct credentials_context *context;
    const char *token; /* NULL: to be asked for; "": the service is asked without */
};

/* What stands at path below the endpoint, after asking for a token if need be. A response that is
 * no success is returned as it is. */
struct http_response imds_get(struct imds *imds, struct arena *a, const char *path);

/* The region that the machine is in; NULL when it cannot be found out. */
const char *imds_region(const struct credentials_context *context, struct arena *a);

#endif
