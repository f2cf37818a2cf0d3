/* The provider block: the AWS provider's arguments under their names, so that a block written for
 * that one works as it stands. */
#include "framework/checks.h"
#include "schema/schema.h"

#define MAY_BE_BLANK    (OPTIONAL | BLANK_IS_NULL)
#define NAME_PATTERN    "[A-Za-z0-9_+=,.@-]*"
#define NAME_SAYS       "letters, digits and +=,.@-_"
#define EXTERNAL_ID     "[A-Za-z0-9_+=,.@:/-]*"
#define EXTERNAL_ID_SAY "letters, digits and +=,.@:/-_"

static const struct attr endpoint_attrs[] = {
    ATTR("ecr", STRING, MAY_BE_BLANK, .check = check_url,
         .doc = "URL to send ECR calls to. Also `AWS_ENDPOINT_URL_ECR`, `AWS_ENDPOINT_URL`."),
    ATTR("sts", STRING, MAY_BE_BLANK, .check = check_url,
         .doc = "URL to send STS calls to. Also `AWS_ENDPOINT_URL_STS`, `AWS_ENDPOINT_URL`."),
    ATTR("sso", STRING, MAY_BE_BLANK, .check = check_url,
         .doc = "URL of the IAM Identity Center portal. Also `AWS_ENDPOINT_URL_SSO`, "
                "`AWS_ENDPOINT_URL`."),
#define SERVICE(service) ATTR(#service, STRING, OPTIONAL),
#include "schema/other_services.def"
#undef SERVICE
    END,
};

#define ROLE_ATTRS                                                                         \
    ATTR("role_arn", STRING, MAY_BE_BLANK, .check = check_arn, .doc = "ARN of the role."), \
        ATTR("duration", STRING, MAY_BE_BLANK, .check = check_role_duration,               \
             .doc = "How long a session lasts, from `15m` to `12h`."),                     \
        ATTR("policy", STRING, MAY_BE_BLANK, .check = check_json,                          \
             .doc = "IAM policy as JSON that narrows what the session may do."),           \
        ATTR("policy_arns", STRING_SET, OPTIONAL, .check = check_arn,                      \
             .doc = "ARNs of managed policies that narrow what the session may do."),      \
        ATTR("session_name", STRING, MAY_BE_BLANK, .min_length = 2, .max_length = 64,      \
             .pattern = NAME_PATTERN, .pattern_says = NAME_SAYS, .doc = "Name of the session.")

static const struct attr assume_role_attrs[] = {
    ROLE_ATTRS,
    ATTR("external_id", STRING, MAY_BE_BLANK, .min_length = 2, .max_length = 1224,
         .pattern = EXTERNAL_ID, .pattern_says = EXTERNAL_ID_SAY,
         .doc = "External id that the role's trust policy asks for."),
    ATTR("source_identity", STRING, MAY_BE_BLANK, .min_length = 2, .max_length = 64,
         .pattern = NAME_PATTERN, .pattern_says = NAME_SAYS,
         .doc = "Who is behind the session, for CloudTrail."),
    ATTR("tags", STRING_MAP, OPTIONAL, .doc = "Session tags."),
    ATTR("transitive_tag_keys", STRING_SET, OPTIONAL,
         .doc = "Keys of session tags that go on to further sessions."),
    END,
};

static const struct attr web_identity_attrs[] = {
    ROLE_ATTRS,
    ATTR("web_identity_token", STRING, MAY_BE_BLANK | SENSITIVE, .min_length = 4,
         .max_length = 20000, .doc = "The token itself. Also `TF_AWS_WEB_IDENTITY_TOKEN`."),
    ATTR("web_identity_token_file", STRING, MAY_BE_BLANK,
         .doc = "File that holds the token. Also `AWS_WEB_IDENTITY_TOKEN_FILE`."),
    END,
};

static const struct attr default_tags_attrs[] = {
    ATTR("tags", STRING_MAP, OPTIONAL,
         .doc = "Tags that every resource gets unless its own `tags` say otherwise."),
    END,
};

static const struct attr ignore_tags_attrs[] = {
    ATTR("keys", STRING_SET, OPTIONAL,
         .doc = "Keys of tags that are neither read nor removed. Also `TF_AWS_IGNORE_TAGS_KEYS`, "
                "separated by commas; both count."),
    ATTR("key_prefixes", STRING_SET, OPTIONAL,
         .doc = "The same for all keys that begin so. Also `TF_AWS_IGNORE_TAGS_KEY_PREFIXES`."),
    END,
};

