/* A role, asked for with the credentials of whoever comes before it in the chain. */
#include "aws/credentials_source.h"
#include "aws/sts.h"

static const struct value *text_list(struct arena *a, const char *const *texts)
{
    size_t count = 0;
    while (texts && texts[count])
        count++;
    const struct value **items = arena_array(a, count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = value_string(a, texts[i]);
    return count ? value_list(a, items, count) : &value_null;
}

/* Keys and values alternate. */
static const struct value *tag_list(struct arena *a, const char *const *tags)
{
    size_t count = 0;
    while (tags && tags[2 * count])
        count++;
    const struct value **items = arena_array(a, count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = MAP(a, {"Key", value_string(a, tags[2 * i])},
                       {"Value", value_string(a, tags[2 * i + 1])});
    return count ? value_list(a, items, count) : &value_null;
}

static bool retrieve(const struct credentials_source *source, struct arena *a,
                     struct credentials *ret_credentials, const struct aws_error **ret_error)
{
    const struct credentials_context *c = source->context;
    const struct aws_role *role = source->settings;
    const struct value *input =
        MAP(a, {"RoleArn", value_string(a, role->role_arn)},
            {"RoleSessionName", value_string(a, sts_session_name(a, c->os, role->session_name))},
            {"ExternalId", value_string(a, role->external_id)},
            {"DurationSeconds", role->duration_s ? value_int(a, role->duration_s) : &value_null},
            {"Policy", value_string(a, role->policy)},
            {"PolicyArns", sts_policy_arns(a, role->policy_arns)},
            {"SourceIdentity", value_string(a, role->source_identity)},
            {"Tags", tag_list(a, role->tags)},
            {"TransitiveTagKeys", text_list(a, role->transitive_tag_keys)});
    struct aws_result r = sts_call(c->config, c->http, source->base, a, "AssumeRole", input);
    *ret_error = r.error;
    return !r.error && sts_credentials(a, r.output, ret_credentials, ret_error);
}

static const char *explain(const struct credentials_source *source, struct arena *a,
                           const struct aws_error *error)
{
    (void)error;
    const struct aws_role *role = source->settings;
    struct credentials base = {0};
    const struct aws_error *ignored;
    credentials_get(source->base, a, &base, &ignored);
    return arena_printf(a,
                        "AWS did not let the role %s be assumed (with credentials from: %s). The "
                        "usual causes:\n"
                        "  - those credentials are wrong or have expired\n"
                        "  - they have no permission for sts:AssumeRole on this role, or the "
                        "role's trust policy does not name them\n"
                        "  - there is no role of this ARN",
                        role->role_arn, base.source ? base.source : "nowhere");
}

const struct credentials_kind credentials_role = {
    .name = "assumed role",
    .retrieve = retrieve,
    .summary = "Cannot assume IAM Role",
    .explain = explain,
};

struct credentials_provider *credentials_role_new(struct arena *a,
                                                  const struct credentials_context *context,
                                                  const struct aws_role *role,
                                                  struct credentials_provider *base,
                                                  const char *attribute)
{
    return credentials_provider_new(a, &(const struct credentials_source){.kind = &credentials_role,
                                                                          .context = context,
                                                                          .settings = role,
                                                                          .base = base,
                                                                          .attribute = attribute});
}
