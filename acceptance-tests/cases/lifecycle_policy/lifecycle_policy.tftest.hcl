# A policy that is made and changed. Terraform destroys it at the end.

run "made" {
  assert {
    condition     = ecr_lifecycle_policy.this.id == "case/lifecycle-policy"
    error_message = "The id is the repository's name."
  }
  assert {
    condition     = ecr_lifecycle_policy.this.registry_id == ecr_repository.this.registry_id
    error_message = "The policy is in the registry of its repository."
  }
}

run "changed" {
  variables {
    keep = 20
  }

  assert {
    condition     = jsondecode(ecr_lifecycle_policy.this.policy).rules[0].selection.countNumber == 20
    error_message = "The new text is in the state."
  }
  assert {
    condition     = ecr_lifecycle_policy.this.id == run.made.id
    error_message = "It is the same policy."
  }
}
