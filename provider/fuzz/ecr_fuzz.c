/* ECR's own texts: policies, and what names a key. */
#include "ecr/image_uri.h"
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

static bool same(const char *x, const char *y)
{
    return x && y ? strcmp(x, y) == 0 : x == y;
}

/* The text of an image is that of its parts, and a version that is taken can be put behind it. */
static void claim_image(struct arena *a, const struct image_uri *uri)
{
    struct image_uri again;
    const char *text = arena_printf(a, "%s/%s", uri->registry, uri->repository);
    text = uri->tag ? image_uri_with(a, text, uri->tag) : text;
    text = uri->digest ? image_uri_with(a, text, uri->digest) : text;
    CLAIM(!image_uri_parse(a, text, &again));
    CLAIM(same(again.registry, uri->registry) && same(again.repository, uri->repository));
    CLAIM(same(again.tag, uri->tag) && same(again.digest, uri->digest));
    CLAIM(!uri->region || *image_uri_registry(a, uri->account_id, uri->region));
}

FUZZ(image_uri)
{
    const char *text = fuzz_text(a, input);
    struct image_uri uri;
    const char *fault = image_uri_parse(a, text, &uri), *version = image_uri_check_version(text);
    CLAIM(!fault || *fault);
    CLAIM(!version || *version);
    if (!fault)
        claim_image(a, &uri);
}
