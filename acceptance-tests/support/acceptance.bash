# shellcheck shell=bash
# What every acceptance test stands on: a local ECR per file, reset before each test; an empty directory,
# HOME and TMPDIR; the provider through dev_overrides, so that nothing needs "terraform init"; and short
# words for what tests do with terraform. After each test nothing may be left: no provider process, no
# socket directory, and no request that AWS would have refused for its signature or form.
bats_require_minimum_version 1.5.0

TOP=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
CASES=$TOP/acceptance-tests/cases
ADDRESS=registry.terraform.io/aws-labs/ecr
export TOP CASES ADDRESS

# How long one terraform command may take. Nothing here comes near.
LIMIT_SECONDS=90

# ---- Files and tests ----

setup_file() { start_file --no-registry; }
setup() { start_test; }
teardown() { finish_test; }
teardown_file() { finish_file; }

# start_file [OPTIONS OF local-ecr/run]
start_file() {
    export BATS_NO_PARALLELIZE_WITHIN_FILE=true
    clean_environment
    FILE_DIR=$BATS_FILE_TMPDIR
    mkdir "$FILE_DIR/home" "$FILE_DIR/tmp" "$FILE_DIR/bin"
    export FILE_DIR HOME=$FILE_DIR/home TMPDIR=$FILE_DIR/tmp
    export PROVIDER=$FILE_DIR/bin/terraform-provider-ecr
    cp "${PROVIDER_BINARY:-$TOP/build/terraform-provider-ecr}" "$PROVIDER"
    use_dev_overrides
    start_ecr "$@"
}

# Nothing of the user's own settings may change what a test does.
clean_environment() {
    local name
    for name in "${!TF_@}" "${!AWS_@}"; do
        unset "$name"
    done
    unset PLUGIN_UNIX_SOCKET_DIR XDG_DATA_DIRS XDG_DATA_HOME
    export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_INPUT=0 TF_CLI_ARGS=-no-color AWS_PAGER='' LC_ALL=C.UTF-8
}

# The provider is used as it lies there: no init, no lock file, no checksum.
use_dev_overrides() {
    export TF_CLI_CONFIG_FILE=$FILE_DIR/dev.tfrc
    cat >"$TF_CLI_CONFIG_FILE" <<EOT
provider_installation {
  dev_overrides {
    "aws-labs/ecr" = "$FILE_DIR/bin"
  }
}
EOT
}

# The provider is installed by "terraform init" from a mirror, and from nowhere else.
use_mirror() {
    local version platform directory
    version=$(<"$TOP/VERSION")
    platform=$(terraform version 2>/dev/null | sed -n 's/^on //p')
    directory=$FILE_DIR/mirror/$ADDRESS/$version/$platform
    mkdir -p "$directory"
    cp "$PROVIDER" "$directory/terraform-provider-ecr_v$version"
    export TF_CLI_CONFIG_FILE=$FILE_DIR/mirror.tfrc
    cat >"$TF_CLI_CONFIG_FILE" <<EOT
provider_installation {
  filesystem_mirror {
    path = "$FILE_DIR/mirror"
  }
}
EOT
}

# start_ecr [OPTIONS OF local-ecr/run]: exports what clients need, and ECR_PID.
start_ecr() {
    local exports=$FILE_DIR/exports
    "$TOP/acceptance-tests/local-ecr/run" --keep "$@" >"$exports" 2>"$FILE_DIR/local-ecr.log" 3>&- 4>&- &
    export ECR_PID=$!
    # The first of the lines that come after all exports; they are written at once.
    eventually 20 grep -q '^unset AWS_PROFILE' "$exports" || {
        cat "$FILE_DIR/local-ecr.log" >&2
        return 1
    }
    # shellcheck source=/dev/null
    source "$exports"
}

start_test() {
    refusals=none
    started=()
    cd "$BATS_TEST_TMPDIR" || return
    order reset
    order reset-log
    cat >versions.tf <<'EOT'
terraform {
  required_providers {
    ecr = { source = "aws-labs/ecr" }
  }
}
EOT
}

