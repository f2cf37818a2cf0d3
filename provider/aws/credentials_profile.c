/* Keys in a profile of the shared files. */
#include "aws/config.h"
#include "aws/credentials.h"

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

static struct credentials_result load(struct arena *a, const struct config *config)
{
    const char *access_key = profile_text(config->profile, "aws_access_key_id");
    const char *secret_key = profile_text(config->profile, "aws_secret_access_key");

    if (!access_key && !secret_key)
        return absent(a, config);
    if (!access_key)
        return partial(a, config, "aws_secret_access_key", "aws_access_key_id");
    if (!secret_key)
        return partial(a, config, "aws_access_key_id", "aws_secret_access_key");
    return (struct credentials_result){
        .outcome = CREDENTIALS_FOUND,
        .credentials = {.access_key = access_key,
                        .secret_key = secret_key,
                        .token = profile_text(config->profile, "aws_session_token")},
    };
}

const struct credentials_source credentials_profile = {"shared files", load};
