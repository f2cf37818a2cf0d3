terraform {
  # 1.10 is the first release whose S3 backend locks the state with an object (use_lockfile).
  required_version = ">= 1.10"

  required_providers {
    ecr = {
      source  = "aws-labs/ecr"
      version = "~> 0.1"
    }
  }

  # The bucket and its region differ from team to team; "terraform init" takes them from
  # backend.hcl (see backend.hcl.example) or from -backend-config arguments.
  backend "s3" {
    key          = "staging/ecr/terraform.tfstate"
    use_lockfile = true
    encrypt      = true
  }
}
