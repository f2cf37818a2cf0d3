#!/usr/bin/env bats
# The provider as a program and as a plugin: by hand, under a debugger, in odd temporary directories, with large messages.
# shellcheck disable=SC2154 # pid, lines, status and output: from in_background and run

load support/acceptance

one_repository() {
    configure <<'EOT'
resource "ecr_repository" "web" { name = "team/web" }
EOT
}

@test "run by hand it says what it is and how to use it, and exits with 1" {
    "$PROVIDER" >out.txt 2>err.txt && fail "it must not succeed"
    equal "$?" 1
    equal "$(<out.txt)" ""
    contains "$(<err.txt)" 'ecr = { source = "aws-labs/ecr" }'
    contains "$(<err.txt)" "$(<"$TOP/VERSION")"
    TF_PLUGIN_MAGIC_COOKIE=wrong run -1 --separate-stderr "$PROVIDER"
    equal "$output" ""
}

@test "with too few files to open, and with files that may hold nothing, it ends with one line" {
    export TF_PLUGIN_MAGIC_COOKIE=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2
    # shellcheck disable=SC2016 # for the other shell
    run -1 bash -c 'ulimit -n 12; exec "$0"' "$PROVIDER"
    equal "${#lines[@]}" 1
    contains "$output" "see ulimit -n"
    # shellcheck disable=SC2016 # for the other shell
    run -1 bash -c 'ulimit -f 0; exec "$0" >line.txt' "$PROVIDER"
    equal "$output" "terraform-provider-ecr: cannot write to stdout where this process listens"
    no_sockets
}

@test "a setting of gRPC's that it does not know is no obstacle" {
    export GRPC_POLL_STRATEGY=bogus
    one_repository
    apply
    destroy
}

@test "--version prints the version, and unknown arguments are named" {
    run -0 "$PROVIDER" --version
    equal "$output" "terraform-provider-ecr $(<"$TOP/VERSION")"
    # shellcheck disable=SC2016 # for the other shell
    run -1 bash -c '"$0" --version >/dev/full' "$PROVIDER"
    run -1 "$PROVIDER" --docs ""
    run -1 "$PROVIDER" --verbose
    contains "$output" 'unknown arguments, beginning with "--verbose"'
    run -1 "$PROVIDER" --version please
    contains "$output" "unknown arguments"
}

@test "asked for protocol 5 only, it still announces protocol 6, and without a client certificate no TLS" {
    local cookie=d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2
    run -137 timeout -s KILL 1 env TF_PLUGIN_MAGIC_COOKIE=$cookie PLUGIN_PROTOCOL_VERSIONS=5 "$PROVIDER" </dev/null
    [[ ${lines[0]} =~ ^1\|6\|unix\|$TMPDIR/terraform-provider-ecr-[A-Za-z0-9]+/plugin\|grpc\|$ ]] || fail "$output"
    rm -r "$TMPDIR"/terraform-provider-ecr-* # it was killed
}

@test "under --debug terraform uses the running process, for two runs, and Ctrl-C ends it" {
    in_background "$PROVIDER" --debug
    eventually 5 grep -q '^TF_REATTACH_PROVIDERS=' output.txt
    local debugged=$pid
    # shellcheck source=/dev/null
    source <(grep '^TF_REATTACH_PROVIDERS=' output.txt)
    export TF_REATTACH_PROVIDERS
    unset TF_CLI_CONFIG_FILE
    equal "$(jq -r 'keys[]' <<<"$TF_REATTACH_PROVIDERS")" "$ADDRESS"
    one_repository
    apply
    settled
    configure <<'EOT'
resource "ecr_repository" "web" {
  name = "team/web"
  tags = { owner = "us" }
}
EOT
    apply
    settled
    destroy
    equal "$(pgrep -f "^$PROVIDER" | paste -sd ' ')" "$debugged"
    kill -INT "$debugged"
    eventually 2 gone "$debugged"
    no_sockets
}

@test "under --debug a terminal that is closed ends it, and no socket is left" {
    in_background "$PROVIDER" --debug
    eventually 5 grep -q '^TF_REATTACH_PROVIDERS=' output.txt
    kill -HUP "$pid"
    ends_within 2
    equal "$status" 0
    no_sockets
}

