#!/usr/bin/env bats
# A second opinion: what botocore makes of an environment and of shared files, the provider makes of it too, or says
# why not.

# shellcheck disable=SC2030,SC2031,SC2154 # each test is a process of its own; $errors is set by what it calls
load support/sources

@test "credentials, region and endpoint are botocore's in each environment of oracle/table.py" {
    ours_only "this is about the provider"
    inside "$TOP/scripts/python" "$TOP/acceptance-tests/oracle/compare.py" >rows.txt || fail "$(grep -v '^ok' rows.txt)"
    (($(grep -c '^ok' rows.txt) >= 40))
    expect_refusals # a base path, which only a proxy of one's own understands
}
