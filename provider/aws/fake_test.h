/* Fake: a machine and a network for the tests of this layer. What the code under test asked of them
 * can be looked at afterwards. */
#ifndef AWS_FAKE_TEST_H
#define AWS_FAKE_TEST_H

#include "aws/aws.h"

struct fake_file {
    const char *path, *text; /* text NULL: reading fails with error */
    int error;
};

struct fake_os {
    struct os os;                  /* first */
    const char *const *variables;  /* name, value, …, NULL; may be NULL */
    const struct fake_file *files; /* ends with {0}; may be NULL */
    const char *special;           /* a path that is neither file nor directory; may be NULL */
    int64_t now_ms;                /* both clocks; sleeping moves it */
    uint64_t random;
    bool stops; /* the next sleep is cut short */
    int sleeps;
    int64_t slept_ms;                   /* the last sleep */
    const char *written_path, *written; /* the file replaced last; NULL */
    struct arena *keep;                 /* that they live in; NULL: that of the call */
    int write_error;
    struct os_exit exit; /* of every program */
    int runs;
    const char *command; /* run last */
};

/* Fills in the functions; the rest is up to the test. */
struct fake_os fake_os(void);

struct fake_answer {
    struct http_response response; /* headers may be NULL */
    const char *body;
    int64_t takes_ms;
};

struct fake_http {
    struct http http; /* first */
    struct fake_os *os;
    const struct fake_answer *answers; /* one per request; the last one is repeated */
    int count;                         /* of answers */
    int requests;
    struct http_request last; /* lives in the arena of the call, or in keep */
    struct arena *keep;       /* may be NULL */
};

struct fake_http fake_http(struct fake_os *os, const struct fake_answer *answers, int count);

/* The header that was sent last; "" when it was not. */
const char *fake_sent(const struct fake_http *http, const char *name);

/* A file of AWS's vectors as JSON. */
const struct value *fake_vectors(struct arena *a, const char *path);

/* The whole text of a file; "" when it cannot be read. */
const char *fake_read(struct arena *a, const char *path);

#endif
