#!/usr/bin/env bats
# Ctrl-C where a create is not all that is going on: how fast it ends, and what the state keeps. What else can end an
# apply, in each moment of a create, is in deaths.bats.
# shellcheck disable=SC2154 # pid, status and took_ms come from in_background and ends_within

load support/acceptance

# terraform may take 2 s to end; what is above that is for a loaded machine.
END_WITHIN_MS=2500

# interrupted SIGNAL: to the whole group, as a terminal does. Says how long the end took.
interrupted() {
    kill "-$1" -- "-$pid"
    ends_within 10
    echo "# ended $took_ms ms after $1" >&3
    ((took_ms < END_WITHIN_MS)) || fail "it took $took_ms ms" "$(<output.txt)"
    nothing_runs || eventually 1 nothing_runs
}

@test "Ctrl-C while AWS does not show the new repository keeps it in the state" {
    configure <<'EOT'
resource "ecr_repository" "web" { name = "team/web" }
EOT
    fault '{"kind": "stall", "operation": "DescribeRepositories"}'
    in_background terraform apply -auto-approve
    eventually 20 no_faults_left
    interrupted INT
    equal "$(terraform state list)" ecr_repository.web
    apply
    settled
}

@test "Ctrl-C while many creates hang ends as fast" {
    configure <<'EOT'
resource "ecr_repository" "many" {
  for_each = toset([for i in range(64) : "many/${i}"])
  name     = each.key
}
EOT
    fault '{"kind": "stall", "operation": "CreateRepository", "skip": 10, "times": 54}'
    in_background terraform apply -auto-approve -parallelism=64
    eventually 20 no_faults_left
    eventually 10 made 10
    interrupted INT
    equal "$(terraform state list | wc -l)" 10
}

made() { (($(aws ecr describe-repositories --query 'length(repositories)') == $1)); }

@test "Ctrl-C while a refresh hangs ends the plan, and the state stays" {
    configure <<'EOT'
resource "ecr_repository" "web" { name = "team/web" }
EOT
    apply
    fault '{"kind": "stall", "operation": "DescribeRepositories"}'
    in_background terraform plan
    eventually 20 no_faults_left
    interrupted INT
    equal "$(terraform state list)" ecr_repository.web
    settled
}

@test "Ctrl-C while a destroy hangs keeps the repository in the state" {
    configure <<'EOT'
resource "ecr_repository" "web" { name = "team/web" }
EOT
    apply
    fault '{"kind": "stall", "operation": "DeleteRepository"}'
    in_background terraform destroy -auto-approve
    eventually 20 no_faults_left
    interrupted INT
    equal "$(terraform state list)" ecr_repository.web
    equal "$(tainted ecr_repository.web)" false
    destroy
}

@test "SIGINT to the provider alone does not disturb the apply" {
    configure <<'EOT'
resource "ecr_repository" "web" { name = "team/web" }
EOT
    fault '{"kind": "delay", "operation": "CreateRepository", "seconds": 3}'
    in_background terraform apply -auto-approve
    eventually 20 no_faults_left
    pkill -INT -f "^$PROVIDER"
    ends_within 20
    equal "$status" 0
    settled
}

# A resolver that hears and never answers, in a namespace with no other way to a name.
@test "Ctrl-C while a name is looked up ends within 2 s" {
    unshare -n -m true 2>/dev/null || skip "no namespace can be made here"
    configure <<'EOT'
provider "ecr" {
  region     = "eu-west-1"
  access_key = "AKIDEXAMPLE"
  secret_key = "secret"
}

resource "ecr_repository" "web" { name = "team/web" }
EOT
    echo 'nameserver 127.0.0.1' >resolv.conf
    cat >silent.sh <<'EOT'
ip link set lo up
mount --bind resolv.conf /etc/resolv.conf
python3 -c 'import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 53))
open("ready", "w").close()
s.recv(512)
open("asked", "w").close()
while True: s.recv(512)' &
resolver=$!
until [ -e ready ]; do sleep 0.02; done
unset HTTPS_PROXY https_proxy
env --default-signal=INT terraform apply -auto-approve
status=$?
kill "$resolver"
exit $status
EOT
    in_background unshare -n -m bash silent.sh
    eventually 20 test -e asked
    pkill -INT -g "$pid" terraform
    ends_within 10
    echo "# ended $took_ms ms after INT" >&3
    ((took_ms < END_WITHIN_MS)) || fail "it took $took_ms ms" "$(<output.txt)"
    contains "$(<output.txt)" "RequestCanceled: Terraform asked to stop"
}
