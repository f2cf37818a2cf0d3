variable "keep" {
  type    = number
  default = 10
}

resource "ecr_repository" "this" {
  name = "case/lifecycle-policy"
}

resource "ecr_lifecycle_policy" "this" {
  repository = ecr_repository.this.name

  policy = jsonencode({
    rules = [{
      rulePriority = 1
      selection = {
        tagStatus   = "any"
        countType   = "imageCountMoreThan"
        countNumber = var.keep
      }
      action = { type = "expire" }
    }]
  })
}

output "id" {
  value = ecr_lifecycle_policy.this.id
}
