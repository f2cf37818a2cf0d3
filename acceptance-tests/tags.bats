#!/usr/bin/env bats
# tags, tags_all and the provider's default_tags.

load support/acceptance

# tagged DEFAULTS TAGS: both are HCL; TAGS may be empty.
tagged() {
    configure <<EOT
provider "ecr" {
  default_tags {
    tags = $1
  }
}
resource "ecr_repository" "web" {
  name = "team/web"
  ${2:+tags = $2}
}
EOT
}

@test "default_tags and tags are merged, and tags win" {
    tagged '{ owner = "us", stage = "test" }' '{ stage = "live", app = "web" }'
    plan
    equal "$(planned ecr_repository.web .tags_all)" '{"app":"web","owner":"us","stage":"live"}'
    apply tfplan
    equal "$(tags_of team/web)" '{"app":"web","owner":"us","stage":"live"}'
    equal "$(state ecr_repository.web .tags)" '{"app":"web","stage":"live"}'
    settled
}

@test "a tag is added, changed and removed in place, and unchanged tags are not sent" {
    tagged '{}' '{ a = "1", b = "1", c = "1" }'
    apply
    forget_calls
    tagged '{}' '{ a = "1", b = "2", d = "1" }'
    plan
    equal "$(action ecr_repository.web)" update
    apply tfplan
    equal "$(writes)" "UntagResource TagResource"
    equal "$(body UntagResource .tagKeys)" '["c"]'
    equal "$(body TagResource '[.tags[].Key] | sort')" '["b","d"]'
    equal "$(tags_of team/web)" '{"a":"1","b":"2","d":"1"}'
    settled
}

@test "a change of default_tags updates the resources in place" {
    tagged '{ owner = "us" }' '{ app = "web" }'
    apply
    tagged '{ owner = "them", cost = "42" }' '{ app = "web" }'
    plan
    equal "$(action ecr_repository.web)" update
    equal "$(planned ecr_repository.web .tags_all)" '{"app":"web","cost":"42","owner":"them"}'
    apply tfplan
    equal "$(tags_of team/web)" '{"app":"web","cost":"42","owner":"them"}'
    settled
}

@test "a tag may move from tags to default_tags and back without a call to AWS" {
    tagged '{}' '{ owner = "us" }'
    apply
    forget_calls
    tagged '{ owner = "us" }' ''
    apply
    settled
    tagged '{}' '{ owner = "us" }'
    apply
    settled
    equal "$(writes)" ""
    equal "$(tags_of team/web)" '{"owner":"us"}'
}

@test "a tag that repeats a default tag stays in tags, and is no diff" {
    tagged '{ owner = "us", stage = "test" }' '{ owner = "us" }'
    apply
    settled
    equal "$(state ecr_repository.web .tags)" '{"owner":"us"}'
}

@test "a default tag that a tag overrides comes back when the tag is removed" {
    tagged '{ stage = "test" }' '{ stage = "live" }'
    apply
    tagged '{ stage = "test" }' ''
    apply
    equal "$(tags_of team/web)" '{"stage":"test"}'
    settled
}

@test "no tags, tags = {} and tags = null mean the same" {
    tagged '{}' ''
    apply
    settled
    tagged '{}' '{}'
    apply
    settled
    tagged '{}' null
    apply
    settled
    tagged '{}' '{ a = "1" }'
    apply
    tagged '{}' '{}'
    apply
    settled
    equal "$(tags_of team/web)" '{}'
}

@test "all tags are removed when tags is removed" {
    tagged '{}' '{ a = "1", b = "2" }'
    apply
    tagged '{}' ''
    plan
    equal "$(action ecr_repository.web)" update
    apply tfplan
    equal "$(tags_of team/web)" '{}'
    settled
}

@test "tags of others are seen, and removed; a changed one is put back" {
    tagged '{ owner = "us" }' '{ app = "web" }'
    apply
    aws ecr tag-resource --resource-arn "$(arn_of team/web)" --tags Key=foreign,Value=1 Key=app,Value=other Key=owner,Value=them
    run -2 terraform plan -refresh-only -detailed-exitcode
    contains "$output" foreign
    plan
    equal "$(action ecr_repository.web)" update
    apply tfplan
    equal "$(tags_of team/web)" '{"app":"web","owner":"us"}'
    settled
}

