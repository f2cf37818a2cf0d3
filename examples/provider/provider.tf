# Credentials come from the environment (AWS_ACCESS_KEY_ID and so on) or from a profile; keep keys out of here.
provider "ecr" {
  region = "eu-central-1"

  default_tags {
    tags = {
      Environment = "staging"
      ManagedBy   = "terraform"
    }
  }
}

# The same provider in a second region, for resources that say provider = ecr.ireland.
provider "ecr" {
  alias   = "ireland"
  region  = "eu-west-1"
  profile = "staging"
}

resource "ecr_repository" "app" {
  name = "staging/app"
}

resource "ecr_repository" "app_ireland" {
  provider = ecr.ireland
  name     = "staging/app"
}
