/* Keys that are written down somewhere, and the place where they are written in the provider
 * block. */
#include "aws/credentials_source.h"

static bool retrieve(const struct credentials_source *source, struct arena *a,
                     struct credentials *ret_credentials, const struct aws_error **ret_error)
{
    (void)a, (void)ret_error;
    *ret_credentials = *(const struct credentials *)source->settings;
    return true;
}

const struct credentials_kind credentials_static = {.name = "static keys", .retrieve = retrieve};

struct credentials_provider *credentials_static_new(struct arena *a,
                                                    const struct credentials_context *context,
                                                    const struct credentials *credentials)
{
    struct credentials *settings = arena_alloc(a, sizeof *settings);
    *settings = *credentials;
    return credentials_provider_new(
        a, &(const struct credentials_source){
               .kind = &credentials_static, .context = context, .settings = settings});
}

static bool is_set(const char *text)
{
    return text && *text;
}

static struct credentials_choice incomplete(const char *attribute, const char *reason)
{
    return (struct credentials_choice){
        .outcome = CREDENTIALS_BROKEN, .reason = reason, .attribute = attribute};
}

struct credentials_choice credentials_static_choose(struct arena *a,
                                                    const struct credentials_context *context)
{
    const struct aws_settings *s = context->config->settings;
    if (!is_set(s->access_key) && !is_set(s->secret_key) && !is_set(s->token))
        return credentials_absent("access_key and secret_key are not set");
    if (!is_set(s->access_key))
        return incomplete("access_key", "access_key is not set");
    if (!is_set(s->secret_key))
        return incomplete("secret_key", "access_key is set but secret_key is not");
    return credentials_found(credentials_static_new(
        a, context,
        &(const struct credentials){.access_key_id = arena_text(a, s->access_key),
                                    .secret_access_key = arena_text(a, s->secret_key),
                                    .session_token =
                                        is_set(s->token) ? arena_text(a, s->token) : NULL,
                                    .source = "provider block"}));
}
