#!/usr/bin/env bats
# What hashicorp/aws makes of a configuration, this provider makes of it too, or says why not; and a state of that
# provider's can be taken over as it is.

load support/acceptance

@test "the scenarios of parity/scenarios.py end as hashicorp/aws was recorded, step by step" {
    PROVIDER_DIRECTORY=$FILE_DIR/bin "$TOP/scripts/python" "$TOP/acceptance-tests/parity/compare.py" >rows.txt ||
        fail "$(grep -v '^ok' rows.txt)"
    (($(grep -oE '^[0-9]+ scenarios' rows.txt | cut -d ' ' -f 1) >= 60))
}

@test "a lifecycle policy that ECR refuses is never passed in silence, and none that it takes is refused" {
    "$TOP/scripts/python" "$TOP/acceptance-tests/parity/lifecycle.py" >rows.txt || fail "$(<rows.txt)"
    nothing_was_asked
}

# The folder of hashicorp/aws in a filesystem mirror.
peer_directory() {
    compgen -G "${PEER_MIRROR:-/opt/tf-plugins}/registry.terraform.io/hashicorp/aws/*/linux_*" | sort -V | tail -n 1
}

@test "an object that hashicorp/aws made just now is taken over without a change" {
    local peer
    peer=$(peer_directory)
    [[ -n $peer ]] || skip "hashicorp/aws is in no filesystem mirror; PEER_MIRROR names one"
    sed -i "/dev_overrides {/a \    \"hashicorp/aws\" = \"$peer\"" "$TF_CLI_CONFIG_FILE"
    cat >versions.tf <<'EOT'
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
EOT
    configure <<'EOT'
resource "aws_ecr_repository" "web" {
  name = "team/web"

  image_scanning_configuration {
    scan_on_push = true
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
    apply
    sed -i 's/hashicorp/aws-labs/' versions.tf
    terraform state replace-provider -auto-approve hashicorp/aws aws-labs/ecr
    sed -i '/hashicorp/d' "$TF_CLI_CONFIG_FILE"
    sed -i 's,aws-labs/aws,aws-labs/ecr,' versions.tf
    forget_calls
    terraform plan -detailed-exitcode
    equal "$(writes)" ""
}

@test "an object that hashicorp/aws made just now moves to this provider's name without a change" {
    local peer type
    peer=$(peer_directory)
    [[ -n $peer ]] || skip "hashicorp/aws is in no filesystem mirror; PEER_MIRROR names one"
    sed -i "/dev_overrides {/a \    \"hashicorp/aws\" = \"$peer\"" "$TF_CLI_CONFIG_FILE"
    cat >versions.tf <<'EOT'
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
EOT
    configure <<'EOT'
resource "aws_ecr_repository" "it" {
  name = "team/web"
  tags = { owner = "us" }
}

resource "aws_ecr_lifecycle_policy" "it" {
  repository = aws_ecr_repository.it.name
  policy     = file("policy.json")
}

resource "aws_ecr_pull_through_cache_rule" "it" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
EOT
    cp "$CASES/keep-ten.json" policy.json
    apply
    sed -i 's,aws = .*,ecr = { source = "aws-labs/ecr" },' versions.tf
    sed -i 's/aws_ecr_/ecr_/' main.tf
    for type in repository lifecycle_policy pull_through_cache_rule; do
        printf 'moved {\n  from = aws_ecr_%s.it\n  to   = ecr_%s.it\n}\n' "$type" "$type" >>moved.tf
    done
    forget_calls
    plan
    equal "$(jq -c '[.resource_changes[].change.actions | join(",")] | unique' plan.json)" '["no-op"]'
    apply tfplan
    equal "$(writes)" ""
    sed -i '/hashicorp/d' "$TF_CLI_CONFIG_FILE"
    settled
}
