/* Tags: AWS's lists of Key and Value, and Terraform's maps. */
#ifndef ECR_TAGS_H
#define ECR_TAGS_H

#include "value/value.h"

/* [{Key, Value}, …] of a map; null values are left out. */
const struct value *tags_to_list(struct arena *a, const struct value *map);

/* The map of such a list, without AWS's own tags (aws:…). */
const struct value *tags_from_list(struct arena *a, const struct value *list);

/* defaults overlaid by tags, without null values. Either may be null. */
const struct value *tags_merge(struct arena *a, const struct value *defaults,
                               const struct value *tags);

/* Without the tags whose keys are in one list or begin with a text of the other. */
const struct value *tags_without_ignored(struct arena *a, const struct value *tags,
                                         const struct value *keys, const struct value *prefixes);

/* The members of x that y does not have with the same value. */
const struct value *tags_minus(struct arena *a, const struct value *x, const struct value *y);

#endif
