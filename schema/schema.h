/* The tables of what a user of the provider sees: one file each in this folder, data only. */
#ifndef SCHEMA_SCHEMA_H
#define SCHEMA_SCHEMA_H

#include "framework/schema.h"

extern const struct schema provider_schema;
extern const struct schema ecr_repository_schema;
extern const struct schema ecr_lifecycle_policy_schema;
extern const struct schema ecr_pull_through_cache_rule_schema;

#endif
