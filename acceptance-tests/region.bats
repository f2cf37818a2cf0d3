#!/usr/bin/env bats
# Objects in other regions than the provider's, and how regions are told in imports.

load support/acceptance

# The regions that operations were called in, in order, each once.
regions() { requests service=ecr | jq -r .region | uniq | paste -sd ' '; }

two_regions() {
    configure <<'EOT'
resource "ecr_repository" "here" {
  name = "team/web"
}

resource "ecr_repository" "there" {
  name   = "team/web"
  region = "us-east-1"
}

resource "ecr_lifecycle_policy" "there" {
  repository = ecr_repository.there.name
  region     = ecr_repository.there.region
  policy     = file("policy.json")
}

resource "ecr_pull_through_cache_rule" "there" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
  region                = "us-east-1"
}
EOT
    cp "$CASES/keep-ten.json" policy.json
}

@test "objects live and die in the region they name, others in the provider's" {
    two_regions
    apply
    equal "$(state ecr_repository.here .region)" '"eu-central-1"'
    equal "$(state ecr_repository.there .region)" '"us-east-1"'
    contains "$(state ecr_repository.there .repository_url)" dkr.ecr.us-east-1.amazonaws.com/team/web
    contains "$(state ecr_repository.here .repository_url)" dkr.ecr.eu-central-1.amazonaws.com/team/web
    equal "$(state ecr_lifecycle_policy.there .region)" '"us-east-1"'
    settled
    aws ecr describe-repositories --region us-east-1 --repository-names team/web >aws.json
    destroy
    must_fail aws ecr describe-repositories --region us-east-1 --repository-names team/web >aws.json
    must_fail aws ecr describe-repositories --repository-names team/web >aws.json
}

@test "tags of an object in another region are changed there" {
    configure <<'EOT'
variable "owner" {}

resource "ecr_repository" "there" {
  name   = "team/web"
  region = "us-east-1"
  tags   = { owner = var.owner }
}
EOT
    apply -var owner=us
    forget_calls
    apply -var owner=you
    equal "$(regions)" us-east-1
    equal "$(state ecr_repository.there .tags_all.owner)" '"you"'
}

@test "another region is another object, the provider's own by name is not" {
    configure <<'EOT'
variable "region" {
  default = null
}

resource "ecr_repository" "web" {
  name   = "team/web"
  region = var.region
}
EOT
    apply
    plan -var region=eu-central-1
    equal "$(action ecr_repository.web)" no-op
    plan -var region=us-east-1
    equal "$(action ecr_repository.web)" delete,create
    equal "$(replaced_for ecr_repository.web)" region
    apply tfplan
    must_fail aws ecr describe-repositories --repository-names team/web >aws.json
    aws ecr describe-repositories --region us-east-1 --repository-names team/web >aws.json
    settled -var region=us-east-1
}

@test "without a region of its own an object follows the provider's" {
    configure <<'EOT'
variable "region" {
  default = "eu-central-1"
}

provider "ecr" {
  region = var.region
}

resource "ecr_repository" "web" {
  name = "team/web"
}
EOT
    apply
    plan -var region=us-east-1
    equal "$(action ecr_repository.web)" delete,create
    equal "$(replaced_for ecr_repository.web)" region
}

@test "state of before there was a region is no change, whether it is refreshed or not" {
    two_regions
    apply -target ecr_repository.here
    jq '.serial += 1 | del(.resources[].instances[].attributes.region)' terraform.tfstate >old.json
    mv old.json terraform.tfstate
    settled -target ecr_repository.here
    terraform plan -refresh=false -detailed-exitcode -target ecr_repository.here
}

@test "a region of another partition, of none, and one that cannot be are refused" {
    configure <<'EOT'
variable "region" {}

resource "ecr_repository" "web" {
  name   = "team/web"
  region = var.region
}
EOT
    refuses plan -var region=cn-north-1
    says 'region is "cn-north-1", which is in partition aws-cn. It must be in partition aws'
    points_at 'region = var.region'
    refuses plan -var region=xx-moon-1
    says 'is no region that AWS has'
    refuses plan -var region=$'us-east-1\n'
    says 'region must be an AWS region'
    refuses plan -var region=US-EAST-1
    says 'region must be an AWS region'
    nothing_was_asked
}

@test "an import takes the region behind the name" {
    two_regions
    apply
    terraform state rm ecr_repository.there ecr_lifecycle_policy.there ecr_pull_through_cache_rule.there
    terraform import ecr_repository.there team/web@us-east-1
    terraform import ecr_lifecycle_policy.there team/web@us-east-1
    terraform import ecr_pull_through_cache_rule.there quay@us-east-1
    equal "$(state ecr_repository.there .region)" '"us-east-1"'
    equal "$(state ecr_repository.there .id)" '"team/web"'
    forget_calls
    apply # an import records no dependencies
    equal "$(writes)" ""
    settled
}

@test "an import without a region is in the provider's" {
    two_regions
    apply
    terraform state rm ecr_repository.here
    terraform import ecr_repository.here team/web
    equal "$(state ecr_repository.here .region)" '"eu-central-1"'
    settled
}

@test "an import of a region that cannot be, or of nothing in that region, says so" {
    two_regions
    run terraform import ecr_repository.here team/web@mars
    equal "$status" 1
    contains "$output" '"mars" is no region: it must be an AWS region, such as "eu-west-1".'
    run terraform import ecr_repository.here @us-east-1
    equal "$status" 1
    contains "$output" 'is no name'
    run terraform import ecr_repository.here team/web@us-west-2
    equal "$status" 1
    contains "$output" 'Cannot import non-existent remote object'
}