static const struct attr provider_attrs[] = {
    ATTR("region", STRING, MAY_BE_BLANK,
         .doc =
             "AWS Region, for example `eu-central-1`. Also `AWS_REGION`, `AWS_DEFAULT_REGION`, or "
             "`region` of the profile in the shared configuration file."),
    ATTR("profile", STRING, MAY_BE_BLANK,
         .doc = "Profile in the shared configuration and credentials files. Also `AWS_PROFILE`. "
                "Named here, it is used even when the environment holds keys."),
    ATTR("access_key", STRING, MAY_BE_BLANK,
         .doc = "Access key id. Better left out: keys belong in the environment or in a profile."),
    ATTR("secret_key", STRING, MAY_BE_BLANK | SENSITIVE,
         .doc = "Secret access key that belongs to `access_key`."),
    ATTR("token", STRING, MAY_BE_BLANK | SENSITIVE,
         .doc = "Session token, when `access_key` is a temporary one. Also `AWS_SESSION_TOKEN`."),
    ATTR("shared_config_files", STRING_LIST, OPTIONAL,
         .doc = "Configuration files, later ones win. Also `AWS_CONFIG_FILE`; default "
                "`~/.aws/config`."),
    ATTR("shared_credentials_files", STRING_LIST, OPTIONAL,
         .doc = "Credentials files, later ones win. Also `AWS_SHARED_CREDENTIALS_FILE`; default "
                "`~/.aws/credentials`."),
    ATTR("assume_role", BLOCKS, OPTIONAL, .attrs = assume_role_attrs,
         .doc = "Role to assume before anything else is done. Several are assumed one after the "
                "other, each with the credentials of the one before."),
    ATTR("assume_role_with_web_identity", BLOCKS, OPTIONAL, .attrs = web_identity_attrs,
         .max_items = 1,
         .doc = "Role to assume with a token of another identity provider, such as a CI system."),
    ATTR("sts_region", STRING, MAY_BE_BLANK, .doc = "Region for STS calls instead of `region`."),
    ATTR("allowed_account_ids", STRING_SET, OPTIONAL,
         .doc = "AWS accounts that may be worked on; any other is an error. Excludes "
                "`forbidden_account_ids`. STS is asked for the account only when one of the two "
                "is set."),
    ATTR("forbidden_account_ids", STRING_SET, OPTIONAL,
         .doc = "AWS accounts that must not be worked on. Excludes `allowed_account_ids`."),
    ATTR("default_tags", BLOCKS, OPTIONAL, .attrs = default_tags_attrs, .max_items = 1,
         .doc = "Tags for all resources of this provider configuration. Environment variables "
                "`TF_AWS_DEFAULT_TAGS_<key>` add to them; the block wins."),
    ATTR("ignore_tags", BLOCKS, OPTIONAL, .attrs = ignore_tags_attrs, .max_items = 1,
         .doc = "Tags that something else takes care of, on all resources."),
    ATTR("endpoints", BLOCK_SET, OPTIONAL, .attrs = endpoint_attrs,
         .doc = "URLs to use instead of AWS's own, for a private endpoint or a local test server. "
                "The AWS provider's other keys (`s3`, `iam`, …) are accepted and mean nothing "
                "here."),
    ATTR("use_fips_endpoint", BOOL, OPTIONAL,
         .doc = "Use FIPS endpoints, except where a URL is configured. Also "
                "`AWS_USE_FIPS_ENDPOINT`."),
    ATTR("use_dualstack_endpoint", BOOL, OPTIONAL,
         .doc = "Use endpoints that answer on IPv6 too. Excludes configured URLs. Also "
                "`AWS_USE_DUALSTACK_ENDPOINT`."),
    ATTR("max_retries", NUMBER, OPTIONAL,
         .doc = "How often a call is attempted at most, the first time included. Also "
                "`AWS_MAX_ATTEMPTS`; default `25`."),
    ATTR("retry_mode", STRING, MAY_BE_BLANK, ONE_OF("standard", "adaptive"),
         .doc = "How attempts are spaced; `adaptive` also slows down all calls after AWS "
                "throttled one. Also `AWS_RETRY_MODE`; default `standard`."),
    ATTR("token_bucket_rate_limiter_capacity", NUMBER, OPTIONAL,
         .doc = "Tokens that retries take and successes give back; when there are none, nothing "
                "is retried. Default: no limit."),
    ATTR("custom_ca_bundle", STRING, MAY_BE_BLANK,
         .doc = "PEM file of the root certificates to trust, in place of the system's. Also "
                "`AWS_CA_BUNDLE`, or `ca_bundle` of the profile."),
    ATTR("http_proxy", STRING, MAY_BE_BLANK,
         .doc = "URL of the proxy for http, and for https unless `https_proxy` is set. Also "
                "`HTTP_PROXY`."),
    ATTR("https_proxy", STRING, MAY_BE_BLANK,
         .doc = "URL of the proxy for https. Also `HTTPS_PROXY`."),
    ATTR("no_proxy", STRING, MAY_BE_BLANK,
         .doc = "Hosts, domains and networks, separated by commas, that are reached without a "
                "proxy. Also `NO_PROXY`."),
    ATTR("insecure", BOOL, OPTIONAL,
         .doc = "Accept any certificate. Whoever is on the way can then read and change "
                "everything."),
    ATTR("ec2_metadata_service_endpoint", STRING, MAY_BE_BLANK, .check = check_url,
         .doc = "URL of the instance metadata service. Also `AWS_EC2_METADATA_SERVICE_ENDPOINT`."),
    ATTR("ec2_metadata_service_endpoint_mode", STRING, MAY_BE_BLANK, ONE_OF("IPv4", "IPv6"),
         .doc = "Address of the instance metadata service. Also "
                "`AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE`."),
    ATTR("skip_metadata_api_check", STRING, MAY_BE_BLANK, ONE_OF("true", "false"),
         .doc = "`true`: never ask the instance metadata service; `false`: ask it even when "
                "`AWS_EC2_METADATA_DISABLED` says not to."),
    ATTR("skip_region_validation", BOOL, OPTIONAL,
         .doc = "Accept regions whose names look like none of AWS's."),
    ATTR("skip_credentials_validation", BOOL, OPTIONAL,
         .doc = "Accepted. Credentials are never checked by a call of its own; the first call to "
                "ECR tells whether they are good."),
    ATTR("skip_requesting_account_id", BOOL, OPTIONAL,
         .doc = "Accepted. The account is asked for only when `allowed_account_ids` or "
                "`forbidden_account_ids` needs it; together with `skip_credentials_validation` "
                "it is not asked for at all."),
    ATTR("user_agent", STRING_LIST, OPTIONAL,
         .doc = "Products, such as `my-tool/1.0`, to name in the user agent of calls. Also "
                "`TF_APPEND_USER_AGENT`."),
    ATTR("s3_use_path_style", BOOL, OPTIONAL | IGNORED, .doc = "Has no effect."),
    ATTR("s3_us_east_1_regional_endpoint", STRING, OPTIONAL | IGNORED, .doc = "Has no effect."),
    ATTR("tag_policy_compliance", STRING, OPTIONAL | IGNORED, .doc = "Has no effect."),
    END,
};

