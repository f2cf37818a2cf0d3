provider "ecr" {
  region = var.region

  default_tags {
    tags = merge({ Environment = "staging", ManagedBy = "terraform" }, var.tags)
  }
}

locals {
  # The tag that follows the newest deployment. push.sh moves it; the lifecycle policy protects it.
  moving_tag = "staging"

  # What the exclusion filters say in the two forms that have them: the exception to the rule.
  tag_exclusions = {
    IMMUTABLE_WITH_EXCLUSION = [local.moving_tag] # these may move
    MUTABLE_WITH_EXCLUSION   = ["v*"]             # these may not
  }

  # ACCOUNT.dkr.ecr.REGION.amazonaws.com
  registry = split("/", ecr_repository.this.repository_url)[0]
}

resource "ecr_repository" "this" {
  name                 = var.repo_name
  image_tag_mutability = var.image_tag_mutability
  force_delete         = var.force_delete

  dynamic "image_tag_mutability_exclusion_filter" {
    for_each = lookup(local.tag_exclusions, var.image_tag_mutability, [])

    content {
      filter      = image_tag_mutability_exclusion_filter.value
      filter_type = "WILDCARD"
    }
  }

  image_scanning_configuration {
    scan_on_push = var.scan_on_push
  }

  encryption_configuration {
    encryption_type = var.encryption.type
    kms_key         = var.encryption.kms_key
  }
}

# ECR looks at the rules in the order of their priority, and an image that a rule selects is out of
# reach of all later rules, whether or not the first one expires it. So:
#   Rule 1 selects the one image that carries the moving tag (a tag is on one image at a time) and
#   keeps it. It never expires anything; it takes that image away from rule 2.
#   Rule 2 counts all images, tagged or not, and expires those beyond the youngest N.
# There is no rule for untagged images on purpose: it would take them away from rule 2, and the
# promise "the last N digests" would not hold for a tag that moved on.
resource "ecr_lifecycle_policy" "this" {
  repository = ecr_repository.this.name

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

resource "ecr_pull_through_cache_rule" "this" {
  for_each = var.pull_through_cache_rules

  ecr_repository_prefix      = each.key
  upstream_registry_url      = each.value.upstream_registry_url
  credential_arn             = each.value.credential_arn
  custom_role_arn            = each.value.custom_role_arn
  upstream_repository_prefix = each.value.upstream_repository_prefix
}
