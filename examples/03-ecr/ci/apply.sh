#!/usr/bin/env bash
#
# Applies exactly the plan that plan.sh saved, and prints where to push images. It asks nothing: who
# may run it, and after whose review, is for the pipeline to say.
#
# Usage: apply.sh
#
#   TF_STATE_BUCKET, TF_STATE_REGION, PLAN_FILE   as for plan.sh
#
# Exit status: 0  applied
#              1  failed; Terraform's text says why. What was made before the failure is in the state. A saved
#                 plan is good for one apply, and stale as soon as the state has changed: run plan.sh again.
# In a GitHub workflow the step's output "repository_url" is set.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

plan=${PLAN_FILE:-tfplan}

(cd "$here" && [[ -f $plan ]]) || fail "there is no plan $plan to apply: run plan.sh first, or set PLAN_FILE"

init
tf apply -no-color "$plan" || fail "the apply failed; run plan.sh again to see what is left to do"

repository_url=$(tf output -raw repository_url)
github_output repository_url "$repository_url"
printf '\napply.sh: applied; images go to %s\n' "$repository_url"