@test "under --debug a run that was interrupted does not stop the next one" {
    in_background "$PROVIDER" --debug
    eventually 5 grep -q '^TF_REATTACH_PROVIDERS=' output.txt
    local debugged=$pid
    # shellcheck source=/dev/null
    source <(grep '^TF_REATTACH_PROVIDERS=' output.txt)
    export TF_REATTACH_PROVIDERS
    one_repository
    fault '{"kind": "stall", "operation": "CreateRepository"}'
    in_background terraform apply -auto-approve
    eventually 20 no_faults_left
    kill -INT "$pid"
    ends_within 10
    equal "$status" 1
    apply
    settled
    kill -INT "$debugged"
    eventually 2 gone "$debugged"
}

@test "a TMPDIR that is too long for a socket, one that cannot be written to, and one that is not there are no obstacle" {
    one_repository
    local long
    long=$TMPDIR/$(printf 'a%.0s' {1..100})
    mkdir "$long"
    TMPDIR=$long apply
    equal "$(find "$long" -mindepth 1)" ""

    TMPDIR=/proc apply # nobody can make a file there, not even root
    TMPDIR=$long/not-there terraform plan -detailed-exitcode
    TMPDIR='' terraform plan -detailed-exitcode
    rm -r "$long"
    equal "$(find /tmp -maxdepth 1 -name 'terraform-provider-ecr-*' -newer main.tf)" ""
}

@test "without TLS between terraform and the provider everything works, too" {
    one_repository
    TF_DISABLE_PLUGIN_TLS=1 apply
    TF_DISABLE_PLUGIN_TLS=1 settled
}

@test "terraform reads the whole schema" {
    one_repository
    terraform providers schema -json >schema.json
    equal "$(jq -r '.provider_schemas | keys[]' schema.json)" "$ADDRESS"
    equal "$(jq -r --arg a "$ADDRESS" '.provider_schemas[$a].resource_schemas | keys | join(" ")' schema.json)" \
        "aws_ecr_lifecycle_policy aws_ecr_pull_through_cache_rule aws_ecr_repository ecr_lifecycle_policy ecr_pull_through_cache_rule ecr_repository"
    # Everything is documented but the endpoints of services that are only put up with, and what is secret is marked.
    jq -e --arg a "$ADDRESS" '[.provider_schemas[$a] | del(.provider.block.block_types.endpoints) | .. | .attributes? // empty | .[] | .description // ""] | all(. != "")' schema.json
    equal "$(jq -c --arg a "$ADDRESS" '.provider_schemas[$a].provider.block.attributes | map_values(select(.sensitive)) | keys' schema.json)" \
        '["secret_key","token"]'
}

# asks_once COMMAND…: terraform starts several processes for a command, and one of them tells the schema.
asks_once() {
    rm -f trace.log
    TF_LOG=trace TF_LOG_PATH=trace.log terraform "$@"
    equal "$(grep -c 'GRPCProvider.v6: GetProviderSchema' trace.log)" 1
    grep -q 'returning cached schema' trace.log || fail "terraform needs the schema more than once"
}

@test "terraform asks for the schema once a command" {
    one_repository
    asks_once validate
    asks_once plan -out=tfplan
    asks_once apply tfplan
    asks_once plan -detailed-exitcode
    asks_once destroy -auto-approve
}

@test "messages of many megabytes pass: a policy of 8 MB is an error of its own, not a broken connection" {
    configure <<'EOT'
resource "ecr_repository" "web" { name = "team/web" }
resource "ecr_lifecycle_policy" "web" {
  repository = ecr_repository.web.name
  policy     = file("policy.json")
}
EOT
    jq --arg text "$(printf 'x%.0s' {1..80000})" -n \
        '{rules: [range(100) | {rulePriority: (. + 1), description: $text, selection: {tagStatus: "any", countType: "imageCountMoreThan", countNumber: 1}, action: {type: "expire"}}]}' >policy.json
    (($(stat -c %s policy.json) > 8000000))
    refuses apply
    lacks "$(<answer.json)" "Plugin did not respond"
    says policy
    points_at 'policy     = file("policy.json")'
    nothing_was_asked
}

@test "tags of 8 MB go to AWS and its refusal comes back" {
    expect_refusals # longer than the API allows
    configure <<'EOT'
resource "ecr_repository" "web" {
  name = "team/web"
  tags = { long = file("tag.txt") }
}
EOT
    head -c 8000000 /dev/zero | tr '\0' x >tag.txt
    refuses apply
    lacks "$(<answer.json)" "Plugin did not respond"
    says tag
    equal "$(calls CreateRepository)" 1
    equal "$(terraform state list)" ""
}

