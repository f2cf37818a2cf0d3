/* Request: one operation of any service of AWS: signed or not, sent, and repeated while that makes
 * sense. What the bytes mean is the caller's affair: JSON, XML or a plain GET. */
#ifndef AWS_REQUEST_H
#define AWS_REQUEST_H

#include "aws/aws.h"
#include "aws/credentials.h"
#include "aws/endpoint.h"
#include "aws/shared.h"

/* One service as one user of it sees it. Made by request_open, then changed by nobody; may be used
 * by many threads. */
struct request_client {
    const struct os *os;
    struct http *http;
    const struct aws_service *service;
    struct endpoint endpoint;
    const char *signing_region, *user_agent;
    int max_attempts;
    struct shared *shared;
    struct credentials_provider *credentials; /* NULL: calls are not signed */
};

struct request {
    const char *operation;             /* for the log */
    const char *method, *path;         /* path: below the endpoint's own, "/" or more */
    const char *query;                 /* without "?", percent-encoded; NULL when there is none */
    const struct http_header *headers; /* signed and sent, Host not among them; ends with {0} */
    struct bytes body;
    int64_t timeout_ms;         /* of one attempt; 0: the transport's own */
    bool never_use_a_proxy;     /* for addresses on the machine itself */
    bool is_read;               /* changes nothing, so that nothing is in doubt afterwards */
    const char *const *also;    /* codes that are worth another attempt besides the usual ones */
    const char *const *secrets; /* that are sent, besides the credentials; ends with NULL */

    /* The answer as output or error; called for transport failures too. Code
     * "SerializationError" says that a success could not be read. */
    struct aws_result (*decode)(struct arena *a, const struct http_response *response);
};

/* Everything but credentials: endpoint, signing region, user agent; 3 attempts, which is what the
 * SDKs give to calls for credentials, and nothing shared with another client. */
bool request_open(struct arena *a, const struct config *config, struct http *http,
                  const struct aws_service *service, const char *region,
                  struct request_client *ret_client, struct aws_problem *ret_problem);

/* deadline_ms: on os->monotonic_ms; 0 when there is none. */
struct aws_result request_send(const struct request_client *client, struct arena *a,
                               const struct request *request, int64_t deadline_ms);

#endif
