#!/usr/bin/env bats
# ecr_repository from create to destroy. Its variants are in repository_variants.bats, its tags in tags.bats.

load support/acceptance

one_repository() {
    configure <<'EOT'
resource "ecr_repository" "web" {
  name = "team/web"
}
EOT
}

@test "a repository is created, planned without changes, and destroyed" {
    one_repository
    plan
    equal "$(action ecr_repository.web)" create
    equal "$(unknown ecr_repository.web)" arn,id,registry_id,repository_url
    apply tfplan
    equal "$(writes)" CreateRepository
    equal "$(body CreateRepository 'keys | sort')" '["imageTagMutability","repositoryName"]'
    settled

    destroy
    equal "$(writes)" "CreateRepository DeleteRepository"
    equal "$(aws ecr describe-repositories --query 'length(repositories)')" 0
    equal "$(terraform show -json | jq -c '.values // {}')" '{}'
}

@test "what AWS made is in the state" {
    one_repository
    apply
    equal "$(state ecr_repository.web .id)" '"team/web"'
    equal "$(state ecr_repository.web .arn)" "\"$(arn_of team/web)\""
    equal "$(state ecr_repository.web .registry_id)" "\"$LOCAL_ECR_ACCOUNT\""
    equal "$(state ecr_repository.web .repository_url)" "\"$(repository team/web .repositoryUri | jq -r .)\""
    equal "$(state ecr_repository.web .repository_url)" "\"$LOCAL_ECR_ACCOUNT.dkr.ecr.$AWS_REGION.amazonaws.com/team/web\""
    equal "$(state ecr_repository.web .image_tag_mutability)" '"MUTABLE"'
    equal "$(state ecr_repository.web .encryption_configuration[0].encryption_type)" '"AES256"'
    equal "$(state ecr_repository.web .image_scanning_configuration)" '[{"scan_on_push":false}]'
    equal "$(state ecr_repository.web '[.tags, .tags_all, .force_delete, .timeouts]')" '[null,{},null,null]'
}

@test "a saved plan is applied as it was planned, and only once" {
    one_repository
    plan
    apply tfplan
    refuses apply tfplan
    says "Saved plan is stale"
}

@test "a new name replaces the repository" {
    one_repository
    apply
    sed -i 's|team/web|team/api|' main.tf
    plan
    equal "$(action ecr_repository.web)" delete,create
    equal "$(replaced_for ecr_repository.web)" name
    apply tfplan
    equal "$(aws ecr describe-repositories --query 'repositories[].repositoryName' --output text)" team/api
    settled
}

@test "create_before_destroy replaces a repository the other way round" {
    configure <<'EOT'
variable "name" { default = "team/web" }
resource "ecr_repository" "web" {
  name = var.name
  lifecycle { create_before_destroy = true }
}
resource "ecr_lifecycle_policy" "web" {
  repository = ecr_repository.web.name
  policy     = file("policy.json")
}
EOT
    cp "$CASES/keep-ten.json" policy.json
    apply
    plan -var name=team/api
    equal "$(action ecr_repository.web)" create,delete
    apply tfplan
    settled -var name=team/api
    equal "$(aws ecr describe-repositories --query 'repositories[].repositoryName' --output text)" team/api
}

@test "every attribute that AWS can change is updated in place, all of them in one apply" {
    one_repository
    apply
    forget_calls
    configure <<'EOT'
resource "ecr_repository" "web" {
  name                 = "team/web"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = true
  tags                 = { owner = "us" }
  image_scanning_configuration {
    scan_on_push = true
  }
  timeouts {
    delete = "5m"
  }
}
EOT
    plan
    equal "$(action ecr_repository.web)" update
    equal "$(replaced_for ecr_repository.web)" ""
    equal "$(unknown ecr_repository.web)" ""
    apply tfplan
    equal "$(writes)" "TagResource PutImageTagMutability PutImageScanningConfiguration"
    equal "$(repository team/web '[.imageTagMutability, .imageScanningConfiguration.scanOnPush]')" '["IMMUTABLE",true]'
    settled
}

