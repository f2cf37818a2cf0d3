/* Fake ECR: enough of the service, in memory, for one object of every resource to live through
 * create, read, update and delete. A test may put an answer of its own in front. */
#ifndef RESOURCES_FAKE_ECR_TEST_H
#define RESOURCES_FAKE_ECR_TEST_H

#include "aws/fake_test.h"
#include "ecr/ecr.h"
#include "framework/provider.h"

struct fake_ecr {
    struct http http; /* first */
    struct fake_os os;
    struct arena *arena;
    struct ecr *ecr;

    /* What the service holds; null when there is no such object. */
    const struct value *repository, *tags, *policy, *rule;
    const struct value *image_pages;   /* lists of images; none: pages without end */
    const struct value *authorization; /* the answer to GetAuthorizationToken */

    /* The next call of this operation is answered with this error instead: "400 Code message". More
     * than one, each on a line of its own: so are the calls after it. */
    const char *fails_operation, *failure;
    bool after_the_effect, fails_always; /* not only the next call */
    const char *denied_operation;        /* every call of it is answered with 400 AccessDenied… */
    bool hollow;                         /* every answer is an empty object */
    const char *hollow_operation;        /* its effect takes place, its answer is an empty object */

    /* Every call of this operation is answered so, without an effect. */
    const char *odd_operation, *odd_answer; /* odd_answer: JSON with ' for " */

    bool unreachable;            /* nothing is answered */
    int64_t takes_ms;            /* every call */
    const char *calls;           /* names of all operations so far, each followed by a space */
    const struct value *request; /* body of the last one */
    const char *url;
};

/* A client of its own, with these default tags (JSON with ' for "). */
struct fake_ecr *fake_ecr_new(struct arena *a, const char *default_tags);

struct op fake_op(struct fake_ecr *fake, const struct resource *resource);

/* A value from JSON with ' for ". */
const struct value *fake_json(struct arena *a, const char *json);

/* The same in the resource's shape. */
const struct value *fake_object(struct arena *a, const struct resource *resource, const char *json);

/* The steps as Terraform takes them; each is checked against its rules. */
struct op fake_plan(struct fake_ecr *fake, const struct resource *resource,
                    const struct value *config, const struct value *prior);
struct op fake_apply(struct fake_ecr *fake, const struct resource *resource,
                     const struct value *config, const struct value *prior);
struct op fake_refresh(struct fake_ecr *fake, const struct resource *resource,
                       const struct value *state);
struct op fake_import(struct fake_ecr *fake, const struct resource *resource, const char *id);

#endif
