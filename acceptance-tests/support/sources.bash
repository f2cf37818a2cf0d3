# shellcheck shell=bash
# For tests of where credentials, regions and endpoints come from, and of the way to AWS. As root a file of tests
# runs in a namespace of the local ECR's: AWS's names and addresses lead there, and no variable says so. Otherwise
# the way is the proxy, and a test that needs the addresses is skipped. No test inherits keys from outside.
#
# CLIENT=peer runs the same tests with hashicorp/aws (scripts/peer finds it), CLIENT=aws-cli with that: both
# show that it is the local ECR that is right when a test fails.
# shellcheck source=/dev/null
source "$BATS_TEST_DIRNAME/support/acceptance.bash"

CLIENT=${CLIENT:-ours}
PEER_OVERRIDE=
HOME_ACCOUNT=123456789012
OTHER_ACCOUNT=222222222222
REGION=eu-central-1
TF_SOURCE=aws-labs/ecr TF_NAME=ecr TF_TYPE=ecr_repository
[[ $CLIENT != peer ]] || TF_SOURCE=hashicorp/aws TF_NAME=aws TF_TYPE=aws_ecr_repository \
    PEER_OVERRIDE="\"hashicorp/aws\" = \"$("$BATS_TEST_DIRNAME/../scripts/peer")\""
export HOME_ACCOUNT OTHER_ACCOUNT REGION

setup() { start_source_test; }
teardown() { finish_source_test; }

# ---- Files and tests ----

start_ecr() {
    local exports=$FILE_DIR/exports program=run
    if "$TOP/acceptance-tests/local-ecr/namespace" --no-registry -- true 2>/dev/null; then
        program=namespace
    fi
    "$TOP/acceptance-tests/local-ecr/$program" --keep "$@" >"$exports" 2>"$FILE_DIR/local-ecr.log" 3>&- 4>&- &
    export ECR_PID=$! PROGRAM=$program
    eventually 20 grep -q '^unset AWS_PROFILE' "$exports" || {
        cat "$FILE_DIR/local-ecr.log" >&2
        return 1
    }
    # shellcheck source=/dev/null
    source "$exports"
}

use_dev_overrides() {
    export TF_CLI_CONFIG_FILE=$FILE_DIR/dev.tfrc
    cat >"$TF_CLI_CONFIG_FILE" <<EOT
provider_installation {
  dev_overrides {
    "aws-labs/ecr" = "$FILE_DIR/bin"
    $PEER_OVERRIDE
  }
}
EOT
}

start_source_test() {
    unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE AWS_EC2_METADATA_DISABLED
    export AWS_REGION=$REGION AWS_DEFAULT_REGION=$REGION HOME=$BATS_TEST_TMPDIR/home
    start_test
    mkdir -p "$HOME/.aws"
    sed -i "s|.*source = .*|    $TF_NAME = { source = \"$TF_SOURCE\" }|" versions.tf
    [[ $CLIENT != aws-cli ]] || export AWS_CA_BUNDLE=$LOCAL_ECR_CA
    # Without the namespace there is no address to find an instance at.
    [[ $PROGRAM == namespace ]] || export AWS_EC2_METADATA_SERVICE_ENDPOINT=$LOCAL_ECR_URL
}

finish_source_test() {
    local failed=0
    finish_test || failed=1
    shows_no_secret || failed=1
    return $failed
}

in_namespace() { [[ $PROGRAM == namespace ]] || skip "only a namespace has the addresses, and that needs root"; }
terraform_only() { [[ $CLIENT != aws-cli ]] || skip "aws-cli has no provider block"; }
ours_only() { [[ $CLIENT == ours ]] || skip "only this provider: $1"; }

# inside COMMAND...: where the local ECR is.
inside() {
    if [[ $PROGRAM == namespace ]]; then
        nsenter --net --mount --target "$ECR_PID" env --chdir="$PWD" "$@"
    else
        "$@"
    fi
}

terraform() { inside timeout -k 5 "$LIMIT_SECONDS" terraform "$@"; }

admin() {
    inside curl --silent --show-error --fail-with-body --noproxy '*' --max-time 10 "$LOCAL_ECR_URL/_local-ecr/$1" "${@:2}"
}

# ---- What a test does ----

# config, credentials: ~/.aws/config and ~/.aws/credentials, from stdin.
config() { cat >"$HOME/.aws/config"; }
credentials() { cat >"$HOME/.aws/credentials"; }

# keys NAME: makes a key and prints it as two lines of a profile. The name is the key's id, and part of its user's ARN.
keys() {
    local id=AKIA${1^^} secret
    secret=Canary$1$RANDOM$RANDOM/key+of=$RANDOM
    order credentials "{\"access_key_id\": \"$id\", \"secret_access_key\": \"$secret\", \"user\": \"$1\"}"
    printf 'aws_access_key_id = %s\naws_secret_access_key = %s\n' "$id" "$secret"
}

