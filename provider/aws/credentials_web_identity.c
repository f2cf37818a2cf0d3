/* A role for a token that an identity provider signed: GitHub Actions, EKS service accounts. The
 * token is short-lived and renewed by others, so its file is read for each request. */
#include "aws/credentials_source.h"
#include "aws/sts.h"

#include <string.h>

#define TOKEN_LIMIT 20000

static const char *trimmed(struct arena *a, struct bytes content)
{
    const char *text = content.size ? (const char *)content.data : "";
    text += strspn(text, " \t\r\n");
    size_t size = strlen(text);
    while (size && strchr(" \t\r\n", text[size - 1]))
        size--;
    return arena_text_n(a, text, size);
}

/* NULL with *ret_error when there is none. */
static const char *token_of(const struct credentials_source *source, struct arena *a,
                            const struct aws_error **ret_error)
{
    const struct os *os = source->context->os;
    const struct aws_web_identity *role = source->settings;
    struct bytes content;
    if (role->token)
        return role->token;
    const char *path = os_expand_home(os, a, role->token_file);
    int error = os->read_file(os, a, path, &content);
    const char *token = error ? NULL : trimmed(a, content);
    if (error)
        credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE, "the token file %s cannot be read: %s",
                         path, strerror(error));
    else if (!*token)
        credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE, "the token file %s is empty", path);
    else if (strlen(token) > TOKEN_LIMIT)
        credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE,
                         "the token file %s holds more than the 20,000 characters that AWS takes",
                         path);
    else
        return token;
    return NULL;
}

static bool retrieve(const struct credentials_source *source, struct arena *a,
                     struct credentials *ret_credentials, const struct aws_error **ret_error)
{
    const struct credentials_context *c = source->context;
    const struct aws_web_identity *role = source->settings;
    const char *token = token_of(source, a, ret_error);
    if (!token)
        return false;
    const struct value *input =
        MAP(a, {"RoleArn", value_string(a, role->role_arn)},
            {"RoleSessionName", value_string(a, sts_session_name(a, c->os, role->session_name))},
            {"WebIdentityToken", value_string(a, token)},
            {"DurationSeconds", role->duration_s ? value_int(a, role->duration_s) : &value_null},
            {"Policy", value_string(a, role->policy)},
            {"PolicyArns", sts_policy_arns(a, role->policy_arns)});
    struct aws_result r = sts_call(c->config, c->http, NULL, a, "AssumeRoleWithWebIdentity", input);
    *ret_error = r.error;
    return !r.error && sts_credentials(a, r.output, ret_credentials, ret_error);
}

static const char *explain(const struct credentials_source *source, struct arena *a,
                           const struct aws_error *error)
{
    (void)error;
    const struct aws_web_identity *role = source->settings;
    return arena_printf(a,
                        "AWS did not let the role %s be assumed with the token %s%s. The usual "
                        "causes:\n"
                        "  - the token has expired, or its identity provider is not known to the "
                        "role's account\n"
                        "  - the role's trust policy asks for another subject or audience than the "
                        "token has\n"
                        "  - there is no role of this ARN",
                        role->role_arn, role->token ? "that is configured" : "of the file ",
                        role->token ? "" : role->token_file);
}

const struct credentials_kind credentials_web_identity = {
    .name = "web identity",
    .retrieve = retrieve,
    .summary = "Cannot assume IAM Role with web identity",
    .explain = explain,
};

struct credentials_provider *credentials_web_identity_new(struct arena *a,
                                                          const struct credentials_context *context,
                                                          const struct aws_web_identity *role,
                                                          const char *attribute)
{
    return credentials_provider_new(
        a, &(const struct credentials_source){.kind = &credentials_web_identity,
                                              .context = context,
                                              .settings = role,
                                              .attribute = attribute});
}

static const char *copy(struct arena *a, const char *text)
{
    return text ? arena_text(a, text) : NULL;
}

struct credentials_choice credentials_web_identity_choose(struct arena *a,
                                                          const struct credentials_context *context)
{
    const char *file = os_env(context->os, "AWS_WEB_IDENTITY_TOKEN_FILE");
    const char *role_arn = os_env(context->os, "AWS_ROLE_ARN");
    if (context->config->settings->profile)
        return credentials_absent("not used, because the provider block names a profile");
    if (!file)
        return credentials_absent("AWS_WEB_IDENTITY_TOKEN_FILE is not set");
    if (!role_arn)
        return credentials_broken(a, "AWS_WEB_IDENTITY_TOKEN_FILE is set but AWS_ROLE_ARN is not");

    struct aws_web_identity *role = arena_alloc(a, sizeof *role);
    *role = (struct aws_web_identity){
        .role_arn = arena_text(a, role_arn),
        .token_file = arena_text(a, file),
        .session_name = copy(a, os_env(context->os, "AWS_ROLE_SESSION_NAME")),
    };
    return credentials_found(credentials_web_identity_new(a, context, role, NULL));
}
