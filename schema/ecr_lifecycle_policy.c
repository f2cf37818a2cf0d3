/* ecr_lifecycle_policy. */
#include "ecr/lifecycle_policy.h"
#include "framework/checks.h"
#include "schema/schema.h"

static const struct attr lifecycle_policy_attrs[] = {
    ATTR("repository", STRING, REQUIRED | FORCE_NEW, .wire = "repositoryName", .min_length = 2,
         .max_length = 256,
         .pattern = "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*",
         .pattern_says = "the name of a repository, such as \"team/web-app\" (not its URL or ARN)",
         .doc = "Name of the repository that the policy is for."),
    ATTR("policy", STRING, REQUIRED, .wire = "lifecyclePolicyText", .check = check_json,
         .same = lifecycle_policy_same,
         .doc = "The policy as JSON, best written with `jsonencode`. Changes are made in place. "
                "White space and the order of keys, rules and tags make no difference."),
    REGION_ROW,
    ATTR("id", STRING, COMPUTED | STABLE, .wire = "repositoryName",
         .doc = "Name of the repository."),
    REGISTRY_ID_ROW,
    END,
};

const struct schema ecr_lifecycle_policy_schema = {
    .name = "ecr_lifecycle_policy",
    .summary = "Rules by which Amazon ECR deletes a repository's images.",
    .doc = "Rules by which ECR deletes old images of a repository. A repository has at most one "
           "lifecycle policy; this resource replaces one that is already there.",
    .attrs = lifecycle_policy_attrs,
    .import_as = "repository",
    .import_doc = "the repository's name, or by that and its region: `REPOSITORY@REGION`",
    .identity = IDENTITY_BY("repository", "Name of the repository."),
};