@test "a tag that was removed outside Terraform comes back" {
    tagged '{ owner = "us" }' '{ app = "web" }'
    apply
    aws ecr untag-resource --resource-arn "$(arn_of team/web)" --tag-keys app owner
    plan
    equal "$(action ecr_repository.web)" update
    apply tfplan
    equal "$(tags_of team/web)" '{"app":"web","owner":"us"}'
    settled
}

@test "a tag may be empty" {
    tagged '{ none = "" }' '{ empty = "" }'
    apply
    equal "$(tags_of team/web)" '{"empty":"","none":""}'
    settled
}

@test "a tag whose value is null is left out, and is no diff" {
    tagged '{ owner = "us", off = null }' '{ app = "web", gone = null }'
    apply
    equal "$(tags_of team/web)" '{"app":"web","owner":"us"}'
    settled
}

@test "a tag whose value is null removes nothing that a default tag sets" {
    tagged '{ owner = "us" }' '{ owner = null }'
    apply
    equal "$(tags_of team/web)" '{"owner":"us"}'
    settled
}

@test "tag values that are not known yet are planned as unknown, and applied" {
    configure <<'EOT'
provider "ecr" {
  default_tags {
    tags = { owner = "us" }
  }
}
variable "revision" { default = "1" }
resource "terraform_data" "later" { input = var.revision }
resource "ecr_repository" "web" {
  name = "team/web"
  tags = { revision = terraform_data.later.output, app = "web" }
}
EOT
    plan
    contains ",$(unknown ecr_repository.web)," ",tags_all,"
    apply tfplan
    equal "$(tags_of team/web)" '{"app":"web","owner":"us","revision":"1"}'
    settled
    plan -var revision=2
    equal "$(action ecr_repository.web)" update
    apply tfplan
    equal "$(tags_of team/web)" '{"app":"web","owner":"us","revision":"2"}'
}

@test "default tags that are not known yet do not break the plan" {
    configure <<'EOT'
resource "terraform_data" "later" { input = "us" }
provider "ecr" {
  default_tags {
    tags = { owner = terraform_data.later.output }
  }
}
resource "ecr_repository" "web" { name = "team/web" }
EOT
    apply
    equal "$(tags_of team/web)" '{"owner":"us"}'
    settled
}

@test "tags survive an import, and those that equal default tags are not repeated" {
    aws ecr create-repository --repository-name team/web --tags Key=owner,Value=us Key=app,Value=web
    tagged '{ owner = "us" }' '{ app = "web" }'
    terraform import ecr_repository.web team/web
    settled
    equal "$(state ecr_repository.web .tags)" '{"app":"web"}'
}

@test "50 tags with every character that AWS takes are kept" {
    # shellcheck disable=SC2016 # terraform's ${i}
    tagged '{}' '{ for i in range(50) : "key ${i} äöü:/=+-@_." => "value ${i} äöü:/=+-@_." }'
    apply
    equal "$(tags_of team/web | jq length)" 50
    settled
}

# Answers every call about tags as a partition without tags does.
no_tags_here() {
    export AWS_REGION=cn-north-1
    fault '{"kind": "error", "operation": "TagResource|ListTagsForResource", "times": 0, "code": "UnsupportedFeatureException", "message": "no tags"}'
    fault '{"kind": "error", "operation": "CreateRepository", "code": "UnsupportedFeatureException", "message": "no tags"}'
}

@test "where AWS knows no tags, default tags are no obstacle" {
    no_tags_here
    configure <<'EOT'
provider "ecr" {
  default_tags {
    tags = { owner = "us" }
  }
}

resource "ecr_repository" "web" {
  name = "team/web"
}
EOT
    apply
    equal "$(writes)" "CreateRepository CreateRepository TagResource"
    settled
}

@test "where AWS knows no tags, tags of a repository are an error, and the repository is not lost" {
    no_tags_here
    configure <<'EOT'
resource "ecr_repository" "web" {
  name = "team/web"
  tags = { owner = "us" }
}
EOT
    refuses apply
    says 'Cannot tag the new ECR repository'
    says 'UnsupportedFeatureException: no tags'
    equal "$(tainted ecr_repository.web)" true
}
