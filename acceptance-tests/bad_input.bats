#!/usr/bin/env bats
# What the provider can tell before AWS is asked: each complaint names its attribute, and no request is made.

load support/acceptance

# refused_repository ARGUMENTS…: each a line of the resource's body. Refused by validate and by plan, without a request.
refused_repository() {
    { printf 'resource "ecr_repository" "web" {\n' && printf '  %s\n' "$@" && printf '}\n'; } | configure
    refuses validate
    refuses plan
    nothing_was_asked
}

provider() {
    { printf 'provider "ecr" {\n' && printf '  %s\n' "$@" && printf '}\nresource "ecr_repository" "web" { name = "team/web" }\n'; } | configure
}

@test "a name that AWS would refuse is refused by validate" {
    local name
    for name in A Team/web team//web /team team/ -team team_ team..web 'team web' a täm "$(printf 'a%.0s' {1..257})"; do
        refused_repository "name = \"$name\""
        says "Invalid name"
        points_at "name = \"${name:0:20}"
    done
}

@test "names that AWS takes are taken" {
    configure <<EOT
resource "ecr_repository" "web" {
  for_each = toset(["ab", "0/1", "a__b", "a--b", "a---b.c/d_e", "$(printf 'a%.0s' {1..256})"])
  name     = each.key
}
EOT
    apply
    equal "$(calls CreateRepository)" 6
}

@test "a name that becomes known only at apply is refused by AWS's rules, without a crash" {
    configure <<'EOT'
resource "terraform_data" "later" { input = "Team Web" }
resource "ecr_repository" "web" { name = terraform_data.later.output }
EOT
    refuses apply
    says "name"
    points_at "name = terraform_data.later.output"
    equal "$(calls CreateRepository)" 0
}

@test "a missing or null name is refused" {
    refused_repository ''
    says 'argument "name" is required'
    refused_repository 'name = null'
    says "name must be set"
    points_at "name = null"
}

@test "an unknown tag mutability is refused, and the four that exist are named" {
    refused_repository 'name = "web"' 'image_tag_mutability = "SOMETIMES"'
    says '"MUTABLE", "IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION" or "MUTABLE_WITH_EXCLUSION"'
    points_at 'image_tag_mutability = "SOMETIMES"'
}

@test "exclusion filters and the tag mutability must agree" {
    refused_repository 'name = "web"' 'image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"'
    says "at least one image_tag_mutability_exclusion_filter"
    points_at 'image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"'

    local filter=('image_tag_mutability_exclusion_filter {' '  filter = "a"' '  filter_type = "WILDCARD"' '}')
    refused_repository 'name = "web"' "${filter[@]}"
    says "image_tag_mutability_exclusion_filter needs image_tag_mutability"
    refused_repository 'name = "web"' 'image_tag_mutability = "IMMUTABLE"' "${filter[@]}"
    says "It is IMMUTABLE"
}

@test "an exclusion filter is checked as AWS checks it" {
    local with='image_tag_mutability = "MUTABLE_WITH_EXCLUSION"' filter
    for filter in '' 'a b' 'a/b' '*a*b*' "$(printf 'a%.0s' {1..129})"; do
        refused_repository 'name = "web"' "$with" 'image_tag_mutability_exclusion_filter {' \
            "filter = \"$filter\"" 'filter_type = "WILDCARD"' '}'
        points_at "filter = \"${filter:0:20}"
    done
    refused_repository 'name = "web"' "$with" 'image_tag_mutability_exclusion_filter {' 'filter = "a"' 'filter_type = "REGEX"' '}'
    says "filter_type must be \"WILDCARD\""
    points_at 'filter_type = "REGEX"'
    refused_repository 'name = "web"' "$with" 'image_tag_mutability_exclusion_filter {' 'filter = "a"' '}'
    says 'argument "filter_type" is required'
}

@test "there can be five exclusion filters, one encryption block and one scanning block" {
    local blocks=() i
    for i in 1 2 3 4 5 6; do
        blocks+=('image_tag_mutability_exclusion_filter {' "filter = \"a$i\"" 'filter_type = "WILDCARD"' '}')
    done
    refused_repository 'name = "web"' 'image_tag_mutability = "MUTABLE_WITH_EXCLUSION"' "${blocks[@]}"
    says "image_tag_mutability_exclusion_filter"
    says 5
    refused_repository 'name = "web"' 'encryption_configuration {}' 'encryption_configuration {}'
    says "There are 2 encryption_configuration blocks, and there can be at most 1"
    refused_repository 'name = "web"' 'image_scanning_configuration { scan_on_push = true }' 'image_scanning_configuration { scan_on_push = true }'
    says "There are 2 image_scanning_configuration blocks, and there can be at most 1"
    refused_repository 'name = "web"' 'timeouts {}' 'timeouts {}'
    says timeouts
}

