/* Keys in environment variables. The second name of each is an old one that AWS's Go SDK, and so
 * every Terraform user's CI, still knows. Half a pair is passed over as that SDK does, since
 * another source may be complete; the final error tells of it. */
#include "aws/credentials_source.h"
#include "base/log.h"

static const char *either(const struct os *os, const char *name, const char *old_name)
{
    const char *text = os_env(os, name);
    return text ? text : os_env(os, old_name);
}

static const char *copy(struct arena *a, const char *text)
{
    return text ? arena_text(a, text) : NULL;
}

struct credentials_choice credentials_environment_keys(struct arena *a,
                                                       const struct credentials_context *context)
{
    const struct os *os = context->os;
    const char *access_key = either(os, "AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY");
    const char *secret_key = either(os, "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY");

    if (!access_key && !secret_key)
        return credentials_absent("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set");
    if (!access_key)
        return credentials_absent("AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not");
    if (!secret_key)
        return credentials_absent("AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not");
    return credentials_found(credentials_static_new(
        a, context,
        &(const struct credentials){.access_key_id = arena_text(a, access_key),
                                    .secret_access_key = arena_text(a, secret_key),
                                    .session_token = copy(a, os_env(os, "AWS_SESSION_TOKEN")),
                                    .account_id = copy(a, os_env(os, "AWS_ACCOUNT_ID")),
                                    .source = "environment"}));
}

struct credentials_choice credentials_environment_choose(struct arena *a,
                                                         const struct credentials_context *context)
{
    struct credentials_choice keys = credentials_environment_keys(a, context);
    if (!context->config->settings->profile)
        return keys;
    if (keys.outcome == CREDENTIALS_FOUND)
        log_event(LOG_WARN,
                  "the provider block names a profile, so the access key in the environment is not "
                  "used",
                  NULL);
    return credentials_absent("not used, because the provider block names a profile");
}
