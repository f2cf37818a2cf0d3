/* Ephemeral resource ecr_authorization_token. */
#include "schema/schema.h"

static const struct attr token_attrs[] = {
    ATTR("registry_id", STRING, OPTIONAL, .pattern = "[0-9]{12}",
         .pattern_says = "an AWS account's number, which has 12 digits",
         .doc =
             "Id of the registry that `proxy_endpoint` is to name, when that is not the caller's "
             "own."),
    REGION_ROW,
    ATTR("authorization_token", STRING, COMPUTED | SENSITIVE,
         .doc = "User name and password in base64, as a registry's `Authorization: Basic` header "
                "has them."),
    ATTR("user_name", STRING, COMPUTED, .doc = "User name to log in with: `AWS`."),
    ATTR("password", STRING, COMPUTED | SENSITIVE, .doc = "Password to log in with."),
    ATTR("expires_at", STRING, COMPUTED, .doc = "When the token ends, after 12 hours: RFC 3339."),
    ATTR("proxy_endpoint", STRING, COMPUTED, .doc = "URL of the registry to log in to."),
    END,
};

const struct schema ephemeral_ecr_authorization_token_schema = {
    .name = "ecr_authorization_token",
    .summary = "A token to log in to an Amazon ECR registry with.",
    .doc = "A token to log in to a private registry with. It is asked for when something needs it "
           "and is in no plan and no state. Terraform 1.10 and newer.",
    .attrs = token_attrs,
};
