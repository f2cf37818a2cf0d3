/* Adopt: a create failed, but an attempt whose answer was lost may have made the object. What AWS
 * has under its name is ours when it was made since, with the settings asked for; anything else is
 * somebody else's and must not be taken over. */
#ifndef RESOURCES_ADOPT_H
#define RESOURCES_ADOPT_H

#include "resources/common.h"

/* How a kind of object is looked for, and what is said when it is not ours. */
struct adoption {
    enum describe_kind kind;
    const char *operation;        /* that describes it */
    const char *exists;           /* AWS's code for a create of what is there */
    const char *const *not_found; /* ends with NULL */
    const char *path, *what;      /* the attribute that names it; "Cannot create …" */
    const struct aws_advice *advice;
};

/* After a create that failed with error, which is in doubt, and began at local_ms: what it made all
 * the same, as AWS describes it. NULL after op_fail, when that is nothing or not ours. */
const struct value *adopt_find(struct op *op, const struct adoption *how, const struct value *input,
                               const struct aws_error *error, int64_t local_ms);

/* Fails with the error and why what was found is not ours. Returns false. */
bool adopt_fail(struct op *op, const struct adoption *how, const struct aws_error *error,
                const char *why);

#endif
