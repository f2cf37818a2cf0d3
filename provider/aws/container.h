/* Container: where ECS and EKS give credentials to what runs in their containers. */
#ifndef AWS_CONTAINER_H
#define AWS_CONTAINER_H

#include "aws/credentials_source.h"

/* The URL that the environment names. NULL with *ret_reason when it names none, and *ret_broken
 * when it is one that must not be asked. */
const char *container_url(struct arena *a, const struct os *os, const char **ret_reason,
                          bool *ret_broken);

#endif
