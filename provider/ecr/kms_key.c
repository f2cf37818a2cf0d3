/* arn:PARTITION:kms:REGION:ACCOUNT:key/ID, …:alias/NAME, alias/NAME, or ID. */
#include "ecr/kms_key.h"

#include <string.h>

static bool is_arn(const char *key)
{
    return strncmp(key, "arn:", 4) == 0;
}

/* Without what comes before "alias/" or the id. */
static const char *resource(const char *key)
{
    const char *colon = is_arn(key) ? strrchr(key, ':') : NULL;
    const char *name = colon ? colon + 1 : key;
    return strncmp(name, "key/", 4) == 0 ? name + 4 : name;
}

static bool is_alias(const char *key)
{
    return strncmp(resource(key), "alias/", 6) == 0;
}

bool kms_key_same(struct arena *a, const char *x, const char *y)
{
    (void)a;
    if (is_alias(x) != is_alias(y))
        return true;
    if (is_arn(x) && is_arn(y))
        return strcmp(x, y) == 0;
    return strcmp(resource(x), resource(y)) == 0;
}
