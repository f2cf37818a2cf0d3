#!/usr/bin/env bash
#
# Plans the lab and saves the plan for apply.sh.
#
# Usage: plan.sh [-detailed-exitcode] [PLAN ARGUMENTS...]     for example: plan.sh -var repo_name=staging/web
#
#   TF_STATE_BUCKET   S3 bucket of the state (required)
#   TF_STATE_REGION   its region (default: AWS_REGION)
#   TF_VAR_...        variables of the configuration
#   PLAN_FILE         where the plan goes (default: tfplan, in the directory of the configuration);
#                     the same plan as text goes to PLAN_FILE.txt
#
# Exit status: 0  the plan is saved, with changes or without
#              1  failed; Terraform's text says why
#              2  only with -detailed-exitcode: the plan is saved and has changes (then 0 means none)
# In a GitHub workflow the step's output "changes" is true or false.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

plan=${PLAN_FILE:-tfplan}
status_for_changes=0
if [[ ${1:-} == -detailed-exitcode ]]; then
    status_for_changes=2
    shift
fi

init

status=0
tf plan -no-color -detailed-exitcode -out="$plan" "$@" || status=$?
case $status in
0) changes=false summary="no changes" ;;
2) changes=true summary="there are changes to apply" ;;
*) fail "the plan failed; nothing is saved" ;;
esac

text=$(tf show -no-color "$plan")
(cd "$here" && printf '%s\n' "$text" >"$plan.txt")
github_summary <<EOT
### Terraform plan: $summary

\`\`\`
$text
\`\`\`
EOT
github_output changes "$changes"
printf '\nplan.sh: %s; the plan is saved as %s\n' "$summary" "$plan"

[[ $changes == false ]] || exit "$status_for_changes"
