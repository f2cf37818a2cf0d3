/* Adopt: after a create whose answer was lost. AWS then says that the object exists already, and
 * nobody but we can tell that it is ours: made since we began, and just as we asked for it. */
#ifndef RESOURCES_ADOPT_H
#define RESOURCES_ADOPT_H

#include "resources/common.h"

/* The create failed because there is such an object, and an earlier attempt of it may have made it.
 */
bool adopt_is_possible(const struct aws_error *error, const char *already_exists);

/* found, which has a createdAt, was made since start_ms (os->now_ms) and has everything that was
 * sent. Tags are not compared, since found does not have them. */
bool adopt_is_ours(const struct value *sent, const struct value *found, int64_t start_ms);

/* Fails because it is not. what: "Cannot create the ECR repository"; path: the attribute that names
 * it. Returns false. */
bool adopt_refuse(struct op *op, const char *what, const char *path, const struct value *found);

#endif
