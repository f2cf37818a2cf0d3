/* ecr_pull_through_cache_rule. Limits and patterns: the ECR API model. */
#include "framework/checks.h"
#include "schema/schema.h"

#define PREFIX_PATTERN \
    "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*/?|ROOT"
#define PREFIX_SAYS                                                                               \
    "ROOT, or lower-case letters and digits joined by single . or /, by _ or __, or by hyphens, " \
    "such as \"docker-hub\""

static const struct attr pull_through_cache_rule_attrs[] = {
    ATTR("ecr_repository_prefix", STRING, REQUIRED | FORCE_NEW, .wire = "ecrRepositoryPrefix",
         .min_length = 2, .max_length = 30, .pattern = PREFIX_PATTERN, .pattern_says = PREFIX_SAYS,
         .doc =
             "First part of the names of the repositories that cache the upstream: with "
             "`docker-hub`, the image `library/alpine` is pulled as "
             "`docker-hub/library/alpine`. `ROOT` is for all names without a rule of their own."),
    ATTR("upstream_registry_url", STRING, REQUIRED | FORCE_NEW, .wire = "upstreamRegistryUrl",
         .min_length = 1,
         .doc =
             "Host name of the upstream registry: `public.ecr.aws`, `registry.k8s.io`, `quay.io`, "
             "`registry-1.docker.io`, `ghcr.io`, `registry.gitlab.com`, `cgr.dev`, "
             "`NAME.azurecr.io` or another ECR registry."),
    ATTR("credential_arn", STRING, OPTIONAL | REPLACE_IF_CLEARED, .wire = "credentialArn",
         .min_length = 50, .max_length = 612,
         .pattern = "arn:aws(-[a-zA-Z0-9_]+)*:secretsmanager:[a-zA-Z0-9:-]+:secret:"
                    "ecr-pullthroughcache/[a-zA-Z0-9/_+=.@-]+",
         .pattern_says = "the ARN of a Secrets Manager secret whose name begins with "
                         "ecr-pullthroughcache/",
         .doc = "ARN of the Secrets Manager secret with the upstream's user name and access token. "
                "Its name must begin with `ecr-pullthroughcache/`. Docker Hub, GitHub, GitLab, "
                "Azure and Chainguard need one."),
    ATTR("custom_role_arn", STRING, OPTIONAL | REPLACE_IF_CLEARED, .wire = "customRoleArn",
         .max_length = 2048, .check = check_arn,
         .doc =
             "ARN of the role that ECR takes on to pull from an ECR registry of another account."),
    ATTR("upstream_repository_prefix", STRING, OPTIONAL | FORCE_NEW,
         .wire = "upstreamRepositoryPrefix", .wire_absent = "ROOT", .min_length = 2,
         .max_length = 30, .pattern = PREFIX_PATTERN, .pattern_says = PREFIX_SAYS,
         .doc = "First part of the upstream's repository names, when only those are to be cached. "
                "Only for ECR upstreams."),
    REGION_ROW,
    ATTR("id", STRING, COMPUTED | STABLE, .wire = "ecrRepositoryPrefix",
         .doc = "The repository prefix."),
    REGISTRY_ID_ROW,
    END,
};

const struct schema ecr_pull_through_cache_rule_schema = {
    .name = "ecr_pull_through_cache_rule",
    .summary = "A rule by which Amazon ECR caches another registry's images.",
    .doc = "A rule by which ECR caches the images of another registry when they are first pulled "
           "through it. Repositories that were made by pulling stay when the rule is destroyed.\n"
           "\n"
           "AWS cannot take a credential or role away from a rule, so removing `credential_arn` or "
           "`custom_role_arn` replaces the rule.",
    .attrs = pull_through_cache_rule_attrs,
    .import_as = "ecr_repository_prefix",
    .import_doc = "the repository prefix, or by that and its region: `PREFIX@REGION`",
    .identity = IDENTITY_BY("ecr_repository_prefix", "The repository prefix."),
};
