resource "ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

# ACCOUNT.dkr.ecr.REGION.amazonaws.com/quay/prometheus/prometheus:v3.0.0
output "image" {
  value = provider::ecr::cached_image_uri("quay.io/prometheus/prometheus:v3.0.0", ecr_pull_through_cache_rule.quay)
}
