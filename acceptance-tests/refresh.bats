#!/usr/bin/env bats
# How many calls and connections it takes to read many objects at once.
load support/acceptance

# many COUNT: that many repositories exist and are in the state.
many() {
    configure <<EOT
resource "ecr_repository" "it" {
  count = $1
  name  = "team/app-\${count.index}"
}
EOT
    apply -parallelism=64
    forget_calls
}

# pairs COUNT: the same, each with a lifecycle policy.
pairs() {
    configure <<EOT
resource "ecr_repository" "it" {
  count = $1
  name  = "team/app-\${count.index}"
}
resource "ecr_lifecycle_policy" "it" {
  count      = $1
  repository = ecr_repository.it[count.index].name
  policy = jsonencode({ rules = [{
    rulePriority = 1
    selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 10 }
    action       = { type = "expire" }
  }] })
}
EOT
    apply -parallelism=64
    forget_calls
}

connections() { requests service=ecr | jq -s 'map(.connection) | unique | length'; }

at_most() { (($1 <= $2)) || fail "at most $2 are expected, but there are $1"; }

@test "100 repositories are read with few calls, over no more connections than there are readers" {
    many 100
    terraform plan -detailed-exitcode -parallelism=10
    equal "$(calls ListTagsForResource)" 100
    at_most "$(calls DescribeRepositories)" 30
    at_most "$(connections)" 10

    forget_calls
    terraform plan -detailed-exitcode -parallelism=64
    equal "$(calls ListTagsForResource)" 100
    at_most "$(calls DescribeRepositories)" 30
    at_most "$(connections)" 64
}

@test "a repository and its lifecycle policy take little more than two calls" {
    pairs 100
    terraform plan -detailed-exitcode -parallelism=10
    equal "$(calls ListTagsForResource)" 100
    equal "$(calls GetLifecyclePolicy)" 100
    at_most "$(calls DescribeRepositories)" 30
}

@test "a repository that is gone is found to be gone, and all others are as they were" {
    many 20
    aws ecr delete-repository --repository-name team/app-7
    forget_calls
    terraform plan -out=tfplan -parallelism=20
    terraform show -json tfplan >plan.json
    equal "$(action 'ecr_repository.it[7]')" create
    equal "$(jq '[.resource_changes[] | select(.change.actions == ["no-op"])] | length' plan.json)" 19
    equal "$(calls ListTagsForResource)" 20 # at the same time, not knowing that one is gone
}

@test "cache rules are read together, too" {
    configure <<'EOT'
resource "ecr_pull_through_cache_rule" "it" {
  count                 = 20
  ecr_repository_prefix = "mirror-${count.index}"
  upstream_registry_url = "public.ecr.aws"
}
EOT
    apply -parallelism=20
    forget_calls
    terraform plan -detailed-exitcode -parallelism=20
    at_most "$(calls DescribePullThroughCacheRules)" 15
}
