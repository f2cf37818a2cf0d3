/* Lifecycle policies: when two documents mean the same, and the form in which one is sent. */
#ifndef ECR_LIFECYCLE_POLICY_H
#define ECR_LIFECYCLE_POLICY_H

#include "base/arena.h"

#include <stdbool.h>

/* True when ECR would do the same with either: order of rules, of tag lists and of keys, white
 * space, and members that are null, empty or ECR's default do not matter. Text that is no JSON is
 * only equal to itself. */
bool lifecycle_policy_same(struct arena *a, const char *x, const char *y);

/* The document without white space, null and empty lists, keys sorted; other text as it is. */
const char *lifecycle_policy_compact(struct arena *a, const char *text);

#endif
