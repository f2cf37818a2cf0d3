# By the name of the repository
terraform import ecr_lifecycle_policy.app staging/app
