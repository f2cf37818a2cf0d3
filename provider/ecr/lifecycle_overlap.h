/* Lifecycle overlap: what two rules of a lifecycle policy do to each other. ECR gives an image to
 * the first rule, by priority, whose tag requirement it meets; no later rule acts on it, even when
 * the first one keeps it. */
#ifndef ECR_LIFECYCLE_OVERLAP_H
#define ECR_LIFECYCLE_OVERLAP_H

#include "value/value.h"

/* The tags that a rule selects by, as patterns with * for any characters; empty when it does not
 * select by tags. An image must have a tag for each. */
const struct value *lifecycle_tag_patterns(struct arena *a, const struct value *rule);

/* Every text that narrow matches is matched by wide. */
bool lifecycle_pattern_covers(const char *wide, const char *narrow);

struct lifecycle_overlap {
    bool is_error;
    const char *text;
};

/* Whether rule i, given rule j, is refused by ECR or can never act. Each pair is told once: of rule
 * i where it comes later. Both rules must be valid by themselves. */
bool lifecycle_overlap(struct arena *a, const struct value *rules, size_t i, size_t j,
                       struct lifecycle_overlap *ret_overlap);

/* Whether rule i is for any image, and every image belongs to rules before it. */
bool lifecycle_any_is_dead(struct arena *a, const struct value *rules, size_t i,
                           struct lifecycle_overlap *ret_overlap);

#endif
