# By the repository prefix
terraform import ecr_pull_through_cache_rule.ecr_public ecr-public
