/* Calls of STS have the SDKs' three attempts, not the provider's max_attempts. A token that STS
 * cannot verify yet may be known to it a moment later. */
#include "aws/sts.h"

#include "aws/credentials_source.h"
#include "aws/query.h"
#include "aws/request.h"

#include <ctype.h>
#include <string.h>

#define VERSION "2011-06-15"

static const char *const also_again[] = {"IDPCommunicationError", "InvalidIdentityToken", NULL};

static struct aws_result failed(const struct aws_error *error)
{
    return (struct aws_result){&value_empty_map, error, false};
}

static struct aws_result unusable(struct arena *a, const struct aws_problem *problem)
{
    const struct aws_error *error;
    credentials_fail(a, &error, CREDENTIALS_UNUSABLE, "%s", problem->detail);
    return failed(error);
}

/* A user without a configured region is in the region of the machine that lends the credentials. */
static const char *region_of(const struct config *config, struct credentials_provider *signer,
                             struct arena *a)
{
    if (config->settings->sts_region)
        return config->settings->sts_region;
    return config->region || !signer ? config->region : credentials_region(signer, a);
}

struct aws_result sts_call(const struct config *config, struct http *http,
                           struct credentials_provider *signer, struct arena *a, const char *action,
                           const struct value *input)
{
    static const struct http_header headers[] = {{"Content-Type", QUERY_CONTENT_TYPE}, {0}};
    const char *body = query_body(a, action, VERSION, input);
    const char *region = region_of(config, signer, a);
    struct request_client client;
    struct aws_problem problem = {.detail = "STS is asked in a region, and none is configured: set "
                                            "region in the provider block, or AWS_REGION"};
    if (!region || !request_open(a, config, http, &aws_sts, region, &client, &problem))
        return unusable(a, &problem);
    client.credentials = signer;
    const char *const secrets[] = {value_text(input, "WebIdentityToken"), NULL};
    return request_send(&client, a,
                        &(const struct request){.operation = action,
                                                .method = "POST",
                                                .path = "/",
                                                .headers = headers,
                                                .body = {(const uint8_t *)body, strlen(body)},
                                                .is_read = true,
                                                .also = also_again,
                                                .secrets = secrets,
                                                .decode = query_decode},
                        0);
}

/* AWS's examples break the token into lines; no token has white space in it. */
static const char *without_space(struct arena *a, const char *text)
{
    char *copy = arena_text(a, text), *end = copy;
    for (const char *p = text; *p; p++)
        if (!isspace((unsigned char)*p))
            *end++ = *p;
    *end = '\0';
    return copy;
}

/* The fifth field of arn:aws:sts::123456789012:assumed-role/…; NULL when it has none. */
static const char *account_of(struct arena *a, const char *arn)
{
    for (int field = 0; field < 4 && arn; field++)
        arn = (arn = strchr(arn, ':')) ? arn + 1 : NULL;
    size_t size = arn ? strcspn(arn, ":") : 0;
    return size ? arena_text_n(a, arn, size) : NULL;
}

bool sts_credentials(struct arena *a, const struct value *output,
                     struct credentials *ret_credentials, const struct aws_error **ret_error)
{
    static const struct credentials_names names = {"AccessKeyId", "SecretAccessKey", "SessionToken",
                                                   "Expiration", NULL};
    if (!credentials_from_json(a, value_member(output, "Credentials"), &names, ret_credentials,
                               ret_error))
        return false;
    if (!ret_credentials->session_token)
        return credentials_fail(a, ret_error, CREDENTIALS_UNUSABLE,
                                "the answer of STS has no SessionToken");
    ret_credentials->session_token = without_space(a, ret_credentials->session_token);
    ret_credentials->account_id = account_of(a, value_text(output, "AssumedRoleUser.Arn"));
    return true;
}

const struct value *sts_policy_arns(struct arena *a, const char *const *arns)
{
    size_t count = 0;
    while (arns && arns[count])
        count++;
    const struct value **items = arena_array(a, count + 1, sizeof *items);
    for (size_t i = 0; i < count; i++)
        items[i] = MAP(a, {"arn", value_string(a, arns[i])});
    return count ? value_list(a, items, count) : &value_null;
}

const char *sts_session_name(struct arena *a, const struct os *os, const char *name)
{
    return name ? name : arena_printf(a, "terraform-%lld", (long long)os->now_ms(os));
}
