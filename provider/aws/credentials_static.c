/* Keys written in the provider block. */
#include "aws/config.h"
#include "aws/credentials.h"

static bool is_set(const char *text)
{
    return text && *text;
}

static struct credentials_result load(struct arena *a, const struct config *config)
{
    const struct aws_settings *s = config->settings;
    if (!is_set(s->access_key) && !is_set(s->secret_key) && !is_set(s->token))
        return (struct credentials_result){.reason = "access_key and secret_key are not set"};
    if (!is_set(s->access_key))
        return (struct credentials_result){.outcome = CREDENTIALS_BROKEN,
                                           .reason = "access_key is not set",
                                           .attribute = "access_key"};
    if (!is_set(s->secret_key))
        return (struct credentials_result){.outcome = CREDENTIALS_BROKEN,
                                           .reason = "access_key is set but secret_key is not",
                                           .attribute = "secret_key"};
    return (struct credentials_result){
        .outcome = CREDENTIALS_FOUND,
        .credentials = {.access_key_id = arena_text(a, s->access_key),
                        .secret_access_key = arena_text(a, s->secret_key),
                        .session_token = is_set(s->token) ? arena_text(a, s->token) : NULL},
    };
}

const struct credentials_source credentials_static = {"provider block", load};
