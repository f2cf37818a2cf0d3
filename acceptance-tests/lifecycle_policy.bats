#!/usr/bin/env bats
# ecr_lifecycle_policy from create to destroy, and which texts are the same policy.

load support/acceptance

# Reads the policy from stdin.
policy() {
    cat >policy.json
    configure <<'EOT'
resource "ecr_repository" "web" { name = "team/web" }
resource "ecr_lifecycle_policy" "web" {
  repository = ecr_repository.web.name
  policy     = file("policy.json")
}
EOT
}

keep_ten() { policy <"$CASES/keep-ten.json"; }

stored() { aws ecr get-lifecycle-policy --repository-name "${1:-team/web}" --query lifecyclePolicyText --output text; }

@test "a policy is created, planned without changes, and destroyed" {
    keep_ten
    plan
    equal "$(action ecr_lifecycle_policy.web)" create
    equal "$(unknown ecr_lifecycle_policy.web)" id,registry_id
    apply tfplan
    equal "$(writes)" "CreateRepository PutLifecyclePolicy"
    equal "$(stored | jq -c '.rules[0].selection.countNumber')" 10
    equal "$(state ecr_lifecycle_policy.web '[.id, .repository, .registry_id]')" "[\"team/web\",\"team/web\",\"$LOCAL_ECR_ACCOUNT\"]"
    equal "$(state ecr_lifecycle_policy.web .policy | jq -r .)" "$(<policy.json)"
    settled
    destroy
    equal "$(writes)" "CreateRepository PutLifecyclePolicy DeleteLifecyclePolicy DeleteRepository"
}

@test "a changed policy is updated in place" {
    keep_ten
    apply
    forget_calls
    jq '.rules[0].selection.countNumber = 20' "$CASES/keep-ten.json" | policy
    plan
    equal "$(action ecr_lifecycle_policy.web)" update
    equal "$(replaced_for ecr_lifecycle_policy.web)" ""
    equal "$(unknown ecr_lifecycle_policy.web)" ""
    apply tfplan
    equal "$(writes)" PutLifecyclePolicy
    equal "$(stored | jq '.rules[0].selection.countNumber')" 20
    settled
}

@test "white space, the order of keys, rules and tags, and other spellings of a number make no difference" {
    policy <<'EOT'
{"rules": [
  {"rulePriority": 1, "selection": {"tagStatus": "tagged", "tagPrefixList": ["v", "release"], "countType": "imageCountMoreThan", "countNumber": 5}, "action": {"type": "expire"}},
  {"rulePriority": 2, "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 3}, "action": {"type": "expire"}}
]}
EOT
    apply
    policy <<'EOT'
{
  "rules": [
    {
      "action": { "type": "expire" },
      "selection": { "countNumber": 3.0, "countType": "imageCountMoreThan", "tagStatus": "any" },
      "rulePriority": 2
    },
    {
      "action": { "type": "expire" },
      "rulePriority": 1,
      "selection": {
        "countNumber": 5,
        "countType": "imageCountMoreThan",
        "tagPrefixList": [ "release", "\u0076" ],
        "tagStatus": "tagged"
      }
    }
  ]
}

EOT
    plan
    equal "$(action ecr_lifecycle_policy.web)" no-op
    forget_calls
    apply tfplan
    equal "$(writes)" ""
    refreshed
}

@test "jsonencode and heredoc give the same policy" {
    configure <<'EOT'
variable "form" { default = "encoded" }
locals {
  encoded = jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Keep <10> & \"more\""
      selection = {
        tagStatus   = "untagged"
        countType   = "sinceImagePushed"
        countUnit   = "days"
        countNumber = 14
      }
      action = { type = "expire" }
    }]
  })
  heredoc = <<-JSON
    {
      "rules": [
        {
          "rulePriority": 1,
          "description": "Keep <10> & \"more\"",
          "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": 14
          },
          "action": { "type": "expire" }
        }
      ]
    }
  JSON
}
resource "ecr_repository" "web" { name = "team/web" }
resource "ecr_lifecycle_policy" "web" {
  repository = ecr_repository.web.name
  policy     = var.form == "encoded" ? local.encoded : local.heredoc
}
EOT
    apply
    settled
    equal "$(stored | jq -r '.rules[0].description')" 'Keep <10> & "more"'
    plan -var form=heredoc
    equal "$(action ecr_lifecycle_policy.web)" no-op
}

