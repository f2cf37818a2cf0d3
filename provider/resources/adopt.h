/* Adopt: a create whose answer was lost is tried again and refused, because the object is there. It
 * is ours when it was made since, with the settings asked for; anything else is somebody else's and
 * must not be taken over. */
#ifndef RESOURCES_ADOPT_H
#define RESOURCES_ADOPT_H

#include "resources/common.h"

/* AWS's time, in milliseconds, at the local time local_ms. */
int64_t adopt_time(const struct op *op, int64_t local_ms);

/* NULL when found, AWS's description of the object, is what an attempt of this operation made that
 * began at local_ms; else why not, as the end of a sentence that begins with the object. */
const char *adopt_refusal(const struct op *op, const struct value *found, int64_t local_ms);

/* Fails with the refusal and what was found. Returns false. */
bool adopt_fail(struct op *op, const char *path, const char *what, const struct aws_error *error,
                const char *why);

#endif
