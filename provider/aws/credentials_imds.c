/* The role of an EC2 instance. The last place to look, where nothing says whether there is
 * anything: so no answer and no role mean that there are no credentials here, not that something is
 * broken. */
#include "aws/imds.h"
#include "aws/machine.h"
#include "aws/query.h"
#include "value/json.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define ROLES "/latest/meta-data/iam/security-credentials/"
#define PLACE "the instance metadata service"

static bool decode(struct arena *a, const struct http_response *response,
                   struct credentials *ret_credentials, const struct aws_error **ret_error)
{
    static const struct credentials_names names = {"AccessKeyId", "SecretAccessKey", "Token",
                                                   "Expiration", "AccountId"};
    const struct value *v =
        json_parse(a, (const char *)response->body.data, response->body.size, NULL);
    if (!v)
        return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE, PLACE " answered no JSON");
    const char *code = value_text(v, "Code");
    if (*code && strcasecmp(code, "Success") != 0)
        return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE, PLACE " answered %s: %s", code,
                                value_text(v, "Message"));
    return credentials_from_json(a, v, &names, ret_credentials, ret_error);
}

static bool is_role_name(const char *text)
{
    for (const char *p = text; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("_+=,.@-", *p))
            return false;
    return *text;
}

static bool no_role(struct arena *a, const struct http_response *response,
                    const struct aws_error **ret_error)
{
    if (response->failure == HTTP_ANSWERED && response->status == 404)
        return credentials_fail(a, ret_error, CREDENTIALS_NONE, "the instance has no IAM role");
    if (response->failure == HTTP_NOT_SENT || response->timed_out)
        return credentials_fail(a, ret_error, CREDENTIALS_NONE,
                                PLACE " cannot be reached (%s), so this is no EC2 instance, or "
                                      "its answers do not come this far",
                                response->reason);
    if (response->status == 401)
        return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE,
                                PLACE " answered with status 401: it wants a token, and gave none "
                                      "that it accepts");
    return machine_fail(a, response, PLACE, ret_error);
}

static bool is_success(const struct http_response *response)
{
    return response->failure == HTTP_ANSWERED && response->status == 200;
}

static bool retrieve(const struct credentials_source *source, struct arena *a,
                     struct credentials *ret_credentials, const struct aws_error **ret_error)
{
    struct imds imds = {.context = source->context};
    struct http_response response = imds_get(&imds, a, ROLES);
    if (!is_success(&response))
        return no_role(a, &response, ret_error);
    if (response.body.size == 0)
        return credentials_fail(a, ret_error, CREDENTIALS_NONE, "the instance has no IAM role");
    const char *role = machine_line(a, &response);
    if (!is_role_name(role))
        return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE,
                                PLACE " was asked for the instance's role, and its answer is no "
                                      "name of a role");
    response = imds_get(&imds, a, arena_printf(a, ROLES "%s", query_escape(a, role)));
    return is_success(&response) ? decode(a, &response, ret_credentials, ret_error)
                                 : no_role(a, &response, ret_error);
}

const struct credentials_kind credentials_imds = {.name = "EC2 instance metadata",
                                                  .retrieve = retrieve};

/* skip_metadata_api_check of the provider block wins either way. */
static const char *disabled_by(const struct credentials_context *c)
{
    enum aws_switch skip = c->config->settings->skip_metadata;
    const char *variable = os_env(c->os, "AWS_EC2_METADATA_DISABLED");
    if (skip == AWS_ON)
        return "disabled by skip_metadata_api_check";
    return skip == AWS_UNSET && variable && strcasecmp(variable, "true") == 0
               ? "disabled by AWS_EC2_METADATA_DISABLED"
               : NULL;
}

struct credentials_choice credentials_imds_choose(struct arena *a,
                                                  const struct credentials_context *context)
{
    const char *reason = disabled_by(context);
    if (reason)
        return credentials_absent(reason);
    if (!imds_endpoint(a, context, &reason))
        return credentials_broken(a, "%s", reason);
    return credentials_found(credentials_provider_new(
        a, &(const struct credentials_source){.kind = &credentials_imds, .context = context}));
}
