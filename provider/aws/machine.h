/* Machine: requests to the services that a machine or a container offers to those inside: no proxy,
 * no signature, no certificates, short times. */
#ifndef AWS_MACHINE_H
#define AWS_MACHINE_H

#include "aws/credentials_source.h"

struct machine_request {
    const char *name; /* for the log */
    const char *method, *url;
    const struct http_header *headers; /* ends with {0} */
    int64_t timeout_ms;                /* of one attempt */
    int attempts;
    bool must_be_there; /* unreachable is worth another attempt */
};

/* Broken answers, 429 and 5xx are tried again. Logged without address and contents. */
struct http_response machine_send(const struct credentials_context *context, struct arena *a,
                                  const struct machine_request *request);

/* *ret_error of a response that is no success; place says whose. */
bool machine_fail(struct arena *a, const struct http_response *response, const char *place,
                  const struct aws_error **ret_error);

/* The first line of the body, without white space round it, "" when it is none of visible ASCII
 * characters only: fit to be a header or a part of a URL. */
const char *machine_line(struct arena *a, const struct http_response *response);

#endif