# What every test promises, whatever else it is about. What is left is removed, so that only one test fails for it.
finish_test() {
    local pid failed=0
    for pid in "${started[@]}"; do
        kill -KILL -- "-$pid" 2>/dev/null || true
    done
    if ! eventually 3 nothing_runs; then
        failed=1
        printf 'a provider still runs: %s\n' "$(pgrep -af "^$PROVIDER")" >&2
        pkill -KILL -f "^$PROVIDER" || true
    fi
    if ! eventually 1 no_sockets; then
        failed=1
        printf 'left in TMPDIR: %s\n' "$(find "$TMPDIR" -name 'terraform-provider-ecr-*')" >&2
        rm -rf "$TMPDIR"/terraform-provider-ecr-*
    fi
    no_refusals || failed=1
    return $failed
}

finish_file() {
    [[ -n ${ECR_PID:-} ]] || return 0
    kill "$ECR_PID" 2>/dev/null || true
    eventually 10 gone "$ECR_PID" || kill -KILL "$ECR_PID"
}

nothing_runs() { ! pgrep -f "^$PROVIDER" >/dev/null; }
no_sockets() { [[ -z $(find "$TMPDIR" -maxdepth 1 -name 'terraform-provider-ecr-*') ]]; }
gone() { ! kill -0 "$1" 2>/dev/null; }

# eventually SECONDS COMMAND...: tries until it succeeds, but not longer.
eventually() {
    local end=$(($(now_ms) + $1 * 1000))
    shift
    until "$@"; do
        (($(now_ms) < end)) || return 1
        sleep 0.02
    done
}

now_ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# ---- Claims ----

fail() {
    printf '%s\n' "$@" >&2
    return 1
}

# must_fail COMMAND...: a plain "! COMMAND" fails a test only as its last line.
must_fail() { ! "$@" || fail "this must not succeed: $*"; }

# equal ACTUAL EXPECTED
equal() { [[ $1 == "$2" ]] || fail "expected: $2" "but it is: $1"; }

# contains TEXT PART: any white space counts as one space, since terraform wraps its lines.
contains() { [[ $(squeezed "$1") == *"$(squeezed "$2")"* ]] || fail "this text is missing: $2" "in: $1"; }
squeezed() { tr -s '[:space:]' ' ' <<<"$1" | sed 's/^ //; s/ $//'; }

lacks() { [[ $1 != *"$2"* ]] || fail "this text must not be there: $2" "but it is: $1"; }

# ---- terraform ----

terraform() { timeout -k 5 "$LIMIT_SECONDS" terraform "$@"; }

# Reads the configuration from stdin.
configure() { cat >main.tf; }

apply() { terraform apply -auto-approve "$@"; }
destroy() { terraform destroy -auto-approve "$@"; }

# The configuration is what there is: two plans are empty, and a refresh finds nothing.
settled() {
    terraform plan -detailed-exitcode "$@" || fail "a plan after apply is not empty"
    terraform plan -detailed-exitcode "$@" || fail "the second plan after apply is not empty"
    refreshed "$@"
}

refreshed() { terraform plan -refresh-only -detailed-exitcode "$@" || fail "a refresh finds changes"; }

# Plans; what the plan says is then in plan.json, for the words below.
plan() {
    terraform plan -out=tfplan "$@"
    terraform show -json tfplan >plan.json
}

# What the plan does to ADDRESS: "create", "update", "delete,create", "no-op" …
action() {
    jq -r --arg address "$1" \
        '[.resource_changes[]? | select(.address == $address) | .change.actions | join(",")] | first // "none"' plan.json
}

# Which attributes of ADDRESS make it a replacement, with commas between.
replaced_for() {
    jq -r --arg address "$1" \
        '.resource_changes[] | select(.address == $address) | [.change.replace_paths[]? | map(tostring) | join(".")] | sort | join(",")' plan.json
}

# planned ADDRESS FILTER: a value after the plan, by a filter of jq.
planned() {
    jq -c --arg address "$1" ".resource_changes[] | select(.address == \$address) | .change.after | $2" plan.json
}

# Which attributes of ADDRESS the plan leaves open.
unknown() {
    jq -r --arg address "$1" \
        '.resource_changes[] | select(.address == $address) | .change.after_unknown | to_entries | map(select(.value == true).key) | sort | join(",")' plan.json
}

