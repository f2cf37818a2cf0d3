/* The chain, in the order of AWS's Go SDK, which is the one Terraform users know. Who comes first
 * is decided from the configuration alone; then the one that was chosen is asked, once, so that a
 * mistake shows before anything is planned. */
#include "aws/credentials_source.h"
#include "aws/imds.h"

static const struct place {
    const char *name;
    struct credentials_choice (*choose)(struct arena *a, const struct credentials_context *context);
} places[] = {
    {"provider block", credentials_static_choose},
    {"environment", credentials_environment_choose},
    {"web identity in the environment", credentials_web_identity_choose},
    {"shared files", credentials_profile_choose},
    {"container", credentials_container_choose},
    {"EC2 instance metadata", credentials_imds_choose},
};

#define PLACES  (sizeof places / sizeof *places)
#define SUMMARY "No valid credential sources found"

static const char *noted(struct arena *a, const char *tried, const char *name, const char *reason)
{
    return arena_printf(a, "%s\n  - %s: %s", tried, name, reason);
}

static struct aws_problem nothing_found(struct arena *a, const char *tried)
{
    return (struct aws_problem){
        .summary = SUMMARY,
        .detail = arena_printf(a,
                               "Requests to AWS must be signed, and no credentials were found. "
                               "Tried, in this order:%s\n"
                               "Set a profile, a role or keys in the provider block, in the "
                               "environment or in the shared files.",
                               tried),
    };
}

static struct aws_problem broken(struct arena *a, const char *attribute, const char *tried)
{
    return (struct aws_problem){
        .attribute = attribute,
        .summary = SUMMARY,
        .detail = arena_printf(a,
                               "Credentials are configured but cannot be used. Tried, in this "
                               "order:%s",
                               tried),
    };
}

static struct credentials_provider *choose(struct arena *a,
                                           const struct credentials_context *context,
                                           const char **tried, struct aws_problem *ret_problem)
{
    for (size_t i = 0; i < PLACES; i++) {
        struct credentials_choice c = places[i].choose(a, context);
        if (c.outcome == CREDENTIALS_FOUND)
            return c.provider;
        *tried = noted(a, *tried, places[i].name, c.reason);
        if (c.outcome == CREDENTIALS_BROKEN) {
            *ret_problem = broken(a, c.attribute, *tried);
            return NULL;
        }
    }
    *ret_problem = nothing_found(a, *tried);
    return NULL;
}

static const char *error_text(struct arena *a, const struct aws_error *error)
{
    bool is_ours = error->status == 0;
    const char *id =
        *error->request_id ? arena_printf(a, " (request id %s)", error->request_id) : "";
    return is_ours ? error->message : arena_printf(a, "%s: %s%s", error->code, error->message, id);
}

static struct aws_problem refused(struct arena *a, const struct credentials_source *source,
                                  const char *tried, const struct aws_error *error)
{
    const struct credentials_kind *kind = source->kind;
    const char *text = error_text(a, error);
    if (kind->explain)
        return (struct aws_problem){
            .attribute = source->attribute,
            .summary = kind->summary,
            .detail = arena_printf(a, "%s\n\nError: %s", kind->explain(source, a, error), text)};
    tried = noted(a, tried, kind->name, text);
    return aws_error_is(error, CREDENTIALS_NONE) ? nothing_found(a, tried)
                                                 : broken(a, source->attribute, tried);
}

/* Asks bottom up, so that who fails is known. */
static bool ask(struct arena *a, struct credentials_provider *provider, const char *tried,
                struct aws_problem *ret_problem)
{
    struct credentials credentials;
    const struct aws_error *error;
    if (provider->source.base && !ask(a, provider->source.base, tried, ret_problem))
        return false;
    if (credentials_get(provider, a, &credentials, &error))
        return true;
    *ret_problem = refused(a, &provider->source, tried, error);
    return false;
}

/* The roles of the provider block, each asked for with the credentials of the one before. */
static struct credentials_provider *with_roles(struct arena *a,
                                               const struct credentials_context *context,
                                               struct credentials_provider *base)
{
    const struct aws_role *roles = context->config->settings->roles;
    for (size_t i = 0; roles && roles[i].role_arn; i++)
        base = credentials_role_new(a, context, &roles[i], base,
                                    arena_printf(a, "assume_role[%zu].role_arn", i));
    return base;
}

/* Where the block leaves something out, the environment says it, as for hashicorp/aws. */
static struct credentials_provider *of_web_identity(struct arena *a,
                                                    const struct credentials_context *context,
                                                    struct aws_problem *ret_problem)
{
    const struct os *os = context->os;
    struct aws_web_identity *role = arena_alloc(a, sizeof *role);
    *role = *context->config->settings->web_identity;
    if (!role->role_arn)
        role->role_arn = os_env(os, "AWS_ROLE_ARN");
    if (!role->session_name)
        role->session_name = os_env(os, "AWS_ROLE_SESSION_NAME");
    if (!role->token && !role->token_file)
        role->token_file = os_env(os, "AWS_WEB_IDENTITY_TOKEN_FILE");
    if (role->role_arn && (role->token || role->token_file))
        return credentials_web_identity_new(a, context, role,
                                            "assume_role_with_web_identity[0].role_arn");
    *ret_problem = (struct aws_problem){
        .attribute = "assume_role_with_web_identity",
        .summary = credentials_web_identity.summary,
        .detail = role->role_arn
                      ? "Neither web_identity_token nor web_identity_token_file is set, nor the "
                        "environment variable AWS_WEB_IDENTITY_TOKEN_FILE."
                      : "Neither role_arn nor the environment variable AWS_ROLE_ARN is set."};
    return NULL;
}

struct credentials_provider *credentials_new(struct arena *lifetime, const struct config *config,
                                             struct http *http, const char *user_agent,
                                             struct aws_problem *ret_problem)
{
    struct credentials_context *context = arena_alloc(lifetime, sizeof *context);
    *context = (struct credentials_context){config->os, http, config, user_agent};

    const char *tried = "";
    const struct aws_settings *settings = config->settings;
    bool keys = settings->access_key || settings->secret_key;
    struct credentials_provider *provider = settings->web_identity && !keys
                                                ? of_web_identity(lifetime, context, ret_problem)
                                                : choose(lifetime, context, &tried, ret_problem);
    if (!provider)
        return NULL;
    provider = with_roles(lifetime, context, provider);
    return ask(lifetime, provider, tried, ret_problem) ? provider : NULL;
}

const char *credentials_region(struct credentials_provider *provider, struct arena *a)
{
    while (provider->source.base)
        provider = provider->source.base;
    return provider->source.kind == &credentials_imds ? imds_region(provider->source.context, a)
                                                      : NULL;
}
