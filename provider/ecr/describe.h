/* Describe: reads of objects that ECR can describe many of at once. Whoever reads one waits for the
 * call that is already on its way, and, where many read, for others to come; then one call asks for
 * all who wait. */
#ifndef ECR_DESCRIBE_H
#define ECR_DESCRIBE_H

#include "ecr/ecr.h"

enum describe_kind { DESCRIBE_REPOSITORY, DESCRIBE_CACHE_RULE, DESCRIBE_KINDS };

/* The queues of one client, one a kind. They live in the arena. */
struct describe *describe_new(struct arena *a);

/* What ECR answers when asked for this one name (of a cache rule: its prefix), as by ecr_call; a
 * deadline or a request to stop ends the wait for others. Safe to use from many threads. */
struct aws_result describe_one(const struct ecr *ecr, struct arena *a, enum describe_kind kind,
                               const char *name, int64_t deadline_ms);

/* The same in two steps, for one who has another call to make while others come: begin, and then
 * either end or abandon, on the same thread. The reading lives in the arena, name must live as
 * long. */
struct describe_reading *describe_begin(const struct ecr *ecr, struct arena *a,
                                        enum describe_kind kind, const char *name);
struct aws_result describe_end(struct describe_reading *reading, int64_t deadline_ms);
void describe_abandon(struct describe_reading *reading);

/* The object of that name in ECR's answer; null when it is not there. */
const struct value *describe_find(enum describe_kind kind, const struct value *answer,
                                  const char *name);

#endif
