/* ECR's own texts: policies, and what names a key. */
#include "ecr/kms_key.h"
#include "ecr/lifecycle_check.h"
#include "ecr/lifecycle_policy.h"
#include "ecr/lifecycle_reach.h"
#include "fuzz/fuzz.h"
#include "value/json.h"

#include <string.h>

FUZZ(lifecycle_check)
{
    const char *policy = fuzz_text(a, input);
    for (const struct lifecycle_finding *f = lifecycle_policy_check(a, policy); f; f = f->next)
        CLAIM(f->path && *f->text);
    CLAIM(lifecycle_reaches(a, policy, "v*") >= 0 || json_parse(a, policy, strlen(policy), NULL));
}

/* Two documents. */
FUZZ(lifecycle_same)
{
    struct bytes first = fuzz_piece(&input);
    const char *x = fuzz_text(a, first), *y = fuzz_text(a, input);
    const char *compact = lifecycle_policy_compact(a, x);
    CLAIM(lifecycle_policy_same(a, x, x));
    CLAIM(lifecycle_policy_same(a, x, y) == lifecycle_policy_same(a, y, x));
    CLAIM(strcmp(lifecycle_policy_compact(a, compact), compact) == 0);
    CLAIM(lifecycle_policy_same(a, x, compact));
}

FUZZ(kms_key)
{
    struct bytes first = fuzz_piece(&input);
    const char *x = fuzz_text(a, first), *y = fuzz_text(a, input);
    CLAIM(kms_key_same(a, x, x));
    CLAIM(kms_key_same(a, x, y) == kms_key_same(a, y, x));
}
