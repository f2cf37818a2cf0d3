/* Lifecycle reach: whether a lifecycle policy may take away images that carry certain tags. */
#ifndef ECR_LIFECYCLE_REACH_H
#define ECR_LIFECYCLE_REACH_H

#include "value/value.h"

/* The rulePriority of the first rule of the policy (JSON text) that may act on an image with a tag
 * that pattern matches; 0 when no rule can, or the text is no policy. A rule that just one image
 * can meet, and that keeps one, acts on none and keeps the image from later rules. */
int64_t lifecycle_reaches(struct arena *a, const char *policy, const char *pattern);

#endif
