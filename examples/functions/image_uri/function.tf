# 111122223333.dkr.ecr.eu-central-1.amazonaws.com/staging/app:v1
output "image" {
  value = provider::ecr::image_uri("111122223333.dkr.ecr.eu-central-1.amazonaws.com/staging/app", "v1")
}
