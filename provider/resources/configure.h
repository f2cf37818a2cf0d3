/* Configure: what the provider block means. */
#ifndef RESOURCES_CONFIGURE_H
#define RESOURCES_CONFIGURE_H

#include "framework/provider.h"

/* Rules across the block's arguments; values may be unknown. */
void configure_validate(struct op *op);

/* The configured region ("region") or account ("registry_id", which STS is asked for); null when it
 * cannot be found out. */
const struct value *configure_inherited(struct op *op, const char *name);

/* The struct ecr that handlers find in op->meta, in the arena given. NULL after op_fail. */
void *configure_provider(struct op *op, struct arena *lifetime);

#endif
