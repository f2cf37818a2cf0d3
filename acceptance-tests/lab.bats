#!/usr/bin/env bats
# The lab examples/03-ecr as its users run it: S3 state, plan and apply scripts, push; and the documentation's examples.

load support/acceptance

setup_file() {
    start_file
    use_mirror
    export KEY=staging/ecr/terraform.tfstate REPOSITORY=staging/sample-app
}

setup() {
    start_test
    LAB=$BATS_TEST_TMPDIR/lab
    mkdir "$LAB"
    cp -R "$TOP"/examples/03-ecr/. "$LAB"
    rm -rf "$LAB/.terraform" "$LAB/.terraform.lock.hcl"
    cd "$LAB" || return
    export TF_STATE_BUCKET=$LOCAL_ECR_BUCKET TF_VAR_region=$AWS_REGION
    export GITHUB_OUTPUT=$BATS_TEST_TMPDIR/output GITHUB_STEP_SUMMARY=$BATS_TEST_TMPDIR/summary
}

initialised() { terraform init -backend-config="bucket=$LOCAL_ECR_BUCKET" -backend-config="region=$AWS_REGION"; }

keys() { aws s3api list-objects-v2 --bucket "$LOCAL_ECR_BUCKET" --query 'Contents[].Key' --output text; }

@test "the lab is formatted and valid" {
    terraform fmt -check -recursive .
    terraform init -backend=false
    equal "$(terraform validate -json | jq -c '[.valid, .error_count, .warning_count]')" '[true,0,0]'
}

@test "the CI scripts plan and apply the lab, and a second plan is empty" {
    ci/plan.sh
    contains "$(<"$GITHUB_OUTPUT")" changes=true
    contains "$(<"$GITHUB_STEP_SUMMARY")" "ecr_repository.this"
    contains "$(<tfplan.txt)" "5 to add, 0 to change, 0 to destroy"
    ci/apply.sh
    contains "$(<"$GITHUB_OUTPUT")" "repository_url=$LOCAL_ECR_ACCOUNT.dkr.ecr.$AWS_REGION.amazonaws.com/$REPOSITORY"
    equal "$(keys)" "$KEY"

    ci/plan.sh -detailed-exitcode
    contains "$(<"$GITHUB_OUTPUT")" changes=false
    refreshed
    equal "$(repository "$REPOSITORY" '[.imageTagMutability, .imageScanningConfiguration.scanOnPush]')" '["IMMUTABLE_WITH_EXCLUSION",true]'
    equal "$(tags_of "$REPOSITORY")" '{"Environment":"staging","ManagedBy":"terraform"}'
    equal "$(aws ecr describe-pull-through-cache-rules --query 'length(pullThroughCacheRules)')" 3
    equal "$(terraform output -json pull_through_cache_urls | jq -r .quay)" "$LOCAL_ECR_ACCOUNT.dkr.ecr.$AWS_REGION.amazonaws.com/quay"

    destroy
    equal "$(aws ecr describe-repositories --query 'length(repositories)')" 0
    equal "$(aws ecr describe-pull-through-cache-rules --query 'length(pullThroughCacheRules)')" 0
}

@test "plan.sh tells of changes by its exit status, and apply.sh wants a plan" {
    run -2 ci/plan.sh -detailed-exitcode
    ci/apply.sh
    run -1 ci/apply.sh
    contains "$output" "run plan.sh again"
    rm tfplan
    run -1 ci/apply.sh
    contains "$output" "there is no plan tfplan to apply"
    unset TF_STATE_BUCKET
    run -1 ci/plan.sh
    contains "$output" "TF_STATE_BUCKET"
}

@test "the state is locked while somebody applies, and the message says by whom" {
    initialised
    fault '{"kind": "delay", "operation": "CreateRepository", "seconds": 4}'
    in_background terraform apply -auto-approve
    eventually 20 no_faults_left
    run -1 terraform plan
    contains "$output" "Error acquiring the state lock"
    contains "$output" "$KEY"
    contains "$output" "Lock Info"
    ends_within 30
    equal "$status" 0
    equal "$(keys)" "$KEY"
    terraform plan -detailed-exitcode
}

@test "every form of image_tag_mutability is planned without changes, and the lab changes from one to another in place" {
    initialised
    local form
    for form in IMMUTABLE_WITH_EXCLUSION IMMUTABLE MUTABLE MUTABLE_WITH_EXCLUSION; do
        apply -var image_tag_mutability=$form
        settled -var image_tag_mutability=$form
        equal "$(repository "$REPOSITORY" .imageTagMutability)" "\"$form\""
    done
    equal "$(calls CreateRepository)" 1
}

@test "encryption with a key, other rules and more tags are planned without changes" {
    initialised
    local key
    key=$(aws kms create-key --query KeyMetadata.Arn --output text)
    aws secretsmanager create-secret --name ecr-pullthroughcache/hub --secret-string '{"username": "u", "accessToken": "t"}' >secret.json
    cat >terraform.tfvars <<EOT
encryption          = { type = "KMS", kms_key = "$key" }
scan_on_push        = false
lifecycle_keep_last = 3
tags                = { Team = "platform" }
pull_through_cache_rules = {
  hub  = { upstream_registry_url = "registry-1.docker.io", credential_arn = "$(jq -r .ARN secret.json)" }
  ROOT = { upstream_registry_url = "quay.io" }
}
EOT
    apply
    settled
    sed -i 's/lifecycle_keep_last = 3/lifecycle_keep_last = 4/' terraform.tfvars
    plan
    equal "$(action ecr_lifecycle_policy.this)" update
}

@test "what is wrong in the variables is said by the lab, before AWS is asked" {
    terraform init -backend=false
    rm versions.tf
    cp "$BATS_TEST_TMPDIR/versions.tf" .
    local variable
    for variable in region=Frankfurt repo_name=Web image_tag_mutability=SOMETIMES lifecycle_keep_last=0 \
        'encryption={type="ROT13"}' 'pull_through_cache_rules={hub={upstream_registry_url="registry-1.docker.io"}}' \
        'tags={"aws:x"="y"}'; do
        run -1 terraform plan -var "$variable"
        contains "$output" "Invalid value for variable"
        contains "$output" "${variable%%=*}"
    done
    nothing_was_asked
}

@test "push.sh pushes the image to the repository, and the repository with images goes with force_delete" {
    initialised
    apply
    export GIT_SHA=1111111111111111111111111111111111111111
    ./push.sh
    ./push.sh # again: nothing to do
    equal "$(aws ecr describe-images --repository-name "$REPOSITORY" --output json | jq -c '[.imageDetails[].imageTags[]] | sort')" \
        "[\"$GIT_SHA\",\"staging\"]"
    terraform plan -detailed-exitcode
    refuses destroy
    says "force_delete = true"
    apply -var force_delete=true
    destroy -var force_delete=true
}

@test "the documentation's examples are valid and formatted" {
    local example
    for example in "$TOP"/examples/{provider,resources/*,data-sources/*,ephemeral-resources/*,functions/*}; do
        cd "$(mktemp -d "$BATS_TEST_TMPDIR/XXXXXX")"
        cp "$example"/*.tf .
        terraform fmt -check .
        cp "$BATS_TEST_TMPDIR/versions.tf" .
        terraform init
        terraform validate -json >validate.json
        equal "$(jq -c '[.diagnostics[].summary]' validate.json)" '[]'
    done
}
