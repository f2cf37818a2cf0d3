#!/usr/bin/env bats
# Every form of ecr_repository's tag mutability, encryption and scanning, and every change from one to another.

load support/acceptance

@test "all four forms of tag mutability are created, and planned without changes" {
    configure <<'EOT'
locals {
  filters = {
    omitted                  = []
    MUTABLE                  = []
    IMMUTABLE                = []
    IMMUTABLE_WITH_EXCLUSION = ["staging"]
    MUTABLE_WITH_EXCLUSION   = ["v*", "release-*", "1.*", "2.*", "*-rc*"]
  }
}
resource "ecr_repository" "form" {
  for_each             = local.filters
  name                 = "form/${replace(lower(each.key), "_", "-")}"
  image_tag_mutability = each.key == "omitted" ? null : each.key

  dynamic "image_tag_mutability_exclusion_filter" {
    for_each = each.value
    content {
      filter      = image_tag_mutability_exclusion_filter.value
      filter_type = "WILDCARD"
    }
  }
}
EOT
    apply
    settled
    equal "$(repository form/omitted .imageTagMutability)" '"MUTABLE"'
    equal "$(repository form/immutable .imageTagMutability)" '"IMMUTABLE"'
    equal "$(repository form/immutable-with-exclusion '[.imageTagMutability, .imageTagMutabilityExclusionFilters]')" \
        '["IMMUTABLE_WITH_EXCLUSION",[{"filterType":"WILDCARD","filter":"staging"}]]'
    equal "$(repository form/mutable-with-exclusion '[.imageTagMutabilityExclusionFilters[].filter] | sort')" \
        '["*-rc*","1.*","2.*","release-*","v*"]'
    destroy
}

@test "each change between two forms of tag mutability is one update in place, with an empty plan after it" {
    configure <<'EOT'
variable "form" { type = string }
resource "ecr_repository" "web" {
  name                 = "team/web"
  image_tag_mutability = var.form
  dynamic "image_tag_mutability_exclusion_filter" {
    for_each = endswith(var.form, "_WITH_EXCLUSION") ? ["staging", "dev-*"] : []
    content {
      filter      = image_tag_mutability_exclusion_filter.value
      filter_type = "WILDCARD"
    }
  }
}
EOT
    apply -var form=MUTABLE
    local form
    for form in IMMUTABLE IMMUTABLE_WITH_EXCLUSION MUTABLE_WITH_EXCLUSION MUTABLE MUTABLE_WITH_EXCLUSION \
        IMMUTABLE_WITH_EXCLUSION IMMUTABLE MUTABLE; do
        forget_calls
        plan -var form=$form
        equal "$(action ecr_repository.web)" update
        apply tfplan
        equal "$(writes)" PutImageTagMutability
        equal "$(repository team/web .imageTagMutability)" "\"$form\""
        terraform plan -detailed-exitcode -var form=$form
    done
    settled -var form=MUTABLE
}

@test "exclusion filters are added, changed, put in another order and removed in place" {
    exclude() {
        {
            printf 'resource "ecr_repository" "web" {\n  name = "team/web"\n  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"\n'
            printf '  image_tag_mutability_exclusion_filter {\n    filter = "%s"\n    filter_type = "WILDCARD"\n  }\n' "$@"
            printf '}\n'
        } | configure
    }
    exclude staging
    apply
    exclude staging 'dev-*'
    plan
    equal "$(action ecr_repository.web)" update
    apply tfplan
    settled
    exclude 'dev-*' staging
    plan
    equal "$(action ecr_repository.web)" no-op
    exclude next 'dev-*'
    apply
    settled
    equal "$(repository team/web '[.imageTagMutabilityExclusionFilters[].filter] | sort')" '["dev-*","next"]'
    exclude next
    apply
    settled
    equal "$(repository team/web '[.imageTagMutabilityExclusionFilters[].filter]')" '["next"]'
}

