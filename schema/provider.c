/* The provider block. */
#include "framework/checks.h"
#include "schema/schema.h"

static const struct attr endpoint_attrs[] = {
    ATTR("ecr", STRING, OPTIONAL, .check = check_url,
         .doc = "URL to send ECR calls to. Also `AWS_ENDPOINT_URL_ECR`, `AWS_ENDPOINT_URL`."),
    ATTR("sts", STRING, OPTIONAL, .check = check_url, .doc = "URL to send STS calls to."),
    END,
};

static const struct attr default_tags_attrs[] = {
    ATTR("tags", STRING_MAP, OPTIONAL,
         .doc = "Tags that every resource gets unless its own `tags` say otherwise."),
    END,
};

static const struct attr provider_attrs[] = {
    ATTR("region", STRING, OPTIONAL,
         .doc =
             "AWS Region, for example `eu-central-1`. Also `AWS_REGION`, `AWS_DEFAULT_REGION`, or "
             "`region` of the profile in the shared configuration file."),
    ATTR("profile", STRING, OPTIONAL, .min_length = 1,
         .doc = "Profile in the shared configuration and credentials files. Also `AWS_PROFILE`. "
                "Named here, it is used even when the environment holds keys."),
    ATTR("access_key", STRING, OPTIONAL, .min_length = 1,
         .doc = "Access key id. Better left out: keys belong in the environment or in a profile."),
    ATTR("secret_key", STRING, OPTIONAL | SENSITIVE, .min_length = 1,
         .doc = "Secret access key that belongs to `access_key`."),
    ATTR("token", STRING, OPTIONAL | SENSITIVE, .min_length = 1,
         .doc = "Session token, when `access_key` is a temporary one."),
    ATTR("endpoints", BLOCKS, OPTIONAL, .attrs = endpoint_attrs, .max_items = 1,
         .doc = "URLs to use instead of AWS's own, for a private endpoint or a local test server."),
    ATTR("default_tags", BLOCKS, OPTIONAL, .attrs = default_tags_attrs, .max_items = 1,
         .doc = "Tags for all resources of this provider configuration."),
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
        "Every resource also answers to the name it has in the AWS provider, `aws_ecr_…`, so that "
        "configuration written for that one keeps working.\n"
        "\n"
        "## Credentials\n"
        "\n"
        "Credentials are looked for in this order; the first place that has them is used:\n"
        "\n"
        "1. `access_key` and `secret_key` in the provider block\n"
        "2. `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` (and `AWS_SESSION_TOKEN`) in the "
        "environment, unless the provider block names a `profile`\n"
        "3. the profile's keys in `~/.aws/credentials` and `~/.aws/config` "
        "(`AWS_SHARED_CREDENTIALS_FILE`, `AWS_CONFIG_FILE`)\n"
        "\n"
        "Secrets are never written to the state or to a log.",
    .attrs = provider_attrs,
};
