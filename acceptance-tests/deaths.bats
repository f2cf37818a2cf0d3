#!/usr/bin/env bats
# Each way in which an apply can be disturbed or die, in each moment of a create. One repository is made, the second
# is on its way. Afterwards nothing runs, no socket is left, and a plain apply makes both, or says what to import.
# shellcheck disable=SC2154 # pid, status and took_ms come from in_background and ends_within

load support/acceptance

# Terraform may take 2 s to end when it is asked to; what is above that is for a loaded machine.
END_WITHIN_MS=2500
SECONDS_OF_TROUBLE=3

# ---- The moments ----

# answering: the repository is made, and its answer comes byte by byte. backoff: AWS was unavailable, and the next
# attempt is being waited for. stalled: the request got no answer. stalled_after: it got none, but took effect.
moment() {
    case $1 in
    answering) echo '{"kind": "slow", "seconds": 0.005' ;;
    backoff) echo "{\"kind\": \"error\", \"status\": 503, \"code\": \"ServiceUnavailable\", \"headers\": {\"Retry-After\": \"$SECONDS_OF_TROUBLE\"}" ;;
    stalled) echo "{\"kind\": \"stall\", \"seconds\": $SECONDS_OF_TROUBLE" ;;
    stalled_after) echo "{\"kind\": \"stall\", \"seconds\": $SECONDS_OF_TROUBLE, \"when\": \"after\"" ;;
    esac
}

# comes_to MOMENT COMMAND...: the command runs, and is there.
comes_to() {
    configure <<'EOT'
resource "ecr_repository" "first" { name = "team/first" }
resource "ecr_repository" "second" {
  name       = "team/second"
  depends_on = [ecr_repository.first]
}
EOT
    fault "$(moment "$1"), \"operation\": \"CreateRepository\", \"match\": \"team/second\"}"
    in_background "${@:2}"
    eventually 20 no_faults_left
}

APPLY=(terraform apply -auto-approve)

# ---- What is left ----

# ends STATUS [MILLISECONDS]: terraform ends with it, in that time, and the provider with it.
ends() {
    ends_within 30
    echo "# ended after $took_ms ms" >&3
    [[ $1 == any ]] || equal "$status" "$1"
    [[ -z ${2:-} ]] || ((took_ms < $2)) || fail "it took $took_ms ms" "$(<output.txt)"
    eventually 1 nothing_runs || fail "a second later the provider still runs"
    no_sockets || fail "a socket is left"
}

made() { requests operation=CreateRepository | jq -rs "map(select(.took_effect and .body.repositoryName == \"team/$1\")) | length"; }
known() { terraform state list 2>/dev/null | grep -qx "ecr_repository.$1"; }

# Whatever AWS has and no state knows, the next apply names, with the command that helps. Then an apply makes the
# rest, and each was made once.
recovers() {
    local name
    for name in first second; do
        if [[ $(made "$name") == 0 ]] || known "$name"; then continue; fi
        refuses apply
        says "RepositoryAlreadyExistsException"
        says "terraform import ADDRESS NAME"
        terraform import "ecr_repository.$name" "team/$name"
    done
    if known second; then equal "$(tainted ecr_repository.second)" false; fi
    apply
    terraform plan -detailed-exitcode || fail "a plan after that is not empty"
    equal "$(terraform state list | paste -sd ' ')" "ecr_repository.first ecr_repository.second"
    equal "$(made first) $(made second)" "1 1"
}

# ---- The disturbances ----

# Asked to end, it ends at once, keeps what it knows, and says what it does not.
canceled() {
    ends 1 $END_WITHIN_MS
    contains "$(<output.txt)" "RequestCanceled: Terraform asked to stop"
    [[ $1 == backoff ]] || contains "$(<output.txt)" "may have taken effect"
    known first || fail "the first repository is not in the state"
    recovers
}

ctrl_c() {
    comes_to "$1" "${APPLY[@]}"
    kill -INT -- "-$pid"
    canceled "$1"
}

# Terraform waits for nobody then, so it may not have written the state.
ctrl_c_twice() {
    comes_to "$1" "${APPLY[@]}"
    kill -INT -- "-$pid"
    kill -INT -- "-$pid" || true # it may be that fast
    ends 1 $END_WITHIN_MS
    recovers
}