@test "configuration for hashicorp/aws's names runs with this provider" {
    cat >versions.tf <<'EOT'
terraform {
  required_providers {
    aws = { source = "aws-labs/ecr" }
  }
}
EOT
    configure <<'EOT'
provider "aws" {
  region = "eu-west-1"
  default_tags {
    tags = { owner = "us" }
  }
}
resource "aws_ecr_repository" "web" {
  name                 = "team/web"
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration {
    scan_on_push = true
  }
}
resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy     = file("policy.json")
}
resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
EOT
    cp "$CASES/keep-ten.json" policy.json
    apply
    settled
    equal "$(state aws_ecr_repository.web .tags_all)" '{"owner":"us"}'
    destroy
}

@test "two configurations of the provider serve two regions and two accounts in one run" {
    credential '{"access_key_id": "AKIAOTHERACCOUNT", "secret_access_key": "other", "account": "222222222222"}'
    printf '[profile other]\naws_access_key_id = AKIAOTHERACCOUNT\naws_secret_access_key = other\nregion = eu-west-1\n' >config
    configure <<'EOT'
provider "ecr" { region = "eu-central-1" }
provider "ecr" {
  alias  = "ireland"
  region = "eu-west-1"
}
provider "ecr" {
  alias   = "other"
  profile = "other"
}
resource "ecr_repository" "here" { name = "team/web" }
resource "ecr_repository" "there" {
  provider = ecr.ireland
  name     = "team/web"
}
resource "ecr_repository" "other" {
  provider = ecr.other
  name     = "team/web"
}
output "arns" {
  value = [ecr_repository.here.arn, ecr_repository.there.arn, ecr_repository.other.arn]
}
EOT
    unset AWS_REGION AWS_DEFAULT_REGION
    export AWS_CONFIG_FILE=$PWD/config
    apply
    equal "$(terraform output -json arns)" "$(jq -nc '["arn:aws:ecr:eu-central-1:123456789012:repository/team/web",
        "arn:aws:ecr:eu-west-1:123456789012:repository/team/web", "arn:aws:ecr:eu-west-1:222222222222:repository/team/web"]')"
    settled
    destroy
}

@test "modules with for_each and count, and provider configurations passed to them, work" {
    mkdir registry
    cat >registry/main.tf <<'EOT'
terraform {
  required_providers {
    ecr = {
      source                = "aws-labs/ecr"
      configuration_aliases = [ecr.main]
    }
  }
}
variable "name" { type = string }
resource "ecr_repository" "this" {
  provider = ecr.main
  count    = 2
  name     = "${var.name}/${count.index}"
}
output "urls" { value = ecr_repository.this[*].repository_url }
EOT
    configure <<'EOT'
provider "ecr" {
  alias  = "ireland"
  region = "eu-west-1"
}
module "registry" {
  source    = "./registry"
  for_each  = toset(["one", "two"])
  name      = each.key
  providers = { ecr.main = ecr.ireland }
}
output "urls" { value = flatten([for m in module.registry : m.urls]) }
EOT
    use_mirror
    terraform init
    apply
    equal "$(terraform output -json urls | jq 'unique | length')" 4
    settled
}

@test "an answer in plan, apply and destroy comes with no warning" {
    one_repository
    use_mirror
    terraform init
    terraform validate -json >validate.json
    equal "$(jq -c '[.valid, .warning_count]' validate.json)" '[true,0]'
    apply >output.txt 2>&1
    lacks "$(<output.txt)" Warning
    TF_LOG=WARN TF_LOG_PATH=log.txt terraform plan
    # terraform logs what a provider does against the rules, even where it puts up with it.
    lacks "$(cat log.txt)" "unexpected"
    lacks "$(cat log.txt)" "failed to exit gracefully"
    lacks "$(cat log.txt)" "invalid plan"
}

@test "requests keep their connection" {
    configure <<'EOT'
resource "ecr_repository" "many" {
  for_each = toset([for i in range(12) : "many/${i}"])
  name     = each.key
}
EOT
    apply -parallelism=1
    forget_calls
    terraform plan -parallelism=1
    (($(requests service=ecr | jq .connection | sort -u | wc -l) < $(requests service=ecr | wc -l))) ||
        fail "each request has a connection of its own"
}
