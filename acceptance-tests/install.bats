#!/usr/bin/env bats
# "make install": from a build to "terraform init" without any settings.

load support/acceptance

@test "after make install, terraform init finds the provider without any settings" {
    unset TF_CLI_CONFIG_FILE
    "$TOP/scripts/install" >output.txt
    contains "$(<output.txt)" 'source = "aws-labs/ecr"'
    configure <<'EOT'
resource "ecr_repository" "web" { name = "team/web" }
EOT
    terraform init
    terraform validate
    contains "$(terraform version)" "provider $ADDRESS v$(<"$TOP/VERSION")"
    contains "$(<.terraform.lock.hcl)" "\"$ADDRESS\""
    apply
    settled
    # Installing again changes nothing for those who have initialised.
    "$TOP/scripts/install" >/dev/null
    terraform init
    destroy
}

@test "the three lines that make install prints are a configuration that works" {
    unset TF_CLI_CONFIG_FILE
    "$TOP/scripts/install" | sed -n '/^  terraform {/,/^  }/p' >versions.tf
    configure <<'EOT'
resource "ecr_repository" "web" { name = "team/web" }
EOT
    terraform init
    terraform validate
}