sigterm() {
    comes_to "$1" "${APPLY[@]}"
    kill -TERM "$pid"
    canceled "$1"
}

sigterm_to_all() {
    comes_to "$1" "${APPLY[@]}"
    kill -TERM -- "-$pid"
    canceled "$1"
}

# in_background's process is terraform itself, so that no wrapper dies in its place.
sigkill() {
    comes_to "$1" "${APPLY[@]}"
    kill -KILL "$pid"
    ends 137
    recovers
}

# It cannot take its socket away; terraform says that it is gone, and writes the state. In which words depends on what
# it sees first: the end of the connection, or the end of the process.
sigkill_of_the_provider() {
    comes_to "$1" "${APPLY[@]}"
    pkill -KILL -f "^$PROVIDER"
    ends_within 10
    equal "$status" 1
    [[ $(<output.txt) =~ "Plugin did not respond"|"Request cancelled" ]] || fail "terraform does not say it" "$(<output.txt)"
    rm -r "$TMPDIR"/terraform-provider-ecr-*
    known first || fail "the first repository is not in the state"
    recovers
}

sigpipe() {
    comes_to "$1" "${APPLY[@]}"
    kill -PIPE -- "-$pid"
    ends 0
    recovers
}

# As in "terraform apply | head": terraform dies of its next line.
output_closed() {
    mkfifo pipe
    cat <>pipe >seen.txt &
    local reader=$!
    comes_to "$1" bash -c 'exec terraform apply -auto-approve >pipe'
    kill "$reader"
    ends any
    ((status != 0))
    recovers
}

# The provider's stderr, which terraform reads its log from, loses its reader.
stderr_closed() {
    mkfifo pipe
    cat <>pipe >seen.txt &
    local reader=$!
    with_stderr ">$PWD/pipe"
    TF_LOG=TRACE TF_LOG_PATH=$PWD/trace.log comes_to "$1" "${APPLY[@]}"
    kill "$reader"
    ends 0
    use_dev_overrides
    recovers
}

# with_stderr REDIRECTION: the provider is started with that behind its stderr.
with_stderr() {
    mkdir bin
    printf '#!/bin/sh\nexec %s 2%s\n' "$PROVIDER" "$1" >bin/terraform-provider-ecr
    chmod +x bin/terraform-provider-ecr
    sed "s|$FILE_DIR/bin|$PWD/bin|" "$TF_CLI_CONFIG_FILE" >own.tfrc
    export TF_CLI_CONFIG_FILE=$PWD/own.tfrc
}

# A little file system of its own, in which neither a byte nor a file has room any more.
disk_full() {
    little_disk
    comes_to "$1" unshare -m bash -c 'mount -t tmpfs -o size=64k,nr_inodes=20 none "$TMPDIR"
        terraform apply -auto-approve
        status=$?
        ls "$TMPDIR" >left.txt
        exit $status'
    fill "/proc/$pid/root$TMPDIR"
    ends 0
    lacks "$(<left.txt)" terraform-provider-ecr-
    recovers
}

little_disk() {
    unshare -m true 2>/dev/null || skip "no namespace can be made here"
    export TMPDIR=$PWD/tmp
    mkdir "$TMPDIR"
}

fill() {
    ! dd if=/dev/zero of="$1/fill" bs=1k 2>/dev/null || fail "there is no end to $1"
    local i
    for ((i = 0; i < 20; i++)); do : >"$1/file$i" || break; done 2>/dev/null
    ! : >"$1/one-more" || fail "there is room for more files in $1"
}

@test "Ctrl-C while the answer arrives keeps what is known, and the next apply says what to import" { ctrl_c answering; }
@test "Ctrl-C in backoff ends at once, and the next apply makes the rest" { ctrl_c backoff; }
@test "Ctrl-C during a stalled answer ends at once, and the next apply makes the rest" { ctrl_c stalled; }
@test "Ctrl-C during a stalled answer to what took effect: the next apply says what to import" { ctrl_c stalled_after; }

@test "Ctrl-C twice while the answer arrives: the next apply says what to import" { ctrl_c_twice answering; }
@test "Ctrl-C twice in backoff: the next apply makes the rest" { ctrl_c_twice backoff; }
@test "Ctrl-C twice during a stalled answer: the next apply makes the rest" { ctrl_c_twice stalled; }
@test "Ctrl-C twice during a stalled answer to what took effect: the next apply says what to import" { ctrl_c_twice stalled_after; }

