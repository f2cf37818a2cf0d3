/* Keys in environment variables. The second name of each is an old one that AWS's Go SDK, and so
 * every Terraform user's CI, still knows. Half a pair is passed over as that SDK does, since
 * another source may be complete; the final error tells of it. */
#include "aws/config.h"
#include "aws/credentials.h"

static const char *either(const struct os *os, const char *name, const char *old_name)
{
    const char *text = os_env(os, name);
    return text ? text : os_env(os, old_name);
}

static struct credentials_result absent(const char *reason)
{
    return (struct credentials_result){.reason = reason};
}

static struct credentials_result load(struct arena *a, const struct config *config)
{
    const char *access_key = either(config->os, "AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY");
    const char *secret_key = either(config->os, "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY");

    if (config->settings->profile)
        return absent("not used, because the provider block names a profile");
    if (!access_key && !secret_key)
        return absent("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set");
    if (!access_key)
        return absent("AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not");
    if (!secret_key)
        return absent("AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not");

    const char *token = os_env(config->os, "AWS_SESSION_TOKEN");
    return (struct credentials_result){
        .outcome = CREDENTIALS_FOUND,
        .credentials = {.access_key_id = arena_text(a, access_key),
                        .secret_access_key = arena_text(a, secret_key),
                        .session_token = token ? arena_text(a, token) : NULL},
    };
}

const struct credentials_source credentials_environment = {"environment", load};
