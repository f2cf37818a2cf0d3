/* Ecr: the ECR API on top of aws/. Operations need no wrappers of their own: each is a name and a
 * value in, a value out. */
#ifndef ECR_ECR_H
#define ECR_ECR_H

#include "aws/aws.h"

struct describe;
struct ecr_regions;
struct planned;

/* A configured provider in one region. Shared by all threads, never changed. */
struct ecr {
    struct aws_client *client; /* NULL: problem says why there is none */
    struct aws_problem problem;
    const struct os *os;
    const struct value *default_tags; /* map of text; empty when there are none */
    /* Keys, and beginnings of keys, of tags that something else takes care of; lists of text. */
    const struct value *ignored_keys, *ignored_prefixes;
    struct ecr_regions *regions;
    struct describe *describe;  /* who reads objects through this client */
    struct planned *exclusions; /* tag exclusion filters of repositories, as lists of objects */
};

extern const struct aws_service ecr_service;

/* Copies what it is given, which is all before regions, and makes it the home of its configuration.
 * It lives in the arena. */
struct ecr *ecr_new(struct arena *a, const struct ecr *given);

/* The same configuration in another region; "" is the one of home. Made when it is first asked for;
 * lives as long as home. */
const struct ecr *ecr_in(const struct ecr *home, const char *region);

struct aws_result ecr_call(const struct ecr *ecr, struct arena *a, const char *operation,
                           const struct value *input, int64_t deadline_ms);

#endif
