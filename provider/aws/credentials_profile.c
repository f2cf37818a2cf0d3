/* Keys in a profile of the shared files. A profile that asks for more than its own keys (a role, a
 * sign-in, a program) is refused rather than half obeyed: its bare keys are somebody else. */
#include "aws/config.h"
#include "aws/credentials.h"

static const char *const other_ways[] = {
    "role_arn",
    "sso_session",
    "sso_start_url",
    "web_identity_token_file",
    "credential_process",
    "login_session",
    NULL,
};

static struct credentials_result absent(struct arena *a, const struct config *config)
{
    const char *reason =
        config->profile
            ? arena_printf(a, "profile \"%s\" has no aws_access_key_id and aws_secret_access_key",
                           config->profile_name)
            : arena_printf(a, "there is no profile \"%s\"", config->profile_name);
    for (size_t i = 0; i < PROFILE_FILES; i++)
        if (config->profiles.files[i].missing)
            reason = arena_printf(a, "%s; the file %s does not exist", reason,
                                  config->profiles.files[i].path);
    return (struct credentials_result){.reason = reason};
}

static struct credentials_result partial(struct arena *a, const struct config *config,
                                         const char *present, const char *missing)
{
    return (struct credentials_result){
        .outcome = CREDENTIALS_BROKEN,
        .reason = arena_printf(a, "profile \"%s\" has %s but no %s", config->profile_name, present,
                               missing),
    };
}

static struct credentials_result unsupported(struct arena *a, const struct config *config,
                                             const char *way)
{
    return (struct credentials_result){
        .outcome = CREDENTIALS_BROKEN,
        .reason = arena_printf(a,
                               "profile \"%s\" gets its credentials by %s, which this version of "
                               "the provider does not support; only aws_access_key_id and "
                               "aws_secret_access_key are",
                               config->profile_name, way),
    };
}

/* NULL when the profile's own keys are all it has. A role counts even beside keys. */
static const char *other_way(const struct profile *profile, bool has_keys)
{
    for (const char *const *way = other_ways; *way && (!has_keys || way == other_ways); way++)
        if (profile_text(profile, *way))
            return *way;
    return NULL;
}

static struct credentials_result load(struct arena *a, const struct config *config)
{
    const char *access_key = profile_text(config->profile, "aws_access_key_id");
    const char *secret_key = profile_text(config->profile, "aws_secret_access_key");
    const char *way = other_way(config->profile, access_key || secret_key);

    if (way)
        return unsupported(a, config, way);
    if (!access_key && !secret_key)
        return absent(a, config);
    if (!access_key)
        return partial(a, config, "aws_secret_access_key", "aws_access_key_id");
    if (!secret_key)
        return partial(a, config, "aws_access_key_id", "aws_secret_access_key");
    return (struct credentials_result){
        .outcome = CREDENTIALS_FOUND,
        .credentials = {.access_key_id = access_key,
                        .secret_access_key = secret_key,
                        .session_token = profile_text(config->profile, "aws_session_token")},
    };
}

const struct credentials_source credentials_profile = {"shared files", load};
