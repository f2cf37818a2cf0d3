/* From the provider block to a client: arguments as settings, and what the rest of the
 * configuration says about proxies, certificates, tags and accounts. */
#include "resources/configure.h"

#include "ecr/ecr.h"
#include "ecr/tags.h"
#include "framework/checks.h"
#include "http/curl.h"

#include <string.h>

/* The text at path; NULL when it is not set, or blank. */
static const char *setting(const struct value *config, const char *path)
{
    const char *text = value_text(config, path);
    return *text ? text : NULL;
}

static enum aws_switch switch_of(const struct value *v)
{
    if (v->kind == VALUE_BOOL)
        return v->boolean ? AWS_ON : AWS_OFF;
    if (v->kind != VALUE_STRING || !*v->text)
        return AWS_UNSET;
    return strcmp(v->text, "true") == 0 ? AWS_ON : AWS_OFF;
}

/* The texts of a list, ended by NULL; NULL when there are none. */
static const char *const *texts(struct arena *a, const struct value *list)
{
    size_t count = 0;
    const char **items = arena_array(a, value_count(list) + 1, sizeof *items);
    for (size_t i = 0; i < value_count(list); i++)
        if (value_item(list, i)->kind == VALUE_STRING)
            items[count++] = value_item(list, i)->text;
    return count ? items : NULL;
}

/* key, value, … of a map, ended by NULL. */
static const char *const *pairs(struct arena *a, const struct value *map)
{
    size_t count = 0;
    const char **items = arena_array(a, 2 * value_count(map) + 1, sizeof *items);
    for (size_t i = 0; i < value_count(map); i++) {
        if (map->map.members[i].value->kind != VALUE_STRING)
            continue;
        items[count++] = map->map.members[i].key;
        items[count++] = map->map.members[i].value->text;
    }
    return count ? items : NULL;
}

static int64_t seconds(const struct value *block)
{
    int64_t ms;
    return duration_parse(value_text(block, "duration"), &ms) ? ms / 1000 : 0;
}

/* The chain of roles; blocks without a role_arn assume nothing. */
static const struct aws_role *roles(struct arena *a, const struct value *blocks)
{
    size_t count = 0;
    struct aws_role *chain = arena_array(a, value_count(blocks) + 1, sizeof *chain);
    for (size_t i = 0; i < value_count(blocks); i++) {
        const struct value *block = value_item(blocks, i);
        if (!setting(block, "role_arn"))
            continue;
        chain[count++] = (struct aws_role){
            .role_arn = setting(block, "role_arn"),
            .external_id = setting(block, "external_id"),
            .policy = setting(block, "policy"),
            .session_name = setting(block, "session_name"),
            .source_identity = setting(block, "source_identity"),
            .duration_s = seconds(block),
            .policy_arns = texts(a, value_member(block, "policy_arns")),
            .tags = pairs(a, value_member(block, "tags")),
            .transitive_tag_keys = texts(a, value_member(block, "transitive_tag_keys")),
        };
    }
    return count ? chain : NULL;
}

static const char *setting_or_env(const struct os *os, const struct value *block, const char *name,
                                  const char *variable)
{
    const char *text = setting(block, name);
    return text ? text : os_env(os, variable);
}

static const struct aws_web_identity *web_identity(struct arena *a, const struct os *os,
                                                   const struct value *block)
{
    if (value_is_null(block))
        return NULL;
    struct aws_web_identity *identity = arena_alloc(a, sizeof *identity);
    *identity = (struct aws_web_identity){
        .role_arn = setting_or_env(os, block, "role_arn", "AWS_ROLE_ARN"),
        .session_name = setting_or_env(os, block, "session_name", "AWS_ROLE_SESSION_NAME"),
        .policy = setting(block, "policy"),
        .token = setting_or_env(os, block, "web_identity_token", "TF_AWS_WEB_IDENTITY_TOKEN"),
        .duration_s = seconds(block),
        .policy_arns = texts(a, value_member(block, "policy_arns")),
    };
    if (!identity->token)
        identity->token_file =
            setting_or_env(os, block, "web_identity_token_file", "AWS_WEB_IDENTITY_TOKEN_FILE");
    return identity;
}