# export_keys NAME: the same in the environment.
export_keys() {
    local lines
    mapfile -t lines < <(keys "$1")
    export AWS_ACCESS_KEY_ID=${lines[0]#*= } AWS_SECRET_ACCESS_KEY=${lines[1]#*= }
}

role() { order roles "$1"; }
role_arn() { echo "arn:aws:iam::${2:-$HOME_ACCOUNT}:role/$1"; }
web_identity() { order web-identities "${1:-}"; }

# A provider block with these arguments, and one repository. var.secret is TF_VAR_secret: terraform itself shows
# what is written in a configuration, but not what a variable holds.
configured() {
    cat >main.tf <<EOT
variable "secret" {
  default   = null
  sensitive = true
}
provider "$TF_NAME" {
$*
}
resource "$TF_TYPE" "web" {
  name = "team/web"
}
EOT
}

# works [ARGUMENTS OF THE PROVIDER BLOCK]: a repository is planned and created, and the next plan is empty; all that terraform
# and the provider have to say is kept for shows_no_secret.
works() {
    [[ $CLIENT != aws-cli ]] || {
        inside aws ecr create-repository --repository-name team/web --debug >>output.txt 2>&1
        inside aws ecr describe-repositories --repository-names team/web >>output.txt 2>&1
        return
    }
    export TF_LOG=TRACE TF_LOG_PATH=$BATS_TEST_TMPDIR/trace.log
    configured "$@"
    {
        terraform plan -out=tfplan && terraform apply tfplan && terraform plan -detailed-exitcode
    } >>output.txt 2>&1 || fail "$(<output.txt)"
    terraform show -json tfplan | jq 'del(.configuration, .variables)' >plan.json
}

# again: a plan of its own, for what happens later.
again() {
    if [[ $CLIENT == aws-cli ]]; then
        inside aws ecr describe-repositories --repository-names team/web >>output.txt 2>&1
    else
        terraform plan -detailed-exitcode >>output.txt 2>&1 || fail "$(<output.txt)"
    fi
}

# fails [ARGUMENTS]: plan and apply must fail, and within SECONDS_AT_MOST; "says" knows the reason.
fails() {
    local begin
    begin=$(now_ms)
    if [[ $CLIENT == aws-cli ]]; then
        errors=$(inside aws ecr create-repository --repository-name team/web 2>&1) && fail "it must fail"
    else
        export TF_LOG=TRACE TF_LOG_PATH=$BATS_TEST_TMPDIR/trace.log
        configured "$@"
        refuses apply
    fi
    took_ms=$(($(now_ms) - begin))
    ((took_ms < ${SECONDS_AT_MOST:-5} * 1000)) || fail "it took $took_ms ms" "$errors"
}

# ---- What it claims ----

# caller [OPERATION]: who AWS saw, at its last call of that kind.
caller() { requests "service=ecr&operation=${1:-CreateRepository}" | tail -n 1 | jq -r .caller; }

# acted_as USER: ARN after "arn:aws:", for each of the calls of ECR.
acted_as() {
    equal "$(requests service=ecr | jq -r .caller | sort -u)" "arn:aws:$1"
}

# asked SERVICE [OPERATION]: how often.
asked() { requests "service=$1${2:+&operation=$2}" | wc -l; }

# sent OPERATION FILTER: of the last request of any service, by a filter of jq.
sent() { requests "operation=$1" | tail -n 1 | jq -c "$2"; }

user() { echo "iam::$HOME_ACCOUNT:user/$1"; }
session() { echo "sts::${3:-$HOME_ACCOUNT}:assumed-role/$1/$2"; }

# The text stands in nothing that terraform and the provider have said.
nobody_says() {
    local place
    for place in trace.log output.txt errors.txt answer.json plan.json terraform.tfstate; do
        ! grep -Fq -- "$1" "$BATS_TEST_TMPDIR/$place" 2>/dev/null ||
            fail "$place has $1" "$(grep -Fm 3 -- "$1" "$BATS_TEST_TMPDIR/$place" | cut -c 1-500)"
    done
}

# Nothing that a test leaves behind has a secret in it: log, output, plan, state, errors. Files that the test wrote
# for the provider to read are not looked at.
shows_no_secret() {
    [[ $CLIENT == ours ]] || return 0
    local found
    admin secrets | sed '/^$/d' >"$BATS_TEST_TMPDIR/secrets"
    # grep's status says only that some file is not there.
    found=$(cd "$BATS_TEST_TMPDIR" && grep -Fl -f secrets -- trace.log output.txt plan.json terraform.tfstate \
        terraform.tfstate.backup errors.txt answer.json 2>/dev/null) || true
    [[ -n $found ]] || return 0
    fail "a secret stands in: $found" \
        "$(cd "$BATS_TEST_TMPDIR" && xargs grep -Fh -m 3 -f secrets -- <<<"$found" | cut -c 1-500)"
}
