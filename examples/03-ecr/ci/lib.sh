# shellcheck shell=bash
# What plan.sh and apply.sh share. Sourced, not run.

export TF_IN_AUTOMATION=1 TF_INPUT=0
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() {
    printf '%s: %s\n' "${0##*/}" "$@" >&2
    exit 1
}

tf() { terraform -chdir="$here" "$@"; }

# The state's bucket comes from the environment, so that one configuration serves many accounts.
init() {
    local bucket=${TF_STATE_BUCKET:-} region=${TF_STATE_REGION:-${AWS_REGION:-${AWS_DEFAULT_REGION:-}}}

    command -v terraform >/dev/null || fail "terraform is not installed"
    [[ -n $bucket ]] || fail "set TF_STATE_BUCKET to the S3 bucket that keeps the state"
    [[ -n $region ]] || fail "set TF_STATE_REGION (or AWS_REGION) to the region of the bucket $bucket"
    tf init -no-color -reconfigure -backend-config="bucket=$bucket" -backend-config="region=$region"
}

# Makes facts known to later steps of a GitHub workflow; does nothing elsewhere.
github_output() { [[ -z ${GITHUB_OUTPUT:-} ]] || printf '%s=%s\n' "$1" "$2" >>"$GITHUB_OUTPUT"; }
github_summary() { [[ -z ${GITHUB_STEP_SUMMARY:-} ]] || cat >>"$GITHUB_STEP_SUMMARY"; }
