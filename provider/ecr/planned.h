/* Planned: what this process has planned for repositories and AWS does not know yet, so that the
 * plan of another resource can look at it. */
#ifndef ECR_PLANNED_H
#define ECR_PLANNED_H

#include "value/value.h"

struct planned;

/* Lives in the arena. Safe to use from many threads. */
struct planned *planned_new(struct arena *a);

/* Keeps a copy. */
void planned_put(struct planned *planned, const char *repository, const struct value *v);

/* What was put last, in the arena; null when nothing was. */
const struct value *planned_get(struct planned *planned, struct arena *a, const char *repository);

#endif
