variable "region" {
  description = "AWS region of the registry."
  type        = string
  default     = "eu-central-1"

  validation {
    condition     = can(regex("^[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}$", var.region))
    error_message = "region must be the name of an AWS region, such as eu-central-1."
  }
}

variable "repo_name" {
  description = "Name of the repository, with slashes for namespaces."
  type        = string
  default     = "staging/sample-app"

  validation {
    condition     = length(var.repo_name) >= 2 && length(var.repo_name) <= 256
    error_message = "repo_name must have 2 to 256 characters."
  }

  validation {
    condition     = can(regex("^[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*$", var.repo_name))
    error_message = "repo_name takes lower-case letters and digits, joined by single \".\", \"_\", \"-\" or \"/\"; for example staging/sample-app."
  }
}

variable "image_tag_mutability" {
  description = <<-EOT
    Who may overwrite a tag.
    IMMUTABLE_WITH_EXCLUSION: nobody, except that "staging" moves from image to image.
    IMMUTABLE: nobody, not even "staging".
    MUTABLE: everybody, every tag.
    MUTABLE_WITH_EXCLUSION: everybody, except that release tags ("v*") stay where they are.
  EOT
  type        = string
  default     = "IMMUTABLE_WITH_EXCLUSION"

  validation {
    condition = contains(
      ["IMMUTABLE_WITH_EXCLUSION", "IMMUTABLE", "MUTABLE", "MUTABLE_WITH_EXCLUSION"],
      var.image_tag_mutability
    )
    error_message = "image_tag_mutability must be IMMUTABLE_WITH_EXCLUSION, IMMUTABLE, MUTABLE or MUTABLE_WITH_EXCLUSION."
  }
}

variable "lifecycle_keep_last" {
  description = "How many images (digests) the repository keeps, youngest first. The image tagged \"staging\" stays in any case."
  type        = number
  default     = 10

  validation {
    condition     = var.lifecycle_keep_last >= 1 && floor(var.lifecycle_keep_last) == var.lifecycle_keep_last
    error_message = "lifecycle_keep_last must be a whole number, 1 or more."
  }
}

variable "scan_on_push" {
  description = "Scan each image for known vulnerabilities when it is pushed."
  type        = bool
  default     = true
}

variable "encryption" {
  description = <<-EOT
    How images are encrypted at rest: type AES256, KMS or KMS_DSSE, and for the two KMS types the ARN of a key
    (AWS's own key for ECR when it is left out). It is fixed at creation: a change replaces the repository and its images.
  EOT
  type = object({
    type    = optional(string, "AES256")
    kms_key = optional(string)
  })
  default = {}

  validation {
    condition     = contains(["AES256", "KMS", "KMS_DSSE"], var.encryption.type)
    error_message = "encryption.type must be AES256, KMS or KMS_DSSE."
  }

  validation {
    condition     = var.encryption.kms_key == null || var.encryption.type != "AES256"
    error_message = "encryption.kms_key goes with the types KMS and KMS_DSSE; AES256 takes no key."
  }

  validation {
    condition     = var.encryption.kms_key == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.encryption.kms_key))
    error_message = "encryption.kms_key must be the ARN of a key (arn:aws:kms:REGION:ACCOUNT:key/ID). ECR turns an alias into the key's ARN, which Terraform would see as a change."
  }
}

variable "force_delete" {
  description = "Let \"terraform destroy\" delete the repository with the images in it. Apply it before the destroy."
  type        = bool
  default     = false
}

variable "pull_through_cache_rules" {
  description = <<-EOT
    Upstream registries to mirror. The key is the prefix of the cached repositories: with key "quay", quay.io/org/app:1
    is pulled as REGISTRY/quay/org/app:1. Rules belong to the whole registry (account and region), so a prefix can exist once.
    credential_arn: the Secrets Manager secret that upstreams with a login need; its name begins with ecr-pullthroughcache/.
    custom_role_arn, upstream_repository_prefix: only for an upstream that is itself an ECR registry.
  EOT
  type = map(object({
    upstream_registry_url      = string
    credential_arn             = optional(string)
    custom_role_arn            = optional(string)
    upstream_repository_prefix = optional(string)
  }))
  default = {
    ecr-public = { upstream_registry_url = "public.ecr.aws" }
    kubernetes = { upstream_registry_url = "registry.k8s.io" }
    quay       = { upstream_registry_url = "quay.io" }
  }

  validation {
    condition = alltrue([
      for prefix in keys(var.pull_through_cache_rules) : length(prefix) >= 2 && length(prefix) <= 30 && can(
        regex("^([a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*/?|ROOT)$", prefix)
      )
    ])
    error_message = "Each key of pull_through_cache_rules is a repository prefix: 2 to 30 lower-case letters, digits and single separators, or ROOT."
  }

  validation {
    condition = alltrue([
      for rule in values(var.pull_through_cache_rules) :
      rule.credential_arn != null || !can(
        regex("^(registry-1\\.docker\\.io|ghcr\\.io|registry\\.gitlab\\.com|cgr\\.dev|.+\\.azurecr\\.io)$", rule.upstream_registry_url)
      )
    ])
    error_message = "Docker Hub (registry-1.docker.io), ghcr.io, registry.gitlab.com, cgr.dev and *.azurecr.io need a login: set credential_arn to the ARN of a secret named ecr-pullthroughcache/..."
  }

  validation {
    condition = alltrue([
      for rule in values(var.pull_through_cache_rules) :
      rule.credential_arn == null || can(
        regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:ecr-pullthroughcache/.+$", rule.credential_arn)
      )
    ])
    error_message = "credential_arn must be the ARN of a Secrets Manager secret whose name begins with ecr-pullthroughcache/."
  }
}

variable "tags" {
  description = "AWS tags for everything in this lab, beside Environment and ManagedBy."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for key in keys(var.tags) : length(key) <= 128 && !startswith(lower(key), "aws:")])
    error_message = "Tag keys have at most 128 characters and do not begin with \"aws:\"."
  }
}
