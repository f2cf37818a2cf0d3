/* Http: one request, one answer. The network seam: aws/ knows nothing else of the network, and a
 * test that wants to play AWS implements one function. */
#ifndef HTTP_HTTP_H
#define HTTP_HTTP_H

#include "base/arena.h"
#include "base/bytes.h"

#include <stdbool.h>

struct http_header {
    const char *name, *value;
};

struct http_request {
    const char *method; /* "POST" */
    const char *url;
    const struct http_header *headers; /* ends with {0}; Host and Content-Length are made here */
    struct bytes body;
    int64_t timeout_ms;     /* for the whole exchange; 0: the transport's own limit */
    bool never_use_a_proxy; /* for addresses on the machine itself */
};

enum http_failure {
    HTTP_ANSWERED, /* there is a status */
    HTTP_STOPPED,  /* stop_request() */
    HTTP_NOT_SENT, /* no connection: the server cannot have seen the request */
    HTTP_LOST,     /* sent in part or whole, no complete answer: the server may have acted */
    HTTP_BAD_CERTIFICATE,
    HTTP_UNUSABLE, /* cannot work however often it is tried: bad URL, no such proxy */
};

struct http_response {
    enum http_failure failure;
    const char *reason; /* one line, set unless HTTP_ANSWERED; no secrets */
    bool timed_out;
    bool sent;  /* the server may have seen the request, whatever came of it */
    int status; /* beside HTTP_LOST: of an answer that broke off; 0 when none began */
    const struct http_header *headers; /* ends with {0} */
    struct bytes body;                 /* NUL-terminated behind its end */
};

struct http {
    /* Sends and waits. What it returns lives in the arena. Called by many threads at a time. */
    struct http_response (*send)(struct http *http, struct arena *a,
                                 const struct http_request *request);
};

/* The value of the header of that name (in any case), or NULL. */
const char *http_header(const struct http_response *response, const char *name);

#endif
