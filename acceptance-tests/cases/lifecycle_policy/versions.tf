terraform {
  required_providers {
    ecr = { source = "aws-labs/ecr" }
  }
}
