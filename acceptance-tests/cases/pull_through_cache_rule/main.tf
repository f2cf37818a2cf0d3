variable "prefix" {
  type    = string
  default = "case-quay"
}

variable "upstream" {
  type    = string
  default = "quay.io"
}

resource "ecr_pull_through_cache_rule" "this" {
  ecr_repository_prefix = var.prefix
  upstream_registry_url = var.upstream
}
