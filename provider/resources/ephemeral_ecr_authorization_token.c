/* Ephemeral resource ecr_authorization_token: one call. */
#include "aws/timestamp.h"
#include "ecr/authorization.h"
#include "resources/common.h"
#include "resources/registry.h"
#include "resources/seconds.h"
#include "schema/schema.h"

static const char what[] = "Cannot get an ECR authorization token";

static const struct value *input(const struct op *op)
{
    const struct value *registry = value_member(op->config, "registry_id");
    return value_is_null(registry) ? &value_empty_map
                                   : MAP(op->arena, {"registryIds", LIST(op->arena, registry)});
}

/* Nothing of the answer is ever quoted. */
static bool token_read(struct op *op)
{
    struct arena *a = op->arena;
    struct aws_result r = op_call(op, "GetAuthorizationToken", input(op));
    if (r.error)
        return op_fail_aws(op, NULL, what, r.error);
    const struct value *data = value_get(r.output, "authorizationData[0]");
    const char *token = value_text(data, "authorizationToken"), *user, *password;
    int64_t expires_ms = seconds_parse(value_text(data, "expiresAt"));
    if (!authorization_split(a, token, &user, &password) || expires_ms < 0)
        return op_fail(op, "", what, "AWS's answer has no token, or none that can be read.");
    return op_set_state(
        op, MAP(a, {"registry_id", value_member(op->config, "registry_id")},
                {"region", value_member(op->prior, "region")},
                {"authorization_token", value_string(a, token)},
                {"user_name", value_string(a, user)}, {"password", value_string(a, password)},
                {"expires_at", value_string(a, timestamp_print(a, expires_ms))},
                {"proxy_endpoint", value_string(a, value_text(data, "proxyEndpoint"))}));
}

const struct data_source ephemeral_ecr_authorization_token = {
    .schema = &ephemeral_ecr_authorization_token_schema,
    .read = token_read,
    .validate = region_validate,
};
