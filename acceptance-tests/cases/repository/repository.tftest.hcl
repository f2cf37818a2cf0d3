# A repository from its defaults through every change in place to a replacement. Terraform destroys it at the end.

run "defaults" {
  assert {
    condition     = ecr_repository.this.image_tag_mutability == "MUTABLE"
    error_message = "Left out, image_tag_mutability is MUTABLE."
  }
  assert {
    condition     = ecr_repository.this.encryption_configuration[0].encryption_type == "AES256"
    error_message = "Left out, the encryption is AES256."
  }
  assert {
    condition     = endswith(ecr_repository.this.repository_url, "/case/repository")
    error_message = "The URL ends with the name."
  }
  assert {
    condition     = ecr_repository.this.id == ecr_repository.this.name
    error_message = "The id is the name."
  }
  assert {
    condition     = length(ecr_repository.this.tags_all) == 0
    error_message = "There are no tags."
  }
}

run "changes_in_place" {
  variables {
    image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"
    exclusions           = ["staging", "dev-*"]
    scan_on_push         = true
    tags                 = { owner = "us" }
  }

  assert {
    condition     = ecr_repository.this.arn == run.defaults.arn
    error_message = "It is the same repository."
  }
  assert {
    condition     = [for f in ecr_repository.this.image_tag_mutability_exclusion_filter : f.filter] == ["staging", "dev-*"]
    error_message = "The filters are as they were written."
  }
  assert {
    condition     = ecr_repository.this.tags_all["owner"] == "us"
    error_message = "tags_all has the tag."
  }
}

run "a_plan_says_what_will_be" {
  command = plan

  variables {
    image_tag_mutability = "IMMUTABLE"
    tags                 = { owner = "them" }
  }

  assert {
    condition     = ecr_repository.this.repository_url == run.defaults.url
    error_message = "The URL is known in the plan of an update."
  }
  assert {
    condition     = ecr_repository.this.tags_all["owner"] == "them"
    error_message = "tags_all is known in the plan of an update."
  }
}

run "another_name_is_another_repository" {
  variables {
    name = "case/other"
  }

  assert {
    condition     = ecr_repository.this.arn != run.defaults.arn
    error_message = "It is another repository."
  }
}
