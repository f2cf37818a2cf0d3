/* Tagging: the attributes tags and tags_all of a resource that AWS can tag. */
#ifndef RESOURCES_TAGGING_H
#define RESOURCES_TAGGING_H

#include "aws/aws.h"
#include "framework/provider.h"

/* Plans tags_all: the provider's default tags overlaid by the resource's own. */
void tagging_plan(struct op *op);

/* Completes op->state with the tags that AWS has for arn. True, or false after op_fail; the state
 * is null when AWS says that the object is gone. */
bool tagging_read(struct op *op, const char *arn);

/* The same in two steps, for one who asks before it is known whether the object is there: what AWS
 * answers, and op->state completed with it. */
struct aws_result tagging_list(const struct op *op, const char *arn);
bool tagging_take(struct op *op, struct aws_result answer);

/* Some partitions do not know tags, or not at the creation of an object, and say so with errors of
 * many names: true when this is one. */
bool tagging_is_unsupported(const struct op *op, const struct aws_error *error);

/* Tags a new object with what is planned, where it could not be created with tags. True, also where
 * tags are not supported at all and the configuration has none but the provider's; else false after
 * op_fail. */
bool tagging_create(struct op *op, const char *arn);

/* Makes AWS's tags for arn the planned ones. True, or false after op_fail. */
bool tagging_update(struct op *op, const char *arn);

#endif
