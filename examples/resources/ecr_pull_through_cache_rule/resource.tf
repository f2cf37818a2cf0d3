# public.ecr.aws/docker/library/alpine is pulled as REGISTRY/ecr-public/docker/library/alpine.
resource "ecr_pull_through_cache_rule" "ecr_public" {
  ecr_repository_prefix = "ecr-public"
  upstream_registry_url = "public.ecr.aws"
}

# Docker Hub wants a login, also for public images. The name of the secret begins with ecr-pullthroughcache/,
# and its value is {"username": "...", "accessToken": "..."}.
resource "ecr_pull_through_cache_rule" "docker_hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:ecr-pullthroughcache/docker-hub-AbCdEf"
}

# The "base" repositories of another account's registry, through a role that may read there.
resource "ecr_pull_through_cache_rule" "shared" {
  ecr_repository_prefix      = "shared"
  upstream_registry_url      = "444455556666.dkr.ecr.eu-central-1.amazonaws.com"
  upstream_repository_prefix = "base"
  custom_role_arn            = "arn:aws:iam::111122223333:role/ecr-pull-from-shared"
}