const struct schema provider_schema = {
    .name = "ecr",
    .summary = "Manage Amazon ECR with a provider that starts in milliseconds.",
    .doc =
        "Manages Amazon Elastic Container Registry (ECR): repositories, their lifecycle policies "
        "and pull through cache rules. One small program does only this, so plans start at once "
        "and fit on small CI runners.\n"
        "\n"
        "Every resource also answers to the name it has in the AWS provider, `aws_ecr_…`, and the "
        "provider block takes that provider's arguments, so that configuration written for it "
        "keeps working.\n"
        "\n"
        "## Credentials\n"
        "\n"
        "Credentials are looked for in this order; the first place that has them is used:\n"
        "\n"
        "1. `access_key` and `secret_key` in the provider block\n"
        "2. `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` (and `AWS_SESSION_TOKEN`) in the "
        "environment, unless the provider block names a `profile`\n"
        "3. `AWS_WEB_IDENTITY_TOKEN_FILE` and `AWS_ROLE_ARN` in the environment, as in CI systems "
        "and in EKS\n"
        "4. the profile in `~/.aws/config` and `~/.aws/credentials`: keys, `source_profile` and "
        "`role_arn`, `credential_source`, web identity, IAM Identity Center (SSO), "
        "`credential_process`, `aws login`\n"
        "5. the container's credentials (ECS, EKS Pod Identity)\n"
        "6. the instance's role, from EC2's metadata service\n"
        "\n"
        "`assume_role` and `assume_role_with_web_identity` of the provider block come on top. "
        "Credentials that expire are renewed ahead of time.\n"
        "\n"
        "Secrets are never written to the state or to a log.",
    .attrs = provider_attrs,
};
