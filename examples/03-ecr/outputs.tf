output "repository_url" {
  description = "Where to push and pull: the name of the image without its tag."
  value       = ecr_repository.this.repository_url
}

output "repository_arn" {
  description = "ARN of the repository, for IAM policies."
  value       = ecr_repository.this.arn
}

output "registry_id" {
  description = "AWS account that owns the registry."
  value       = ecr_repository.this.registry_id
}

output "pull_through_cache_urls" {
  description = "What to write in place of the upstream registry, by prefix: quay.io/org/app:1 is <quay>/org/app:1."
  value = {
    for prefix in keys(ecr_pull_through_cache_rule.this) :
    prefix => prefix == "ROOT" ? local.registry : "${local.registry}/${trimsuffix(prefix, "/")}"
  }
}
