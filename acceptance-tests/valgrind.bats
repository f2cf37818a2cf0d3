#!/usr/bin/env bats
# The provider under valgrind.
# shellcheck disable=SC2154 # pid comes from in_background

load support/acceptance

setup() {
    start_test
    mkdir valgrind
    mv "$PROVIDER" "$PROVIDER.real"
    cat >"$PROVIDER" <<EOT
#!/bin/sh
exec valgrind --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \\
    --log-file="$PWD/valgrind/%p.log" "$PROVIDER.real" "\$@"
EOT
    chmod +x "$PROVIDER"
    configure <<'EOT'
variable "mutability" { default = "MUTABLE" }
provider "ecr" {
  default_tags {
    tags = { owner = "us" }
  }
}
resource "ecr_repository" "web" {
  name                 = "team/web"
  image_tag_mutability = var.mutability
  tags                 = { app = "web" }
  image_scanning_configuration { scan_on_push = true }
}
resource "ecr_lifecycle_policy" "web" {
  repository = ecr_repository.web.name
  policy     = file("policy.json")
}
resource "ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
EOT
    cp "$CASES/keep-ten.json" policy.json
}

teardown() {
    mv "$PROVIDER.real" "$PROVIDER"
    finish_test
}

# checked PROCESSES: as many have run and ended by themselves, without an error and without a lost byte.
checked() {
    equal "$(grep -l 'ERROR SUMMARY: 0 errors' valgrind/*.log | wc -l)" "$1" || fail "$(cat valgrind/*.log)"
    equal "$(find valgrind -name '*.log' | wc -l)" "$1"
    lacks "$(grep -h 'definitely lost:' valgrind/*.log | grep -v ' 0 bytes')" lost
}

# One process for all commands, since each takes seconds to start under valgrind.
@test "valgrind finds no error and no lost byte in create, retry, refresh, failed update, update and destroy" {
    command -v valgrind >/dev/null || skip "valgrind is not installed"
    in_background "$PROVIDER" --debug
    eventually 30 grep -q '^TF_REATTACH_PROVIDERS=' output.txt
    # shellcheck source=/dev/null
    source <(grep '^TF_REATTACH_PROVIDERS=' output.txt)
    export TF_REATTACH_PROVIDERS

    fault '{"kind": "error", "operation": "CreateRepository", "status": 500, "code": "ServerException"}'
    fault '{"kind": "drop", "operation": "CreatePullThroughCacheRule", "how": "rst"}'
    apply
    settled
    fault '{"kind": "error", "operation": "PutImageTagMutability", "code": "ValidationException", "message": "not now"}'
    refuses apply -var mutability=IMMUTABLE
    apply -var mutability=IMMUTABLE
    refuses plan -var mutability=SOMETIMES
    destroy -var mutability=IMMUTABLE
    terraform import ecr_repository.web Team/Web || true
    kill -INT "$pid"
    ends_within 20
    checked 1
}

@test "valgrind finds no error and no lost byte when terraform starts the provider, with TLS" {
    command -v valgrind >/dev/null || skip "valgrind is not installed"
    terraform validate
    checked 2
}