/* Several endpoints blocks count as one. */
static const char *const *endpoints(struct arena *a, const struct value *blocks)
{
    static const char *const names[][2] = {{"ECR", "ecr"}, {"STS", "sts"}, {"SSO", "sso"}};
    size_t count = 0;
    const char **urls = arena_array(a, 2 * 3 * value_count(blocks) + 1, sizeof *urls);
    for (size_t i = 0; i < value_count(blocks); i++)
        for (size_t j = 0; j < sizeof names / sizeof *names; j++)
            if (setting(value_item(blocks, i), names[j][1])) {
                urls[count++] = names[j][0];
                urls[count++] = setting(value_item(blocks, i), names[j][1]);
            }
    return urls;
}

static struct aws_settings settings_of(struct arena *a, const struct os *os,
                                       const struct value *config)
{
    return (struct aws_settings){
        .region = setting(config, "region"),
        .profile = setting(config, "profile"),
        .access_key = setting(config, "access_key"),
        .secret_key = setting(config, "secret_key"),
        .token = setting(config, "token"),
        .config_files = texts(a, value_member(config, "shared_config_files")),
        .credentials_files = texts(a, value_member(config, "shared_credentials_files")),
        .roles = roles(a, value_member(config, "assume_role")),
        .web_identity = web_identity(a, os, value_get(config, "assume_role_with_web_identity[0]")),
        .sts_region = setting(config, "sts_region"),
        .metadata_endpoint = setting(config, "ec2_metadata_service_endpoint"),
        .metadata_endpoint_mode = setting(config, "ec2_metadata_service_endpoint_mode"),
        .skip_metadata = switch_of(value_member(config, "skip_metadata_api_check")),
        .endpoints = endpoints(a, value_member(config, "endpoints")),
        .use_fips = switch_of(value_member(config, "use_fips_endpoint")),
        .use_dual_stack = switch_of(value_member(config, "use_dualstack_endpoint")),
        .skip_region_validation = value_is_true(config, "skip_region_validation"),
        .ca_bundle = setting(config, "custom_ca_bundle"),
        .user_agent = "terraform-provider-ecr/" PROVIDER_VERSION,
        .user_agent_extra = texts(a, value_member(config, "user_agent")),
        .max_attempts = (int)value_integer(config, "max_retries", 0),
        .retry_mode = setting(config, "retry_mode"),
        .retry_quota = (int)value_integer(config, "token_bucket_rate_limiter_capacity", 0),
    };
}

static bool fail_problem(struct op *op, const struct aws_problem *problem)
{
    return op_fail(op, problem->attribute ? problem->attribute : "", problem->summary, "%s",
                   problem->detail);
}

static bool find_proxies(struct op *op, struct arena *a, const struct value *config,
                         struct proxies *ret_proxies)
{
    struct proxy_settings proxy = {.http = setting(config, "http_proxy"),
                                   .https = setting(config, "https_proxy"),
                                   .no_proxy = setting(config, "no_proxy")};
    const char *attribute = NULL;
    const char *wrong = proxy_find(a, op->os, &proxy, ret_proxies, &attribute);
    if (wrong)
        return op_fail(op, attribute ? attribute : "", "Invalid proxy", "%s", wrong);
    if (ret_proxies->https_is_http)
        op_warn(
            op, "http_proxy", "Missing HTTPS Proxy",
            "http_proxy is set and https_proxy is not, so http_proxy is used for https as well. "
            "Set https_proxy to say what is meant.");
    return true;
}

/* The transport by the configuration's proxies and certificates. NULL after op_fail. */
static struct http *transport(struct op *op, struct arena *a, const struct value *config,
                              const struct aws_settings *settings)
{
    struct curl_settings curl = {.insecure = value_is_true(config, "insecure")};
    struct aws_problem problem = {0};

    if (!find_proxies(op, a, config, &curl.proxies))
        return NULL;
    if (!aws_ca_bundle(a, op->os, settings, &curl.ca_bundle, &problem)) {
        fail_problem(op, &problem);
        return NULL;
    }
    if (curl.insecure)
        op_warn(
            op, "insecure", "Certificates are not verified",
            "insecure is true: whoever is on the way to AWS can read and change everything, "
            "credentials of sessions included. Use custom_ca_bundle for certificates of your own.");
    return curl_http_new(a, op->os, &curl);
}

