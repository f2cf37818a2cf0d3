variable "name" {
  type    = string
  default = "case/repository"
}

variable "image_tag_mutability" {
  type    = string
  default = null
}

variable "exclusions" {
  type    = list(string)
  default = []
}

variable "scan_on_push" {
  type    = bool
  default = false
}

variable "tags" {
  type    = map(string)
  default = null
}

resource "ecr_repository" "this" {
  name                 = var.name
  image_tag_mutability = var.image_tag_mutability
  tags                 = var.tags

  dynamic "image_tag_mutability_exclusion_filter" {
    for_each = var.exclusions

    content {
      filter      = image_tag_mutability_exclusion_filter.value
      filter_type = "WILDCARD"
    }
  }

  image_scanning_configuration {
    scan_on_push = var.scan_on_push
  }
}
