# By the name of the repository
terraform import ecr_repository.app staging/app