@test "SIGTERM to terraform while the answer arrives is like Ctrl-C" { sigterm answering; }
@test "SIGTERM to terraform in backoff is like Ctrl-C" { sigterm backoff; }
@test "SIGTERM to terraform during a stalled answer is like Ctrl-C" { sigterm stalled; }
@test "SIGTERM to terraform during a stalled answer to what took effect is like Ctrl-C" { sigterm stalled_after; }

@test "SIGTERM to all, as a service manager does it, while the answer arrives is like Ctrl-C" { sigterm_to_all answering; }
@test "SIGTERM to all in backoff is like Ctrl-C" { sigterm_to_all backoff; }
@test "SIGTERM to all during a stalled answer is like Ctrl-C" { sigterm_to_all stalled; }
@test "SIGTERM to all during a stalled answer to what took effect is like Ctrl-C" { sigterm_to_all stalled_after; }

@test "SIGKILL of terraform while the answer arrives ends the provider within a second" { sigkill answering; }
@test "SIGKILL of terraform in backoff ends the provider within a second" { sigkill backoff; }
@test "SIGKILL of terraform during a stalled answer ends the provider within a second" { sigkill stalled; }
@test "SIGKILL of terraform during a stalled answer to what took effect ends the provider within a second" { sigkill stalled_after; }

@test "SIGKILL of the provider while the answer arrives: the next apply says what to import" { sigkill_of_the_provider answering; }
@test "SIGKILL of the provider in backoff: the next apply makes the rest" { sigkill_of_the_provider backoff; }
@test "SIGKILL of the provider during a stalled answer: the next apply makes the rest" { sigkill_of_the_provider stalled; }
@test "SIGKILL of the provider during a stalled answer to what took effect: the next apply says what to import" { sigkill_of_the_provider stalled_after; }

@test "SIGPIPE to all while the answer arrives disturbs nobody" { sigpipe answering; }
@test "SIGPIPE to all in backoff disturbs nobody" { sigpipe backoff; }
@test "SIGPIPE to all during a stalled answer disturbs nobody" { sigpipe stalled; }
@test "SIGPIPE to all during a stalled answer to what took effect disturbs nobody" { sigpipe stalled_after; }

@test "terraform's output without a reader while the answer arrives ends the provider too" { output_closed answering; }
@test "terraform's output without a reader in backoff ends the provider too" { output_closed backoff; }
@test "terraform's output without a reader during a stalled answer ends the provider too" { output_closed stalled; }
@test "terraform's output without a reader during a stalled answer to what took effect ends the provider too" { output_closed stalled_after; }

@test "stderr without a reader while the answer arrives disturbs nobody" { stderr_closed answering; }
@test "stderr without a reader in backoff disturbs nobody" { stderr_closed backoff; }
@test "stderr without a reader during a stalled answer disturbs nobody" { stderr_closed stalled; }
@test "stderr without a reader during a stalled answer to what took effect disturbs nobody" { stderr_closed stalled_after; }

@test "a full disk under TMPDIR while the answer arrives disturbs nobody" { disk_full answering; }
@test "a full disk under TMPDIR in backoff disturbs nobody" { disk_full backoff; }
@test "a full disk under TMPDIR during a stalled answer disturbs nobody" { disk_full stalled; }
@test "a full disk under TMPDIR during a stalled answer to what took effect disturbs nobody" { disk_full stalled_after; }

@test "without a stderr from the start an apply is made" {
    with_stderr '>&-'
    configure <<<'resource "ecr_repository" "web" { name = "team/web" }'
    TF_LOG=TRACE TF_LOG_PATH=$PWD/trace.log apply
    settled
}

@test "with a full disk under TMPDIR from the start an apply is made" {
    little_disk
    export -f fill fail
    configure <<<'resource "ecr_repository" "web" { name = "team/web" }'
    in_background unshare -m bash -c 'mount -t tmpfs -o size=64k,nr_inodes=20 none "$TMPDIR"
        fill "$TMPDIR"
        terraform apply -auto-approve'
    ends_within 30
    equal "$status" 0
    settled
}