static bool has_text(const struct value *list, const char *text)
{
    for (size_t i = 0; i < value_count(list); i++)
        if (value_item(list, i)->kind == VALUE_STRING &&
            strcmp(value_item(list, i)->text, text) == 0)
            return true;
    return false;
}

/* The user does not want the account to be asked for. */
static bool skips_account(const struct value *config)
{
    return value_is_true(config, "skip_credentials_validation") &&
           value_is_true(config, "skip_requesting_account_id");
}

/* The account must be an allowed one. STS is asked only when there is something to check. */
static bool check_account(struct op *op, struct arena *a, const struct value *config,
                          struct aws_client *client)
{
    const struct value *allowed = value_member(config, "allowed_account_ids");
    const struct value *forbidden = value_member(config, "forbidden_account_ids");
    if (skips_account(config) || (!value_count(allowed) && !value_count(forbidden)))
        return true;

    struct aws_result r = aws_caller_identity(client, a);
    const char *attribute = value_count(allowed) ? "allowed_account_ids" : "forbidden_account_ids";
    if (r.error)
        return op_fail(
            op, attribute, "Cannot find out the AWS account",
            "STS GetCallerIdentity answered %s: %s (request id %s). Without the account, %s "
            "cannot be checked.",
            r.error->code, r.error->message, r.error->request_id, attribute);
    const char *account = value_text(r.output, "Account");
    if (!*account)
        return op_fail(op, attribute, "Cannot find out the AWS account",
                       "The answer to STS GetCallerIdentity has no account. Without it, %s cannot "
                       "be checked.",
                       attribute);
    if (has_text(forbidden, account) || (value_count(allowed) && !has_text(allowed, account)))
        return op_fail(
            op, attribute, "AWS account ID not allowed",
            "AWS account ID not allowed: %s. The credentials belong to this account, and %s "
            "does not let it be worked on.",
            account, attribute);
    return true;
}

/* The argument's items and those of a variable, separated by commas. */
static const struct value *with_env(struct arena *a, const struct os *os, const struct value *list,
                                    const char *variable)
{
    const char *text = os_env(os, variable);
    size_t count = 0;
    const struct value **items =
        arena_array(a, value_count(list) + (text ? strlen(text) : 0) + 1, sizeof *items);
    for (size_t i = 0; i < value_count(list); i++)
        if (value_item(list, i)->kind == VALUE_STRING)
            items[count++] = value_item(list, i);
    while (text && *text) {
        const char *item = text + strspn(text, ", ");
        size_t size = strcspn(item, ",");
        text = item + size;
        while (size && item[size - 1] == ' ')
            size--;
        if (size)
            items[count++] = value_text_n(a, item, size);
    }
    return value_list(a, items, count);
}

/* The block's tags, and those of variables TF_AWS_DEFAULT_TAGS_<key>; the block's win. */
static const struct value *default_tags(struct arena *a, const struct os *os,
                                        const struct value *config)
{
    static const char prefix[] = "TF_AWS_DEFAULT_TAGS_";
    const struct value *tags = &value_empty_map;
    for (const char *const *v = os->variables(os, a); *v; v++) {
        const char *key = strncmp(*v, prefix, sizeof prefix - 1) ? "" : *v + sizeof prefix - 1;
        size_t size = strcspn(key, "=");
        if (size)
            tags = value_with(a, tags, arena_text_n(a, key, size),
                              value_string(a, arena_text(a, key + size + 1)));
    }
    return tags_merge(a, tags, value_get(config, "default_tags[0].tags"));
}

/* As hashicorp/aws does: the profile wins over keys that are in the environment too. */
static void check_profile(struct op *op)
{
    if (setting(op->config, "profile") && !setting(op->config, "access_key") &&
        os_env(op->os, "AWS_ACCESS_KEY_ID") && os_env(op->os, "AWS_SECRET_ACCESS_KEY"))
        op_warn(op, "profile", "Configuration conflict detected",
                "The argument profile is set, and so are AWS_ACCESS_KEY_ID and "
                "AWS_SECRET_ACCESS_KEY in the environment. The profile \"%s\" is used. Unset the "
                "variables, or remove the argument.",
                setting(op->config, "profile"));
}

