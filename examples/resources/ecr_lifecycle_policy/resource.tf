resource "ecr_repository" "app" {
  name = "staging/app"
}

# ECR looks at the rules in the order of their priority. An image that one rule selects is out of reach
# of all later rules, even if that rule keeps it: rule 1 saves the image tagged "staging" from rule 3.
resource "ecr_lifecycle_policy" "app" {
  repository = ecr_repository.app.name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Keep the image tagged staging"
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["staging"]
          countType      = "imageCountMoreThan"
          countNumber    = 1
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "Expire untagged images after 14 days"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 14
        }
        action = { type = "expire" }
      },
      {
        rulePriority = 3
        description  = "Keep the last 30 images"
        selection = {
          tagStatus   = "any"
          countType   = "imageCountMoreThan"
          countNumber = 30
        }
        action = { type = "expire" }
      },
    ]
  })
}
