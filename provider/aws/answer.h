/* Answer: what an HTTP exchange means in AWS's JSON protocol: an output, or an error with code,
 * message and request id. Source: Smithy's awsJson1_1 protocol. */
#ifndef AWS_ANSWER_H
#define AWS_ANSWER_H

#include "aws/aws.h"

/* Fills output and error; attempts and in_doubt stay for the caller, who knows what went before. */
struct aws_result answer_decode(struct arena *a, const struct http_response *response);

/* AWS's words about an error, fit to be shown. When a signature is wrong they go on with the
 * request as AWS saw it, session token and all; that part is left out. */
const char *answer_message(struct arena *a, const char *text);

/* The id by which AWS's support finds the call; "" when there is none. */
const char *answer_request_id(struct arena *a, const struct http_response *response);

#endif
