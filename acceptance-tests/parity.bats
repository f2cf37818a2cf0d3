#!/usr/bin/env bats
# What hashicorp/aws makes of a configuration, this provider makes of it too, or says why not; and a state of that
# provider's can be taken over as it is.

load support/acceptance
load support/takeover

@test "the scenarios of parity/scenarios.py end as hashicorp/aws was recorded, step by step" {
    PROVIDER_DIRECTORY=$FILE_DIR/bin "$TOP/scripts/python" "$TOP/acceptance-tests/parity/compare.py" >rows.txt ||
        fail "$(grep -v '^ok' rows.txt)"
    (($(grep -oE '^[0-9]+ scenarios' rows.txt | cut -d ' ' -f 1) >= 60))
}

@test "a lifecycle policy that ECR refuses is never passed in silence, and none that it takes is refused" {
    "$TOP/scripts/python" "$TOP/acceptance-tests/parity/lifecycle.py" >rows.txt || fail "$(<rows.txt)"
    nothing_was_asked
}

with_the_peer() {
    local peer
    peer=$("$TOP/scripts/peer" 2>&1) || skip "$peer"
    sed -i "/dev_overrides {/a \    \"hashicorp/aws\" = \"$peer\"" "$TF_CLI_CONFIG_FILE"
}

without_the_peer() { sed -i '/hashicorp/d' "$TF_CLI_CONFIG_FILE"; }

@test "an object that hashicorp/aws made just now is taken over without a change" {
    with_the_peer
    under_the_other_names hashicorp/aws
    sed -i 's/hashicorp/aws-labs/' versions.tf
    terraform state replace-provider -auto-approve hashicorp/aws aws-labs/ecr
    without_the_peer
    sed -i 's,aws-labs/aws,aws-labs/ecr,' versions.tf
    forget_calls
    terraform plan -detailed-exitcode
    equal "$(writes)" ""
}

@test "an object that hashicorp/aws made just now moves to this provider's name without a change" {
    with_the_peer
    under_the_other_names hashicorp/aws
    renamed
    moved_without_a_change
    without_the_peer
    settled
}