@test "encryption is checked: the type, and a key without KMS" {
    refused_repository 'name = "web"' 'encryption_configuration { encryption_type = "ROT13" }'
    says '"AES256", "KMS" or "KMS_DSSE"'
    points_at ROT13
    refused_repository 'name = "web"' 'encryption_configuration {' 'encryption_type = "AES256"' 'kms_key = "arn:aws:kms:eu-central-1:123456789012:key/a"' '}'
    says "kms_key needs encryption_type to be KMS or KMS_DSSE"
    points_at 'kms_key = "arn:aws:kms'
    refused_repository 'name = "web"' 'encryption_configuration { kms_key = "arn:aws:kms:eu-central-1:123456789012:key/a" }'
    says "kms_key needs encryption_type to be KMS or KMS_DSSE"
}

@test "an empty scanning block is refused" {
    refused_repository 'name = "web"' 'image_scanning_configuration {}'
    says "scan_on_push must be set"
}

@test "a wrong timeouts.delete is refused with examples" {
    local delete
    for delete in '' soon 10 10x -5m 1.5h; do
        refused_repository 'name = "web"' "timeouts { delete = \"$delete\" }"
        says "delete must be a duration such as"
        points_at "delete = \"$delete\""
    done
    refused_repository 'name = "web"' 'timeouts { create = "5m" }'
    says 'argument named "create" is not expected'
}

@test "an argument that does not exist and one of the wrong type are refused" {
    refused_repository 'name = "web"' 'colour = "red"'
    says 'argument named "colour" is not expected'
    refused_repository 'name = "web"' 'force_delete = "perhaps"'
    says force_delete
    refused_repository 'name = "web"' 'tags = "a"'
    says tags
    refused_repository 'name = "web"' 'arn = "arn:aws:ecr:eu-central-1:123456789012:repository/web"'
    says "AWS sets arn"
    points_at 'arn = "arn:aws'
}

@test "a policy that is no JSON is refused by validate, with the place of the fault" {
    configure <<'EOT'
resource "ecr_lifecycle_policy" "web" {
  repository = "team/web"
  policy     = "{\"rules\": [}"
}
EOT
    refuses validate
    says "policy must be valid JSON; the fault is at line 1, column"
    points_at "policy ="
    refuses plan
    sed -i 's/policy .*/policy = ""/' main.tf
    refuses validate
    says "policy must be valid JSON"
    nothing_was_asked
}

@test "the repository of a policy is a name, not a URL or an ARN" {
    local repository
    for repository in 123456789012.dkr.ecr.eu-central-1.amazonaws.com/Team/web:1 arn:aws:ecr:eu-central-1:123456789012:repository/web; do
        configure <<EOT
resource "ecr_lifecycle_policy" "web" {
  repository = "$repository"
  policy     = "{}"
}
EOT
        refuses validate
        says "not its URL or ARN"
        points_at "repository = \"$repository"
    done
    nothing_was_asked
}

@test "the arguments of a pull through cache rule are checked by validate" {
    # refused_rule ATTRIBUTE VALUE
    refused_rule() {
        configure <<EOT
resource "ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "hub"
  upstream_registry_url = "quay.io"
  $1 = "$2"
}
EOT
        [[ $1 != ecr_repository_prefix ]] || sed -i '/prefix = "hub"/d' main.tf
        [[ $1 != upstream_registry_url ]] || sed -i '/"quay.io"/d' main.tf
        refuses validate
        points_at "$1 = \"$2\""
    }
    refused_rule ecr_repository_prefix Hub
    refused_rule ecr_repository_prefix a
    refused_rule ecr_repository_prefix a-prefix-with-more-than-thirty-characters
    refused_rule ecr_repository_prefix hub//x
    refused_rule upstream_registry_url ''
    refused_rule credential_arn 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:other/hub'
    says "ecr-pullthroughcache/"
    refused_rule credential_arn hub
    refused_rule custom_role_arn ecr-pull
    says "must be an ARN"
    refused_rule upstream_repository_prefix Base
    nothing_was_asked
}

@test "an import id that cannot be right says what is expected" {
    configure <<'EOT'
resource "ecr_repository" "web" { name = "team/web" }
resource "ecr_lifecycle_policy" "web" {
  repository = "team/web"
  policy     = "{}"
}
resource "ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "hub"
  upstream_registry_url = "quay.io"
}
EOT
    run -1 terraform import ecr_repository.web arn:aws:ecr:eu-central-1:123456789012:repository/web
    contains "$output" "Invalid import ID"
    contains "$output" "Import ecr_repository by the repository's name"
    run -1 terraform import ecr_lifecycle_policy.web 'Team Web'
    contains "$output" "Import ecr_lifecycle_policy by the repository's name"
    run -1 terraform import ecr_pull_through_cache_rule.hub 'UPPER'
    contains "$output" "by the repository prefix"
    nothing_was_asked
}

