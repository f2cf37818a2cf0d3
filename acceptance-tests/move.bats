#!/usr/bin/env bats
# From the AWS provider to this one without touching AWS: states taken over, and resources renamed by moved blocks.

load support/acceptance

# terraform wants the provider of a state to be installed, and reads its schema; whose binary that is makes no difference
# to a move. Here it is this one, under the name of the other two that states of these tests name.
setup_file() {
    start_file --no-registry
    cp "$PROVIDER" "$FILE_DIR/bin/terraform-provider-aws"
    sed -i "/dev_overrides {/a \    \"hashicorp/aws\" = \"$FILE_DIR/bin\"\n    \"acme/aws\" = \"$FILE_DIR/bin\"" \
        "$TF_CLI_CONFIG_FILE"
}

# The three resources under the AWS provider's names, as blocks for the local name aws.
under_the_other_names() {
    cat >versions.tf <<'EOT'
terraform {
  required_providers {
    aws = { source = "aws-labs/ecr" }
  }
}
EOT
    configure <<'EOT'
resource "aws_ecr_repository" "web" {
  name = "team/web"
  tags = { owner = "us" }

  encryption_configuration {
    encryption_type = "AES256"
  }
}

resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy     = file("policy.json")
}

resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
EOT
    cp "$CASES/keep-ten.json" policy.json
}

# The same resources under this provider's names, with the addresses that they had before.
renamed() {
    cat >versions.tf <<'EOT'
terraform {
  required_providers {
    ecr = { source = "aws-labs/ecr" }
  }
}
EOT
    sed -i 's/aws_ecr_/ecr_/' main.tf
    cat >moved.tf <<'EOT'
moved {
  from = aws_ecr_repository.web
  to   = ecr_repository.web
}

moved {
  from = aws_ecr_lifecycle_policy.web
  to   = ecr_lifecycle_policy.web
}

moved {
  from = aws_ecr_pull_through_cache_rule.quay
  to   = ecr_pull_through_cache_rule.quay
}
EOT
}

# The state as the AWS provider 5.100 writes it: its address, "" for what is not set, no region.
as_the_aws_provider_wrote_it() {
    jq '.serial += 1
        | .resources[].provider = "provider[\"registry.terraform.io/hashicorp/aws\"]"
        | .resources[].instances[] |= (del(.private) | .attributes |= (del(.region)
            | with_entries(if .value == null and (.key | test("_arn$|_prefix$")) then .value = "" else . end)))' \
        terraform.tfstate >theirs.json
    mv theirs.json terraform.tfstate
}

moved_without_a_change() {
    forget_calls
    plan
    equal "$(jq -c '[.resource_changes[].change.actions | join(",")] | unique' plan.json)" '["no-op"]'
    apply tfplan
    equal "$(writes)" ""
    equal "$(terraform state list | paste -sd ' ')" \
        'ecr_lifecycle_policy.web ecr_pull_through_cache_rule.quay ecr_repository.web'
    settled
}

@test "moved blocks take over what the AWS provider has in its state, in one plan" {
    under_the_other_names
    apply
    as_the_aws_provider_wrote_it
    renamed
    moved_without_a_change
}

@test "moved blocks take over this provider's resources from their other names" {
    under_the_other_names
    apply
    renamed
    moved_without_a_change
}

@test "terraform state replace-provider is all that unchanged configuration needs" {
    under_the_other_names
    apply
    as_the_aws_provider_wrote_it
    terraform state replace-provider -auto-approve hashicorp/aws aws-labs/ecr
    settled
    terraform plan -refresh=false -detailed-exitcode
}

@test "a move from another resource, or another provider, says what can move" {
    under_the_other_names
    apply
    jq '.serial += 1 | .resources |= map(select(.type == "aws_ecr_pull_through_cache_rule"))
        | .resources[].provider = "provider[\"registry.terraform.io/acme/aws\"]"' terraform.tfstate >theirs.json
    mv theirs.json terraform.tfstate
    renamed
    refuses plan
    says 'aws_ecr_pull_through_cache_rule of provider registry.terraform.io/acme/aws cannot become ecr_pull_through_cache_rule'
    says 'aws_ecr_pull_through_cache_rule of hashicorp/aws'
}
