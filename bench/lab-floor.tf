# The lab's five objects as terraform_data, which Terraform keeps by itself: what a plan of the lab costs without a provider.
locals {
  moving_tag = "staging"
  registry   = split("/", terraform_data.repository.output.url)[0]
}

resource "terraform_data" "repository" {
  input = {
    name                 = var.repo_name
    image_tag_mutability = var.image_tag_mutability
    force_delete         = var.force_delete
    scan_on_push         = var.scan_on_push
    encryption           = var.encryption
    tags                 = merge({ Environment = "staging", ManagedBy = "terraform" }, var.tags)
    url                  = "123456789012.dkr.ecr.${var.region}.amazonaws.com/${var.repo_name}"
  }
}

resource "terraform_data" "lifecycle_policy" {
  input = {
    repository = terraform_data.repository.output.name

    policy = jsonencode({
      rules = [
        {
          rulePriority = 1
          description  = "Keep the image tagged ${local.moving_tag}, however old it is"
          selection = {
            tagStatus      = "tagged"
            tagPatternList = [local.moving_tag]
            countType      = "imageCountMoreThan"
            countNumber    = 1
          }
          action = { type = "expire" }
        },
        {
          rulePriority = 2
          description  = "Keep the last ${var.lifecycle_keep_last} images"
          selection = {
            tagStatus   = "any"
            countType   = "imageCountMoreThan"
            countNumber = var.lifecycle_keep_last
          }
          action = { type = "expire" }
        },
      ]
    })
  }
}

resource "terraform_data" "rule" {
  for_each = var.pull_through_cache_rules
  input    = merge(each.value, { ecr_repository_prefix = each.key })
}

output "repository_url" {
  value = terraform_data.repository.output.url
}

output "repository_arn" {
  value = terraform_data.repository.id
}

output "registry_id" {
  value = local.registry
}

output "pull_through_cache_urls" {
  value = {
    for prefix in keys(terraform_data.rule) :
    prefix => prefix == "ROOT" ? local.registry : "${local.registry}/${trimsuffix(prefix, "/")}"
  }
}
