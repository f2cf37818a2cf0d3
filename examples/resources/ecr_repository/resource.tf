# Tags stay on their image, except that "staging" may move from one to the next.
resource "ecr_repository" "app" {
  name                 = "staging/app"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "staging"
    filter_type = "WILDCARD"
  }

  image_scanning_configuration {
    scan_on_push = true
  }

  tags = {
    Team = "platform"
  }
}

# Images encrypted with a key of your own. Encryption is fixed at creation: a change replaces the repository.
resource "ecr_repository" "payments" {
  name                 = "staging/payments"
  image_tag_mutability = "IMMUTABLE"

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = "arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555"
  }
}

# Made for a test and thrown away with the images in it.
resource "ecr_repository" "scratch" {
  name         = "scratch/ci"
  force_delete = true

  timeouts {
    delete = "5m"
  }
}

output "repository_url" {
  value = ecr_repository.app.repository_url
}
