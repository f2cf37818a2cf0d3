/* Query: AWS's older protocol, which STS speaks: a form goes there, XML comes back.
 * Source: Smithy's awsQuery protocol. */
#ifndef AWS_QUERY_H
#define AWS_QUERY_H

#include "aws/aws.h"

#define QUERY_CONTENT_TYPE "application/x-www-form-urlencoded; charset=utf-8"

/* Action=…&Version=… and the members of input: maps by ".", lists by ".member.N", what is null left
 * out. */
const char *query_body(struct arena *a, const char *action, const char *version,
                       const struct value *input);

/* Text as it may stand in a form or in the query of a URL. */
const char *query_escape(struct arena *a, const char *text);

/* Output is the result element of the answer; an error has the code, message and request id of
 * AWS's ErrorResponse, or says what else came. Nothing of a success is ever quoted. */
struct aws_result query_decode(struct arena *a, const struct http_response *response);

#endif