@test "a policy that was changed outside Terraform is seen, and put back" {
    keep_ten
    apply
    aws ecr put-lifecycle-policy --repository-name team/web \
        --lifecycle-policy-text "$(jq -c '.rules[0].selection.countNumber = 99' policy.json)"
    forget_calls
    run -2 terraform plan -refresh-only -detailed-exitcode
    contains "$output" 99
    plan
    equal "$(action ecr_lifecycle_policy.web)" update
    apply tfplan
    equal "$(writes)" PutLifecyclePolicy
    equal "$(stored | jq '.rules[0].selection.countNumber')" 10
    settled
}

@test "a policy that was deleted outside Terraform is planned anew" {
    keep_ten
    apply
    aws ecr delete-lifecycle-policy --repository-name team/web
    plan
    equal "$(action ecr_lifecycle_policy.web)" create
    equal "$(action ecr_repository.web)" no-op
    apply tfplan
    settled
}

@test "a policy whose repository was deleted outside Terraform is planned anew with it" {
    keep_ten
    apply
    aws ecr delete-repository --repository-name team/web
    plan
    equal "$(action ecr_repository.web) $(action ecr_lifecycle_policy.web)" "create create"
    apply tfplan
    settled
}

@test "a policy that is gone already is destroyed without an error" {
    keep_ten
    apply
    aws ecr delete-lifecycle-policy --repository-name team/web
    destroy -refresh=false -target=ecr_lifecycle_policy.web
    equal "$(terraform state list)" ecr_repository.web
    aws ecr delete-repository --repository-name team/web
    destroy -refresh=false
}

@test "another repository replaces the policy" {
    configure <<'EOT'
variable "repository" { default = "team/web" }
resource "ecr_repository" "both" {
  for_each = toset(["team/web", "team/api"])
  name     = each.key
}
resource "ecr_lifecycle_policy" "web" {
  repository = ecr_repository.both[var.repository].name
  policy     = file("policy.json")
}
EOT
    cp "$CASES/keep-ten.json" policy.json
    apply
    plan -var repository=team/api
    equal "$(action ecr_lifecycle_policy.web)" delete,create
    equal "$(replaced_for ecr_lifecycle_policy.web)" repository
    apply tfplan
    settled -var repository=team/api
    stored team/api
    run ! stored team/web
}

@test "a repository that is replaced takes its policy with it" {
    keep_ten
    apply
    sed -i 's|"team/web"|"team/api"|' main.tf
    apply
    settled
    stored team/api
}

@test "terraform import and an import block take a policy in, and the plan is empty" {
    aws ecr create-repository --repository-name team/web
    aws ecr put-lifecycle-policy --repository-name team/web --lifecycle-policy-text "$(jq -c . "$CASES/keep-ten.json")"
    keep_ten
    terraform import ecr_repository.web team/web
    terraform import ecr_lifecycle_policy.web team/web
    plan
    equal "$(action ecr_repository.web) $(action ecr_lifecycle_policy.web)" "no-op no-op"
    apply tfplan # terraform import does not note which resource depends on which
    settled

    terraform state rm ecr_lifecycle_policy.web
    cat >import.tf <<'EOT'
import {
  to = ecr_lifecycle_policy.web
  id = "team/web"
}
EOT
    plan
    equal "$(action ecr_lifecycle_policy.web)" no-op
    apply tfplan
    settled
}

@test "the import of a policy that does not exist says so" {
    aws ecr create-repository --repository-name team/web
    keep_ten
    run -1 terraform import ecr_lifecycle_policy.web team/web
    contains "$output" "Cannot import non-existent remote object"
}

@test "a policy that is there already is taken over" {
    aws ecr create-repository --repository-name team/web
    aws ecr put-lifecycle-policy --repository-name team/web \
        --lifecycle-policy-text "$(jq -c '.rules[0].selection.countNumber = 99' "$CASES/keep-ten.json")"
    configure <<'EOT'
resource "ecr_lifecycle_policy" "web" {
  repository = "team/web"
  policy     = file("policy.json")
}
EOT
    cp "$CASES/keep-ten.json" policy.json
    apply
    equal "$(stored | jq '.rules[0].selection.countNumber')" 10
    settled
}