@test "an exclusion filter that was changed outside Terraform is seen, and put back" {
    configure <<'EOT'
resource "ecr_repository" "web" {
  name                 = "team/web"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"
  image_tag_mutability_exclusion_filter {
    filter      = "staging"
    filter_type = "WILDCARD"
  }
}
EOT
    apply
    aws ecr put-image-tag-mutability --repository-name team/web --image-tag-mutability IMMUTABLE_WITH_EXCLUSION \
        --image-tag-mutability-exclusion-filters filterType=WILDCARD,filter=other
    plan
    equal "$(action ecr_repository.web)" update
    apply tfplan
    equal "$(repository team/web '[.imageTagMutabilityExclusionFilters[].filter]')" '["staging"]'
    settled
}

@test "an exclusion filter that is not known yet is planned and applied" {
    configure <<'EOT'
resource "terraform_data" "later" { input = "staging" }
resource "ecr_repository" "web" {
  name                 = "team/${terraform_data.later.output}"
  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"
  dynamic "image_tag_mutability_exclusion_filter" {
    for_each = toset([terraform_data.later.output])
    content {
      filter      = image_tag_mutability_exclusion_filter.value
      filter_type = "WILDCARD"
    }
  }
}
EOT
    apply
    settled
}

@test "encryption: omitted, empty, AES256, KMS, KMS_DSSE and KMS with a key are created, and planned without changes" {
    local key
    key=$(aws kms create-key --query KeyMetadata.Arn --output text)
    configure <<EOT
resource "ecr_repository" "omitted" { name = "encryption/omitted" }
resource "ecr_repository" "empty" {
  name = "encryption/empty"
  encryption_configuration {}
}
resource "ecr_repository" "aes" {
  name = "encryption/aes"
  encryption_configuration { encryption_type = "AES256" }
}
resource "ecr_repository" "kms" {
  name = "encryption/kms"
  encryption_configuration { encryption_type = "KMS" }
}
resource "ecr_repository" "twice" {
  name = "encryption/twice"
  encryption_configuration { encryption_type = "KMS_DSSE" }
}
resource "ecr_repository" "key" {
  name = "encryption/key"
  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = "$key"
  }
}
EOT
    apply
    settled
    equal "$(repository encryption/omitted .encryptionConfiguration.encryptionType)" '"AES256"'
    equal "$(repository encryption/twice .encryptionConfiguration.encryptionType)" '"KMS_DSSE"'
    equal "$(repository encryption/key '[.encryptionConfiguration.encryptionType, .encryptionConfiguration.kmsKey]')" "[\"KMS\",\"$key\"]"
    destroy
}

@test "changes of encryption that mean the same are no change, and all others replace the repository" {
    local key other
    key=$(aws kms create-key --query KeyMetadata.Arn --output text)
    other=$(aws kms create-key --query KeyMetadata.Arn --output text)
    encrypted() { printf 'resource "ecr_repository" "web" {\n  name = "team/web"\n  %s\n}\n' "${1//;/$'\n'}" | configure; }
    none='' empty='encryption_configuration {}'
    aes='encryption_configuration { encryption_type = "AES256" }'
    kms='encryption_configuration { encryption_type = "KMS" }'
    dsse='encryption_configuration { encryption_type = "KMS_DSSE" }'
    own="encryption_configuration {; encryption_type = \"KMS\"; kms_key = \"$key\"; }"
    another="encryption_configuration {; encryption_type = \"KMS\"; kms_key = \"$other\"; }"
    # becomes ACTION CONFIGURATION: what the plan says to a change from what was applied last.
    becomes() {
        encrypted "$2"
        plan
        equal "$2: $(action ecr_repository.web)" "$2: $1"
        [[ $1 == no-op ]] || equal "$2: $(replaced_for ecr_repository.web)" "$2: encryption_configuration"
    }
    encrypted "$none"
    apply
    becomes no-op "$empty"
    becomes no-op "$aes"
    becomes delete,create "$kms"
    becomes delete,create "$own"
    apply tfplan
    settled
    becomes delete,create "$another"
    becomes delete,create "$none"
    becomes delete,create "$aes"
    becomes no-op "$kms"
    becomes delete,create "$dsse"
    apply tfplan
    settled
    becomes delete,create "$kms"
    apply tfplan
    settled
    becomes delete,create "$own"
    becomes delete,create "$none"
    apply tfplan
    settled
    equal "$(repository team/web .encryptionConfiguration.encryptionType)" '"AES256"'
}

