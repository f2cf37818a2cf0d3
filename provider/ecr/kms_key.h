/* Kms key: the ways to name one. */
#ifndef ECR_KMS_KEY_H
#define ECR_KMS_KEY_H

#include "base/arena.h"

#include <stdbool.h>

/* True when both may name the same key: by ARN or by id alone. What an alias stands for only KMS
 * knows; AWS answers with the key's ARN, so an alias counts as the same as any key, but not as
 * another alias. */
bool kms_key_same(struct arena *a, const char *x, const char *y);

#endif