# state ADDRESS FILTER: a value in the state, by a filter of jq.
state() {
    terraform show -json |
        jq -c --arg address "$1" "[.values.root_module.resources[]? | select(.address == \$address)] | first | .values | $2"
}

tainted() {
    terraform show -json |
        jq -r --arg address "$1" '[.values.root_module.resources[]? | select(.address == $address)] | first | .tainted // false'
}

# refuses COMMAND [ARGUMENTS]: terraform must fail. $errors has, for each error, its summary, its detail, and the line
# of the configuration that it points at.
refuses() {
    local status=0
    [[ $1 != apply ]] || set -- apply -auto-approve "${@:2}"
    [[ $1 != destroy ]] || set -- destroy -auto-approve "${@:2}"
    terraform "$1" -json "${@:2}" >answer.json || status=$?
    [[ $status == 1 ]] || fail "terraform $* must fail, but its exit status is $status" "$(<answer.json)"
    diagnostics '"\(.summary)\n\(.detail // "")\n> \(.snippet.code // "")"' >errors.txt
    errors=$(<errors.txt)
    [[ -n $errors ]] || fail "terraform $* failed without an error" "$(<answer.json)"
}

diagnostics() {
    jq -rs "[.[] | .diagnostics[]?, (.diagnostic // empty)] | .[] | select(.severity == \"error\") | $1" answer.json
}

# says TEXT: an error of the last "refuses" has that text.
says() { contains "$errors" "$1"; }

# points_at CODE: an error of the last "refuses" points at a line of the configuration that has this.
points_at() { contains "$(diagnostics '.snippet.code // ""')" "$1"; }

# in_background COMMAND...: as from a terminal, in a process group of its own; its output goes to output.txt.
# $pid is the process and the group.
in_background() {
    setsid env --default-signal=INT,QUIT,TERM "$@" >output.txt 2>&1 </dev/null 3>&- 4>&- &
    pid=$!
    started+=("$pid")
}

# ends_within SECONDS: waits for $pid. $status is its exit status, $took_ms how long it took from now.
ends_within() {
    local begin
    begin=$(now_ms)
    eventually "$1" gone "$pid" || fail "it still runs after $1 s" "$(<output.txt)"
    status=0
    wait "$pid" || status=$?
    took_ms=$(($(now_ms) - begin))
    : "$status" "$took_ms"
}

# ---- The local ECR ----

# The admin interface, described in local-ecr/README.md; by curl, which starts faster than local-ecr/ctl.
admin() { curl --silent --show-error --fail-with-body --max-time 10 "$LOCAL_ECR_URL/_local-ecr/$1" "${@:2}"; }
order() { admin "$1" --data "${2:-{\}}"; }
fault() { order faults "$1"; }
setting() { order settings "{\"$1\": $2}"; }
credential() { order credentials "$1"; }
requests() { admin "log${1:+?$1}"; }
no_faults_left() { [[ $(admin faults) == '[]' ]]; }

# How often OPERATION was called since the start of the test, or since forget_calls.
calls() { admin 'counters?service=ecr' | jq --arg operation "$1" '.[$operation] // 0'; }
forget_calls() {
    no_refusals
    order reset-log
}
# For a test that makes AWS refuse requests on purpose.
expect_refusals() { refusals=expected; }
no_refusals() { [[ $refusals == expected ]] || equal "$(requests refused=1)" ""; }

# All ECR calls that change something, in order, with blanks between.
writes() { requests service=ecr | jq -r '.operation | select(test("^(Describe|Get|List|Batch)") | not)' | paste -sd ' '; }

# No request of any kind has reached AWS.
nothing_was_asked() { equal "$(requests)" ""; }

# body OPERATION FILTER: of the last request of that operation, by a filter of jq.
body() { requests "service=ecr&operation=$1" | tail -n 1 | jq -c ".body | $2"; }

# repository NAME FILTER: how AWS describes it.
repository() { aws ecr describe-repositories --repository-names "$1" --output json | jq -c ".repositories[0] | $2"; }
arn_of() { echo "arn:aws:ecr:$AWS_REGION:$LOCAL_ECR_ACCOUNT:repository/$1"; }
tags_of() { aws ecr list-tags-for-resource --resource-arn "$(arn_of "$1")" --output json | jq -cS '[.tags[] | {(.Key): .Value}] | add // {}'; }
