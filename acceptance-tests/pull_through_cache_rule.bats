#!/usr/bin/env bats
# ecr_pull_through_cache_rule from create to destroy, with credentials and without.

load support/acceptance

one_rule() {
    configure <<'EOT'
resource "ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
EOT
}

# secret NAME: makes one and prints its ARN.
secret() {
    aws secretsmanager create-secret --name "ecr-pullthroughcache/$1" \
        --secret-string '{"username": "user", "accessToken": "token"}' --query ARN --output text
}

# hub CREDENTIAL_ARN
hub() {
    configure <<EOT
resource "ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = "$1"
}
EOT
}

rule() { aws ecr describe-pull-through-cache-rules --ecr-repository-prefixes "$1" --output json | jq -c ".pullThroughCacheRules[0] | $2"; }

@test "a rule is created, planned without changes, and destroyed" {
    one_rule
    plan
    equal "$(action ecr_pull_through_cache_rule.hub)" create
    equal "$(unknown ecr_pull_through_cache_rule.hub)" id,registry_id
    apply tfplan
    equal "$(body CreatePullThroughCacheRule .)" '{"ecrRepositoryPrefix":"quay","upstreamRegistryUrl":"quay.io"}'
    equal "$(state ecr_pull_through_cache_rule.hub '[.id, .registry_id, .credential_arn, .custom_role_arn, .upstream_repository_prefix]')" \
        "[\"quay\",\"$LOCAL_ECR_ACCOUNT\",null,null,null]"
    settled
    destroy
    equal "$(writes)" "CreatePullThroughCacheRule DeletePullThroughCacheRule"
}

@test "a rule for all other names has the prefix ROOT" {
    one_rule
    sed -i 's/"quay"/"ROOT"/' main.tf
    apply
    settled
    equal "$(rule ROOT .upstreamRegistryUrl)" '"quay.io"'
}

@test "a new prefix or upstream replaces the rule" {
    one_rule
    apply
    sed -i 's/"quay"/"mirror"/' main.tf
    plan
    equal "$(action ecr_pull_through_cache_rule.hub)" delete,create
    equal "$(replaced_for ecr_pull_through_cache_rule.hub)" ecr_repository_prefix
    apply tfplan
    sed -i 's/"quay.io"/"public.ecr.aws"/' main.tf
    plan
    equal "$(action ecr_pull_through_cache_rule.hub)" delete,create
    equal "$(replaced_for ecr_pull_through_cache_rule.hub)" upstream_registry_url
    apply tfplan
    equal "$(rule mirror .upstreamRegistryUrl)" '"public.ecr.aws"'
    settled
}

@test "a rule with a credential is created, and its credential changed in place" {
    local first second
    first=$(secret first)
    second=$(secret second)
    hub "$first"
    apply
    settled
    equal "$(rule docker-hub .credentialArn)" "\"$first\""
    forget_calls
    hub "$second"
    plan
    equal "$(action ecr_pull_through_cache_rule.hub)" update
    equal "$(unknown ecr_pull_through_cache_rule.hub)" ""
    apply tfplan
    equal "$(writes)" UpdatePullThroughCacheRule
    equal "$(rule docker-hub .credentialArn)" "\"$second\""
    settled
}

@test "a credential that is removed replaces the rule" {
    hub "$(secret first)"
    apply
    sed -i '/credential_arn/d' main.tf
    plan
    equal "$(action ecr_pull_through_cache_rule.hub)" delete,create
    equal "$(replaced_for ecr_pull_through_cache_rule.hub)" credential_arn
}

@test "a credential that was changed outside Terraform is seen, and put back" {
    local first second
    first=$(secret first)
    second=$(secret second)
    hub "$first"
    apply
    aws ecr update-pull-through-cache-rule --ecr-repository-prefix docker-hub --credential-arn "$second"
    plan
    equal "$(action ecr_pull_through_cache_rule.hub)" update
    apply tfplan
    equal "$(rule docker-hub .credentialArn)" "\"$first\""
    settled
}

@test "a rule that was deleted outside Terraform is planned anew" {
    one_rule
    apply
    aws ecr delete-pull-through-cache-rule --ecr-repository-prefix quay
    plan
    equal "$(action ecr_pull_through_cache_rule.hub)" create
    apply tfplan
    settled
}

@test "a rule that is gone already is destroyed without an error" {
    one_rule
    apply
    aws ecr delete-pull-through-cache-rule --ecr-repository-prefix quay
    destroy -refresh=false
}

@test "terraform import and an import block take a rule in, and the plan is empty" {
    local arn
    arn=$(secret first)
    aws ecr create-pull-through-cache-rule --ecr-repository-prefix docker-hub --upstream-registry-url registry-1.docker.io \
        --credential-arn "$arn"
    hub "$arn"
    terraform import ecr_pull_through_cache_rule.hub docker-hub
    settled
    terraform state rm ecr_pull_through_cache_rule.hub
    cat >import.tf <<'EOT'
import {
  to = ecr_pull_through_cache_rule.hub
  id = "docker-hub"
}
EOT
    plan
    equal "$(action ecr_pull_through_cache_rule.hub)" no-op
    apply tfplan
    settled
}

@test "the import of a rule that does not exist says so" {
    one_rule
    run -1 terraform import ecr_pull_through_cache_rule.hub quay
    contains "$output" "Cannot import non-existent remote object"
}

@test "rules for another ECR registry have a role and an upstream prefix" {
    configure <<'EOT'
variable "role" { default = "first" }
variable "prefix" { default = "base" }
resource "ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix      = "shared"
  upstream_registry_url      = "444455556666.dkr.ecr.eu-central-1.amazonaws.com"
  upstream_repository_prefix = var.prefix
  custom_role_arn            = var.role == "" ? null : "arn:aws:iam::123456789012:role/${var.role}"
}
EOT
    apply
    settled
    equal "$(rule shared '[.upstreamRepositoryPrefix, .customRoleArn]')" '["base","arn:aws:iam::123456789012:role/first"]'
    plan -var role=second
    equal "$(action ecr_pull_through_cache_rule.hub)" update
    apply tfplan
    equal "$(rule shared .customRoleArn)" '"arn:aws:iam::123456789012:role/second"'
    plan -var role=
    equal "$(action ecr_pull_through_cache_rule.hub)" delete,create
    equal "$(replaced_for ecr_pull_through_cache_rule.hub)" custom_role_arn
    plan -var role=second -var prefix=other
    equal "$(replaced_for ecr_pull_through_cache_rule.hub)" upstream_repository_prefix
}

@test "an upstream that needs a credential, a secret that is not there and an unknown upstream point at their attributes" {
    configure <<'EOT'
resource "ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
}
EOT
    refuses apply
    says "requires authentication"
    hub "arn:aws:secretsmanager:$AWS_REGION:$LOCAL_ECR_ACCOUNT:secret:ecr-pullthroughcache/nobody-AbCdEf"
    refuses apply
    says SecretNotFoundException
    points_at "credential_arn"
    one_rule
    sed -i 's/quay.io/registry.example.com/' main.tf
    refuses apply
    says "upstream registry"
    points_at upstream_registry_url
}

@test "a prefix that is taken is refused with a hint at import" {
    aws ecr create-pull-through-cache-rule --ecr-repository-prefix quay --upstream-registry-url quay.io
    one_rule
    refuses apply
    says PullThroughCacheRuleAlreadyExistsException
    says "terraform import"
    points_at ecr_repository_prefix
}