# ---- The provider block and the environment ----

@test "a missing, an empty and a wrong region are errors that say where it is looked for" {
    unset AWS_REGION AWS_DEFAULT_REGION
    provider
    refuses plan
    says "No AWS region is configured"
    says "AWS_REGION and AWS_DEFAULT_REGION"

    export AWS_REGION=$'\x20'
    refuses plan
    says "No AWS region is configured"

    unset AWS_REGION
    provider 'region = ""'
    refuses plan
    says "region"
    points_at 'region = ""'

    local region
    for region in Frankfurt eu-central eu_central_1 eu-central-1a 'eu-central-1.example.com/' xx-nowhere-1; do
        provider "region = \"$region\""
        refuses plan
        says "\"$region\" (from the argument region) is no AWS region"
        points_at "region = \"$region\""
    done
    provider
    AWS_REGION=Frankfurt refuses plan
    says '"Frankfurt" (from AWS_REGION) is no AWS region'
    nothing_was_asked
}

@test "missing credentials are an error that lists the sources tried" {
    unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
    provider
    refuses plan
    says "No valid credential sources found"
    says "provider block: access_key and secret_key are not set"
    says "environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set"
    says "shared files: there is no profile \"default\""
    nothing_was_asked
}

@test "half a pair of keys is an error that names the other half" {
    provider 'access_key = "AKIAEXAMPLE"'
    refuses validate
    says "access_key is set without secret_key"
    refuses plan
    provider 'secret_key = "a-secret"'
    refuses validate
    says "secret_key is set without access_key"
    lacks "$(<answer.json)" a-secret

    provider
    AWS_ACCESS_KEY_ID='' refuses plan
    says "AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not"
    AWS_SECRET_ACCESS_KEY='' refuses plan
    says "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not"
    nothing_was_asked
}

@test "an unknown profile is an error that says where it was looked for" {
    provider 'profile = "nobody"'
    refuses plan
    says 'profile "nobody", named by the argument profile'
    says "$AWS_CONFIG_FILE"
    points_at 'profile = "nobody"'
    provider
    AWS_PROFILE=nobody refuses plan
    says 'profile "nobody", named by the environment (AWS_PROFILE)'
    nothing_was_asked
}

@test "a broken shared file is an error with its line" {
    printf '[default]\nregion = eu-west-1\n[profile x\n' >config
    provider
    AWS_CONFIG_FILE=$PWD/config refuses plan
    says "$PWD/config, line 3"
    nothing_was_asked
}

@test "a wrong endpoint, too many default_tags blocks and an unreadable CA bundle are errors" {
    provider 'endpoints {' 'ecr = "ecr.example.com"' '}'
    refuses validate
    says "ecr must be a URL"
    says 'It is "ecr.example.com"'
    points_at 'provider "ecr" {'
    provider 'default_tags {}' 'default_tags {}'
    refuses validate
    says default_tags
    provider
    AWS_CA_BUNDLE=/nowhere/ca.pem refuses plan
    says "AWS_CA_BUNDLE names /nowhere/ca.pem"
    nothing_was_asked
}

@test "a region that is not known before apply is a clear error, and works with -target" {
    configure <<'EOT'
resource "terraform_data" "region" { input = "eu-west-1" }
provider "ecr" { region = terraform_data.region.output }
resource "ecr_repository" "web" { name = "team/web" }
EOT
    apply -target=terraform_data.region
    apply
    equal "$(state ecr_repository.web .arn)" '"arn:aws:ecr:eu-west-1:123456789012:repository/team/web"'
    terraform apply -auto-approve -replace=terraform_data.region -target=terraform_data.region

    # Now the repository must be read, or planned to be made, with a region that is not known.
    if terraform plan -replace=terraform_data.region >output.txt 2>&1; then
        contains "$(<output.txt)" "Plan:"
    else
        contains "$(<output.txt)" "values that are not known yet"
    fi
    lacks "$(<output.txt)" crash
}

@test "a create with a region that is not known before apply works in one apply" {
    configure <<'EOT'
resource "terraform_data" "region" { input = "eu-west-1" }
provider "ecr" { region = terraform_data.region.output }
resource "ecr_repository" "web" { name = "team/web" }
EOT
    apply
    equal "$(state ecr_repository.web .arn)" '"arn:aws:ecr:eu-west-1:123456789012:repository/team/web"'
    settled
}
