#!/usr/bin/env bats
# From the AWS provider to this one without touching AWS: states taken over, and resources renamed by moved blocks.

load support/acceptance
load support/takeover

# terraform wants the provider of a state to be installed, and reads its schema; whose binary that is makes no difference
# to a move. Here it is this one, under the name of the other two that states of these tests name.
setup_file() {
    start_file --no-registry
    cp "$PROVIDER" "$FILE_DIR/bin/terraform-provider-aws"
    sed -i "/dev_overrides {/a \    \"hashicorp/aws\" = \"$FILE_DIR/bin\"\n    \"acme/aws\" = \"$FILE_DIR/bin\"" \
        "$TF_CLI_CONFIG_FILE"
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

@test "moved blocks take over what the AWS provider has in its state, in one plan" {
    under_the_other_names aws-labs/ecr
    as_the_aws_provider_wrote_it
    renamed
    moved_without_a_change
    settled
}

@test "moved blocks take over this provider's resources from their other names" {
    under_the_other_names aws-labs/ecr
    renamed
    moved_without_a_change
    settled
}

@test "terraform state replace-provider is all that unchanged configuration needs" {
    under_the_other_names aws-labs/ecr
    as_the_aws_provider_wrote_it
    terraform state replace-provider -auto-approve hashicorp/aws aws-labs/ecr
    settled
    terraform plan -refresh=false -detailed-exitcode
}

@test "a move from another resource, or another provider, says what can move" {
    under_the_other_names aws-labs/ecr
    jq '.serial += 1 | .resources |= map(select(.type == "aws_ecr_pull_through_cache_rule"))
        | .resources[].provider = "provider[\"registry.terraform.io/acme/aws\"]"' terraform.tfstate >theirs.json
    mv theirs.json terraform.tfstate
    renamed
    refuses plan
    says 'aws_ecr_pull_through_cache_rule of provider registry.terraform.io/acme/aws cannot become ecr_pull_through_cache_rule'
    says 'aws_ecr_pull_through_cache_rule of hashicorp/aws'
}