@test "force_delete and timeouts are changed in place without a call to AWS" {
    one_repository
    apply
    forget_calls
    configure <<'EOT'
resource "ecr_repository" "web" {
  name         = "team/web"
  force_delete = true
  timeouts { delete = "90s" }
}
EOT
    plan
    equal "$(action ecr_repository.web)" update
    apply tfplan
    equal "$(writes)" ""
    settled
    one_repository
    plan
    equal "$(action ecr_repository.web)" update
    apply tfplan
    equal "$(writes)" ""
    equal "$(state ecr_repository.web '[.force_delete, .timeouts]')" '[null,null]'
    settled
}

@test "what was changed outside Terraform is seen, and put back" {
    configure <<'EOT'
resource "ecr_repository" "web" {
  name                 = "team/web"
  image_tag_mutability = "IMMUTABLE"
  image_scanning_configuration { scan_on_push = true }
}
EOT
    apply
    aws ecr put-image-tag-mutability --repository-name team/web --image-tag-mutability MUTABLE
    aws ecr put-image-scanning-configuration --repository-name team/web --image-scanning-configuration scanOnPush=false
    forget_calls
    run -2 terraform plan -refresh-only -detailed-exitcode
    contains "$output" '~ image_tag_mutability = "IMMUTABLE" -> "MUTABLE"'
    contains "$output" '~ scan_on_push = true -> false'
    plan
    equal "$(action ecr_repository.web)" update
    apply tfplan
    equal "$(writes)" "PutImageTagMutability PutImageScanningConfiguration"
    equal "$(repository team/web '[.imageTagMutability, .imageScanningConfiguration.scanOnPush]')" '["IMMUTABLE",true]'
    settled
}

@test "a change outside Terraform to what the configuration leaves open is put back to the default" {
    one_repository
    apply
    aws ecr put-image-tag-mutability --repository-name team/web --image-tag-mutability IMMUTABLE
    aws ecr put-image-scanning-configuration --repository-name team/web --image-scanning-configuration scanOnPush=true
    plan
    equal "$(action ecr_repository.web)" update
    apply tfplan
    equal "$(repository team/web '[.imageTagMutability, .imageScanningConfiguration.scanOnPush]')" '["MUTABLE",false]'
    settled
}

@test "ignore_changes and -replace do what they say" {
    configure <<'EOT'
resource "ecr_repository" "web" {
  name = "team/web"
  tags = { owner = "us" }
  lifecycle { ignore_changes = [tags, image_tag_mutability, image_scanning_configuration] }
}
EOT
    apply
    aws ecr tag-resource --resource-arn "$(arn_of team/web)" --tags Key=foreign,Value=1
    aws ecr put-image-tag-mutability --repository-name team/web --image-tag-mutability IMMUTABLE
    aws ecr put-image-scanning-configuration --repository-name team/web --image-scanning-configuration scanOnPush=true
    plan
    equal "$(action ecr_repository.web)" no-op
    plan -replace=ecr_repository.web
    equal "$(action ecr_repository.web)" delete,create
    apply tfplan
    settled
}

@test "a repository that was deleted outside Terraform is planned anew" {
    one_repository
    apply
    aws ecr delete-repository --repository-name team/web
    plan
    equal "$(action ecr_repository.web)" create
    apply tfplan
    equal "$(repository team/web .repositoryName)" '"team/web"'
    settled
}

@test "a repository that is gone already is destroyed without an error" {
    one_repository
    apply
    aws ecr delete-repository --repository-name team/web
    destroy -refresh=false
    equal "$(terraform state list)" ""
}

@test "terraform import takes a repository in, and the plan is empty" {
    aws ecr create-repository --repository-name team/web --image-tag-mutability IMMUTABLE \
        --image-scanning-configuration scanOnPush=true --tags Key=owner,Value=us
    configure <<'EOT'
resource "ecr_repository" "web" {
  name                 = "team/web"
  image_tag_mutability = "IMMUTABLE"
  tags                 = { owner = "us" }
  image_scanning_configuration { scan_on_push = true }
}
EOT
    terraform import ecr_repository.web team/web
    settled
    equal "$(state ecr_repository.web '[.name, .tags.owner]')" '["team/web","us"]'
    equal "$(state ecr_repository.web .arn)" "\"$(arn_of team/web)\""
    destroy
}

