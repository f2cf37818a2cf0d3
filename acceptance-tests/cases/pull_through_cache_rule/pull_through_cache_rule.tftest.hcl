# A rule that is made and replaced. Terraform destroys it at the end.

run "made" {
  assert {
    condition     = ecr_pull_through_cache_rule.this.id == "case-quay"
    error_message = "The id is the prefix."
  }
  assert {
    condition     = length(ecr_pull_through_cache_rule.this.registry_id) == 12
    error_message = "The registry's id is the account's number."
  }
  assert {
    condition     = ecr_pull_through_cache_rule.this.credential_arn == null
    error_message = "What was left out is null."
  }
}

run "replaced" {
  variables {
    upstream = "public.ecr.aws"
  }

  assert {
    condition     = ecr_pull_through_cache_rule.this.upstream_registry_url == "public.ecr.aws"
    error_message = "The rule has the new upstream."
  }
}