@test "a policy that AWS shows late is waited for" {
    setting lifecycle_lag 3
    keep_ten
    apply
    equal "$(calls PutLifecyclePolicy)" 1
    equal "$(tainted ecr_lifecycle_policy.web)" false
    setting lifecycle_lag 0
    settled
}

@test "a policy that is not known yet is planned and applied" {
    configure <<'EOT'
resource "terraform_data" "later" { input = file("policy.json") }
resource "ecr_repository" "web" { name = "team/web" }
resource "ecr_lifecycle_policy" "web" {
  repository = ecr_repository.web.name
  policy     = terraform_data.later.output
}
EOT
    cp "$CASES/keep-ten.json" policy.json
    plan
    contains "$(unknown ecr_lifecycle_policy.web)" policy
    apply tfplan
    settled
}

@test "a policy that AWS refuses is reported with AWS's words at the attribute" {
    policy <<<'{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "sometimes", "countType": "imageCountMoreThan", "countNumber": 3}, "action": {"type": "expire"}}]}'
    refuses apply
    says InvalidParameterException
    says "Lifecycle policy validation failure"
    points_at 'policy     = file("policy.json")'
    equal "$(terraform state list)" ecr_repository.web
}

@test "a policy that AWS would refuse is refused by validate, with the place of each fault" {
    policy <<<'{"rules": [{"rulePriority": 0, "selection": {"tagStatus": "ANY", "countType": "imageCountMoreThan"}, "action": {"type": "expire"}}]}'
    refuses validate
    says "rules[0].rulePriority"
    says 'tagStatus must be tagged, untagged or any. It is "ANY".'
    says "countNumber is missing"
    points_at 'policy     = file("policy.json")'
    equal "$(calls PutLifecyclePolicy)" 0
}

@test "a rule that can never act is a warning" {
    policy <<'EOT'
{"rules": [
  {"rulePriority": 1, "selection": {"tagStatus": "tagged", "tagPatternList": ["*"], "countType": "imageCountMoreThan", "countNumber": 3}, "action": {"type": "expire"}},
  {"rulePriority": 2, "selection": {"tagStatus": "tagged", "tagPatternList": ["staging"], "countType": "imageCountMoreThan", "countNumber": 1}, "action": {"type": "expire"}}
]}
EOT
    run terraform validate -no-color
    equal "$status" 0
    [[ $output == *"This rule never acts"* ]]
}

@test "a policy of 50 rules with descriptions is taken, however it is laid out" {
    jq -n '{rules: [range(50) | {rulePriority: (. + 1), description: ("x" * 100),
        selection: {tagStatus: "tagged", tagPatternList: ["v\(.)-*"], countType: "imageCountMoreThan", countNumber: 9},
        action: {type: "expire"}}]}' --indent 7 | policy
    (($(stat -c %s policy.json) > 15000))
    apply
    settled
    equal "$(stored | jq '.rules | length')" 50
}

excluding_staging() {
    configure <<'EOT'
resource "ecr_repository" "web" {
  name                 = "team/web"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"

  image_tag_mutability_exclusion_filter {
    filter      = "staging"
    filter_type = "WILDCARD"
  }
}

resource "ecr_lifecycle_policy" "web" {
  repository = ecr_repository.web.name
  policy     = file("policy.json")
}
EOT
}

@test "a new policy that reaches tags which the mutability excludes is a warning, once" {
    excluding_staging
    cp "$CASES/keep-ten.json" policy.json
    run terraform plan
    contains "$output" 'Warning: Lifecycle policy covers excluded tags'
    contains "$output" 'The rule with rulePriority 1 can take away an image that carries a tag "staging"'
    apply
    run terraform plan
    lacks "$output" Warning:\ Lifecycle
    settled
}

@test "a policy that keeps the excluded tag has no warning" {
    excluding_staging
    jq '.rules[0].rulePriority = 2 | .rules += [{rulePriority: 1, selection: {tagStatus: "tagged",
        tagPatternList: ["staging"], countType: "imageCountMoreThan", countNumber: 1}, action: {type: "expire"}}]' \
        "$CASES/keep-ten.json" >policy.json
    run terraform plan
    lacks "$output" 'excluded tags'
}