@test "an import block takes a repository in, and the plan is empty" {
    aws ecr create-repository --repository-name team/web
    one_repository
    cat >import.tf <<'EOT'
import {
  to = ecr_repository.web
  id = "team/web"
}
EOT
    plan
    equal "$(action ecr_repository.web)" no-op
    forget_calls
    apply tfplan
    equal "$(writes)" ""
    rm import.tf
    settled
}

@test "an import takes all that AWS says of a repository, and terraform writes the configuration for it" {
    aws ecr create-repository --repository-name team/web --image-tag-mutability IMMUTABLE_WITH_EXCLUSION \
        --image-tag-mutability-exclusion-filters filterType=WILDCARD,filter=staging \
        --tags Key=owner,Value=us
    cat >import.tf <<'EOT'
import {
  to = ecr_repository.web
  id = "team/web"
}
EOT
    terraform plan -generate-config-out=generated.tf
    apply
    settled
    equal "$(state ecr_repository.web .image_tag_mutability_exclusion_filter)" '[{"filter":"staging","filter_type":"WILDCARD"}]'
    equal "$(repository team/web .imageTagMutability)" '"IMMUTABLE_WITH_EXCLUSION"'
}

@test "the import of a repository that does not exist says so" {
    one_repository
    run -1 terraform import ecr_repository.web team/web
    contains "$output" "Cannot import non-existent remote object"
}

@test "a repository moves to another address without a change" {
    one_repository
    apply
    forget_calls
    configure <<'EOT'
resource "ecr_repository" "new" {
  name = "team/web"
}
moved {
  from = ecr_repository.web
  to   = ecr_repository.new
}
EOT
    apply
    equal "$(writes)" ""
    settled
}

@test "30 repositories are created, planned and destroyed 30 at a time" {
    configure <<'EOT'
resource "ecr_repository" "many" {
  for_each = toset([for i in range(30) : format("many/%02d", i)])
  name     = each.key
  tags     = { number = each.key }
}
output "urls" {
  value = [for r in ecr_repository.many : r.repository_url]
}
EOT
    apply -parallelism=30
    equal "$(calls CreateRepository)" 30
    equal "$(terraform output -json urls | jq 'unique | length')" 30
    terraform plan -detailed-exitcode -parallelism=30
    destroy -parallelism=30
    equal "$(calls DeleteRepository)" 30
    equal "$(aws ecr describe-repositories --query 'length(repositories)')" 0
}

@test "a repository that AWS shows late is waited for, when it is made and when it goes" {
    setting repository_lag 3
    one_repository
    apply
    equal "$(tainted ecr_repository.web)" false
    equal "$(calls CreateRepository)" 1
    setting repository_lag 0
    settled
    destroy
}

@test "a destroy waits until AWS no longer shows the repository" {
    one_repository
    apply
    forget_calls
    fault '{"kind": "error", "operation": "DescribeRepositories", "skip": 1, "times": 2, "status": 200,
        "body": "{\"repositories\": [{\"repositoryName\": \"team/web\"}]}"}'
    destroy
    equal "$(calls DeleteRepository)" 1
    equal "$(calls DescribeRepositories)" 4 # the refresh, two stale answers, the end
}

@test "a destroy that AWS does not finish in time ends with the repository in the state" {
    one_repository
    sed -i 's|^}|  timeouts { delete = "2s" }\n}|' main.tf
    apply
    fault '{"kind": "error", "operation": "DescribeRepositories", "skip": 1, "times": 0, "status": 200,
        "body": "{\"repositories\": [{\"repositoryName\": \"team/web\"}]}"}'
    refuses destroy
    says "timeouts.delete"
    equal "$(terraform state list)" ecr_repository.web
    order clear-faults
    destroy
}
