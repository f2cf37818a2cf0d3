/* Identity: which object of the real world a resource stands for, as Terraform 1.12 and newer keep
 * it beside the state: the values of a few attributes, listed in the table. It never changes, so
 * one that Terraform has is given back as it is. */
#ifndef FRAMEWORK_IDENTITY_H
#define FRAMEWORK_IDENTITY_H

#include "framework/provider.h"

/* In the private data of an object that was just imported and not read yet. */
#define OP_IMPORTED "imported"

/* Fills op->identity from op->state when there is none yet and all of it is known. An object that
 * is gone has none. */
void identity_follow(struct op *op);

/* What was imported is what was found: op->state has the identifying values of op->prior. True, or
 * false after op_fail. Always true of what was not just imported. */
bool identity_is_met(struct op *op);

/* v in the shape of the table's identity: a map of texts, null where there is none. NULL when it is
 * no such map. */
const struct value *identity_conform(struct arena *a, const struct schema *schema,
                                     const struct value *v);

#endif
