# {
#   registry   = "111122223333.dkr.ecr.eu-central-1.amazonaws.com"
#   account_id = "111122223333"
#   region     = "eu-central-1"
#   repository = "staging/app"
#   tag        = "v1"
#   digest     = null
# }
output "image" {
  value = provider::ecr::parse_image_uri("111122223333.dkr.ecr.eu-central-1.amazonaws.com/staging/app:v1")
}
