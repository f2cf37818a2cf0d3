#!/usr/bin/env bats
# Functions, the data source and the ephemeral token, as configurations use them.

load support/acceptance

# console EXPRESSION: its value, as JSON.
evaluated() {
    configure <<EOT
output "value" {
  value = $1
}
EOT
    terraform plan -out=tfplan >/dev/null
    terraform show -json tfplan | jq -cS .planned_values.outputs.value.value
}

ECR_HOST=111122223333.dkr.ecr.eu-central-1.amazonaws.com
RULE='{ ecr_repository_prefix = "hub", upstream_registry_url = "registry-1.docker.io", upstream_repository_prefix = null,
        registry_id = "111122223333", region = "eu-central-1" }'

@test "parse_image_uri takes references apart" {
    equal "$(evaluated 'provider::ecr::parse_image_uri("alpine:3.20")')" \
        '{"account_id":null,"digest":null,"region":null,"registry":"registry-1.docker.io","repository":"library/alpine","tag":"3.20"}'
    equal "$(evaluated "provider::ecr::parse_image_uri(\"$ECR_HOST/staging/app\").region")" '"eu-central-1"'
    nothing_was_asked
}

@test "image_uri puts references together" {
    equal "$(evaluated "provider::ecr::image_uri(\"$ECR_HOST/staging/app\", \"v1\")")" "\"$ECR_HOST/staging/app:v1\""
}

@test "cached_image_uri rewrites references, by an object or a whole resource" {
    equal "$(evaluated "provider::ecr::cached_image_uri(\"alpine:3.20\", $RULE)")" "\"$ECR_HOST/hub/library/alpine:3.20\""
    equal "$(evaluated "provider::ecr::cached_image_uri(\"alpine\", merge($RULE, { ecr_repository_prefix = \"ROOT\" }))")" \
        "\"$ECR_HOST/library/alpine\""
    equal "$(evaluated "provider::ecr::cached_image_uri(\"org/team/app\", merge($RULE, { upstream_repository_prefix = \"org\" }))")" \
        "\"$ECR_HOST/hub/team/app\""
    configure <<'EOT'
resource "ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

output "image" {
  value = provider::ecr::cached_image_uri("quay.io/prometheus/prometheus:v3.0.0", ecr_pull_through_cache_rule.quay)
}
EOT
    apply
    equal "$(terraform output -raw image)" \
        "$LOCAL_ECR_ACCOUNT.dkr.ecr.eu-central-1.amazonaws.com/quay/prometheus/prometheus:v3.0.0"
}

@test "what is wrong in an argument is said of that argument" {
    configure <<'EOT'
output "value" { value = provider::ecr::parse_image_uri("https://quay.io/a") }
EOT
    refuses plan
    says 'Invalid value for "uri" parameter'
    says 'must have no scheme'
    configure <<'EOT'
output "value" { value = provider::ecr::image_uri("quay.io/a", "a b") }
EOT
    refuses plan
    says 'Invalid value for "tag_or_digest" parameter'
    configure <<EOT
output "value" { value = provider::ecr::cached_image_uri("quay.io/a", $RULE) }
EOT
    refuses plan
    says 'The image is in registry quay.io, and the rule caches registry-1.docker.io.'
}

@test "the data source reads a repository, under both names" {
    aws ecr create-repository --repository-name team/web --image-tag-mutability IMMUTABLE --tags Key=owner,Value=us >aws.json
    cat >versions.tf <<'EOT'
terraform {
  required_providers {
    aws = { source = "aws-labs/ecr" }
    ecr = { source = "aws-labs/ecr" }
  }
}
EOT
    configure <<'EOT'
data "ecr_repository" "web" { name = "team/web" }
data "aws_ecr_repository" "web" { name = "team/web" }
EOT
    apply
    for address in data.ecr_repository.web data.aws_ecr_repository.web; do
        equal "$(state $address .arn)" "\"$(arn_of team/web)\""
        equal "$(state $address .image_tag_mutability)" '"IMMUTABLE"'
        equal "$(state $address .tags)" '{"owner":"us"}'
        equal "$(state $address .encryption_configuration)" '[{"encryption_type":"AES256","kms_key":null}]'
        equal "$(state $address .image_scanning_configuration)" '[{"scan_on_push":false}]'
        equal "$(state $address .most_recent_image_tags)" '[]'
        equal "$(state $address .region)" '"eu-central-1"'
        equal "$(state $address .registry_id)" "\"$LOCAL_ECR_ACCOUNT\""
    done
    settled
}

@test "the data source lists images only when it is to" {
    aws ecr create-repository --repository-name team/web >aws.json
    configure <<'EOT'
data "ecr_repository" "web" {
  name        = "team/web"
  list_images = false
}
EOT
    apply
    equal "$(calls DescribeImages)" 0
    sed -i /list_images/d main.tf
    forget_calls
    apply
    (($(calls DescribeImages) > 0))
}

@test "the data source says which repository is not there" {
    configure <<'EOT'
data "ecr_repository" "web" { name = "team/web" }
EOT
    refuses plan
    says "couldn't find resource"
    says "there is no repository team/web in eu-central-1"
    points_at 'name = "team/web"'
}

@test "the token reaches neither the state nor a plan nor the log" {
    configure <<'EOT'
ephemeral "ecr_authorization_token" "this" {
  lifecycle {
    postcondition {
      condition     = self.user_name == "AWS" && self.password != "" && endswith(self.proxy_endpoint, "amazonaws.com")
      error_message = "no token"
    }
  }
}

ephemeral "ecr_authorization_token" "there" {
  region = "us-east-1"

  lifecycle {
    postcondition {
      condition     = strcontains(self.proxy_endpoint, "us-east-1")
      error_message = "another region"
    }
  }
}

provider "ecr" {
  alias      = "other"
  user_agent = [substr(ephemeral.ecr_authorization_token.this.user_name, 0, 3)]
}

resource "ecr_repository" "web" {
  provider = ecr.other
  name     = "team/web"
}
EOT
    TF_LOG=TRACE terraform plan -out=tfplan >plan.txt 2>trace.log
    TF_LOG=TRACE terraform apply tfplan >>plan.txt 2>>trace.log
    requests service=ecr >calls.json
    grep -q '"GetAuthorizationToken"' calls.json
    admin secrets | sort -u >secrets.txt
    test -s secrets.txt
    ! grep -rFf secrets.txt plan.txt trace.log tfplan terraform.tfstate
}
