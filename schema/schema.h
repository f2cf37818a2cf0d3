/* The tables of what a user of the provider sees: one file each in this folder, data only. */
#ifndef SCHEMA_SCHEMA_H
#define SCHEMA_SCHEMA_H

#include "framework/schema.h"

extern const struct schema provider_schema;
extern const struct schema ecr_repository_schema;
extern const struct schema ecr_lifecycle_policy_schema;
extern const struct schema ecr_pull_through_cache_rule_schema;
extern const struct schema data_ecr_repository_schema;
extern const struct schema ephemeral_ecr_authorization_token_schema;

/* Rows that every resource has. */
#define REGION_ROW                                                      \
    ATTR("region", STRING, OPTIONAL | COMPUTED | FORCE_NEW | INHERITED, \
         .pattern = "[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}",                  \
         .pattern_says = "an AWS region, such as \"eu-west-1\"",        \
         .doc = "Region that it is in, when that is not the provider's.")
#define REGISTRY_ID_ROW                                                                          \
    ATTR("registry_id", STRING, COMPUTED | STABLE, .wire = "registryId", .pattern = "[0-9]{12}", \
         .pattern_says = "an AWS account's number, which has 12 digits",                         \
         .doc = "Id of the registry, which is the AWS account's number.")

/* The identity of objects that their account, their region and one attribute tell apart. */
#define IDENTITY_BY(attribute, attribute_doc)                                           \
    (const struct identity_attr[])                                                      \
    {                                                                                   \
        {"account_id", "registry_id", false, "AWS account, when it is to be checked."}, \
            {"region", "region", false, "Region, when it is not the provider's."},      \
            {attribute, attribute, true, attribute_doc},                                \
        {                                                                               \
            0                                                                           \
        }                                                                               \
    }

#endif