@test "an imported repository with a KMS key has an empty plan, with the key written and without" {
    local key
    key=$(aws kms create-key --query KeyMetadata.Arn --output text)
    aws ecr create-repository --repository-name team/web --encryption-configuration "encryptionType=KMS,kmsKey=$key"
    configure <<EOT
resource "ecr_repository" "web" {
  name = "team/web"
  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = "$key"
  }
}
EOT
    terraform import ecr_repository.web team/web
    settled
    sed -i '/kms_key/d' main.tf
    terraform state rm ecr_repository.web
    terraform import ecr_repository.web team/web
    plan
    equal "$(action ecr_repository.web)" no-op
}

@test "scanning: omitted, true and false are created, and planned without changes" {
    configure <<'EOT'
resource "ecr_repository" "omitted" { name = "scanning/omitted" }
resource "ecr_repository" "on" {
  name = "scanning/on"
  image_scanning_configuration { scan_on_push = true }
}
resource "ecr_repository" "off" {
  name = "scanning/off"
  image_scanning_configuration { scan_on_push = false }
}
EOT
    apply
    settled
    equal "$(repository scanning/omitted .imageScanningConfiguration.scanOnPush)" false
    equal "$(repository scanning/on .imageScanningConfiguration.scanOnPush)" true
    equal "$(repository scanning/off .imageScanningConfiguration.scanOnPush)" false
    destroy
}

@test "scanning is switched in place, and removing the block switches it off" {
    scanned() { printf 'resource "ecr_repository" "web" {\n  name = "team/web"\n  %s\n}\n' "$1" | configure; }
    scanned 'image_scanning_configuration { scan_on_push = true }'
    apply
    forget_calls

    scanned ''
    plan
    equal "$(action ecr_repository.web)" update
    apply tfplan
    equal "$(writes)" PutImageScanningConfiguration
    equal "$(repository team/web .imageScanningConfiguration.scanOnPush)" false
    settled

    scanned 'image_scanning_configuration { scan_on_push = false }'
    plan
    equal "$(action ecr_repository.web)" no-op

    scanned 'image_scanning_configuration { scan_on_push = true }'
    plan
    equal "$(action ecr_repository.web)" update
    apply tfplan
    equal "$(repository team/web .imageScanningConfiguration.scanOnPush)" true
    settled

    scanned 'image_scanning_configuration { scan_on_push = false }'
    apply
    equal "$(repository team/web .imageScanningConfiguration.scanOnPush)" false
    settled
    scanned ''
    plan
    equal "$(action ecr_repository.web)" no-op
}

@test "blocks may be written by dynamic blocks, and with values that are not known yet" {
    configure <<'EOT'
variable "encryption" {
  type    = list(string)
  default = ["AES256"]
}
resource "terraform_data" "later" { input = true }
resource "ecr_repository" "web" {
  name = "team/web"
  dynamic "encryption_configuration" {
    for_each = var.encryption
    content { encryption_type = encryption_configuration.value }
  }
  dynamic "image_scanning_configuration" {
    for_each = [1]
    content { scan_on_push = terraform_data.later.output }
  }
  force_delete = terraform_data.later.output
}
EOT
    apply
    settled
    equal "$(repository team/web .imageScanningConfiguration.scanOnPush)" true
    plan -var 'encryption=[]'
    equal "$(action ecr_repository.web)" no-op
}

@test "the blocks may be written as attributes, too" {
    configure <<'EOT'
resource "ecr_repository" "web" {
  name                         = "team/web"
  encryption_configuration     = []
  image_scanning_configuration = [{ scan_on_push = true }]
}
EOT
    apply
    settled
    equal "$(repository team/web .imageScanningConfiguration.scanOnPush)" true
}
