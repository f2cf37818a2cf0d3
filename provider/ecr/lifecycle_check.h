/* Lifecycle check: what ECR would refuse about a lifecycle policy, before it is asked, and what it
 * would accept although it cannot be meant. Source: ECR's documented rules for lifecycle policies.
 */
#ifndef ECR_LIFECYCLE_CHECK_H
#define ECR_LIFECYCLE_CHECK_H

#include "base/arena.h"

#include <stdbool.h>

struct lifecycle_finding {
    struct lifecycle_finding *next;
    bool is_error;    /* ECR refuses it; otherwise a warning */
    const char *path; /* in the document: rules[0].selection.tagStatus */
    const char *text; /* whole sentences */
};

/* The findings in the order of the document, NULL when there are none. Text that is no JSON has
 * none: check_json tells about that. */
const struct lifecycle_finding *lifecycle_policy_check(struct arena *a, const char *policy);

#endif
