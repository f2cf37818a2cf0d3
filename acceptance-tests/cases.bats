#!/usr/bin/env bats
# The cases in cases/, by "terraform test": each applies, asserts and destroys.

load support/acceptance

# passes CASE: all its runs pass, and nothing of it is left in AWS.
passes() {
    cp "$CASES/$1"/* .
    terraform test
    equal "$(aws ecr describe-repositories --query 'length(repositories)')" 0
    equal "$(aws ecr describe-pull-through-cache-rules --query 'length(pullThroughCacheRules)')" 0
}

@test "terraform test: ecr_repository" { passes repository; }
@test "terraform test: ecr_lifecycle_policy" { passes lifecycle_policy; }
@test "terraform test: ecr_pull_through_cache_rule" { passes pull_through_cache_rule; }