void *configure_provider(struct op *op, struct arena *lifetime)
{
    /* What is kept outlives the call. */
    const struct value *config = value_copy(lifetime, op->config);
    struct aws_settings settings = settings_of(lifetime, op->os, config);
    struct aws_problem problem = {0};
    check_profile(op);
    struct http *http = transport(op, lifetime, config, &settings);
    if (!http)
        return NULL;
    struct aws_client *client =
        aws_client_new(lifetime, op->os, http, &ecr_service, &settings, &problem);
    if (!client)
        fail_problem(op, &problem);
    if (!client || !check_account(op, lifetime, config, client))
        return NULL;

    const struct value *ignored = value_get(config, "ignore_tags[0]");
    const struct ecr ecr = {
        .client = client,
        .os = op->os,
        .default_tags = default_tags(lifetime, op->os, config),
        .ignored_keys =
            with_env(lifetime, op->os, value_member(ignored, "keys"), "TF_AWS_IGNORE_TAGS_KEYS"),
        .ignored_prefixes = with_env(lifetime, op->os, value_member(ignored, "key_prefixes"),
                                     "TF_AWS_IGNORE_TAGS_KEY_PREFIXES"),
    };
    return ecr_new(lifetime, &ecr);
}

const struct value *configure_inherited(struct op *op, const char *name)
{
    const struct ecr *ecr = op->meta;
    if (strcmp(name, "region") == 0)
        return value_string(op->arena, aws_client_region(ecr->client));
    if (strcmp(name, "registry_id") == 0)
        return value_member(aws_caller_identity(ecr->client, op->arena).output, "Account");
    return &value_null;
}

static void check_pair(struct op *op, const char *name, const char *other)
{
    if (setting(op->config, name) && value_is_null(value_member(op->config, other)))
        op_fail(
            op, other, "Incomplete credentials",
            "%s is set without %s. Set both, or none and keep the keys in the environment or in a "
            "profile.",
            name, other);
}

static void check_web_identity(struct op *op)
{
    static const char path[] = "assume_role_with_web_identity[0]";
    const struct value *block = value_get(op->config, path);
    if (setting(block, "web_identity_token") && setting(block, "web_identity_token_file"))
        op_fail(op, "assume_role_with_web_identity[0].web_identity_token_file",
                "Conflicting configuration arguments",
                "There can be web_identity_token or web_identity_token_file, not both.");
}

static void check_roles(struct op *op)
{
    const struct value *blocks = value_member(op->config, "assume_role");
    for (size_t i = 0; i < value_count(blocks); i++)
        if (value_is_null(value_member(value_item(blocks, i), "role_arn")))
            op_warn(
                op, arena_printf(op->arena, "assume_role[%zu]", i), "Role without an ARN",
                "This assume_role block has no role_arn, so it assumes nothing. Set role_arn or "
                "remove the block.");
}

/* Unknown numbers are not judged. */
static void check_whole(struct op *op, const char *name, int64_t most)
{
    const struct value *v = value_member(op->config, name);
    int64_t number = value_integer(op->config, name, -1);
    if (v->kind == VALUE_NUMBER && (number < 0 || number > most))
        op_fail(op, name, "Invalid number", "%s must be a whole number from 0 to %lld. It is %s.",
                name, (long long)most, v->text);
}

static void check_accounts(struct op *op)
{
    static const char *const lists[] = {"allowed_account_ids", "forbidden_account_ids"};
    for (size_t i = 0; i < 2 && skips_account(op->config); i++)
        if (value_count(value_member(op->config, lists[i])))
            op_warn(op, lists[i], "Account IDs are not checked",
                    "skip_credentials_validation and skip_requesting_account_id are both true, so "
                    "nobody is asked for the account, and %s has no effect. Remove one of the "
                    "three.",
                    lists[i]);
}

void configure_validate(struct op *op)
{
    check_whole(op, "max_retries", 1000);
    check_whole(op, "token_bucket_rate_limiter_capacity", 1000000000);
    check_accounts(op);
    check_pair(op, "access_key", "secret_key");
    check_pair(op, "secret_key", "access_key");
    check_web_identity(op);
    check_roles(op);
    if (value_count(value_member(op->config, "allowed_account_ids")) &&
        value_count(value_member(op->config, "forbidden_account_ids")))
        op_fail(op, "forbidden_account_ids", "Conflicting configuration arguments",
                "There can be allowed_account_ids or forbidden_account_ids, not both.");
}
