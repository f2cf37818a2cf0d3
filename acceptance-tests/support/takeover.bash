# shellcheck shell=bash
# For tests that take over what hashicorp/aws has in its state: the three resources under that provider's names, and
# the same ones under this provider's.

# under_the_other_names SOURCE: applied by the provider of that source address, whose local name is aws.
under_the_other_names() {
    cat >versions.tf <<EOT
terraform {
  required_providers {
    aws = { source = "$1" }
  }
}
EOT
    configure <<'EOT'
resource "aws_ecr_repository" "web" {
  name = "team/web"
  tags = { owner = "us" }

  encryption_configuration {
    encryption_type = "AES256"
  }

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "web" {
  repository = aws_ecr_repository.web.name
  policy     = file("policy.json")
}

resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
EOT
    cp "$CASES/keep-ten.json" policy.json
    apply
}

# The same resources under this provider's names, with the addresses that they had before.
renamed() {
    cat >versions.tf <<'EOT'
terraform {
  required_providers {
    ecr = { source = "aws-labs/ecr" }
  }
}
EOT
    sed -i 's/aws_ecr_/ecr_/' main.tf
    cat >moved.tf <<'EOT'
moved {
  from = aws_ecr_repository.web
  to   = ecr_repository.web
}

moved {
  from = aws_ecr_lifecycle_policy.web
  to   = ecr_lifecycle_policy.web
}

moved {
  from = aws_ecr_pull_through_cache_rule.quay
  to   = ecr_pull_through_cache_rule.quay
}
EOT
}

moved_without_a_change() {
    forget_calls
    plan
    equal "$(jq -c '[.resource_changes[].change.actions | join(",")] | unique' plan.json)" '["no-op"]'
    apply tfplan
    equal "$(writes)" ""
    equal "$(terraform state list | paste -sd ' ')" \
        'ecr_lifecycle_policy.web ecr_pull_through_cache_rule.quay ecr_repository.web'
}
