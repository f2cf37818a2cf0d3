/* Ecr: the ECR API on top of aws/. Operations need no wrappers of their own: each is a name and a
 * value in, a value out. */
#ifndef ECR_ECR_H
#define ECR_ECR_H

#include "aws/aws.h"

/* A configured provider. Made once per configuration, shared by all threads, never changed. */
struct ecr {
    struct aws_client *client;
    const struct os *os;
    const struct value *default_tags; /* map of text; empty when there are none */
    /* Keys, and beginnings of keys, of tags that something else takes care of; lists of text. */
    const struct value *ignored_keys, *ignored_prefixes;
};

extern const struct aws_service ecr_service;

struct aws_result ecr_call(const struct ecr *ecr, struct arena *a, const char *operation,
                           const struct value *input, int64_t deadline_ms);

#endif
