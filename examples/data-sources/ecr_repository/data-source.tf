data "ecr_repository" "app" {
  name        = "staging/app"
  list_images = false
}

output "repository_url" {
  value = data.ecr_repository.app.repository_url
}
