output "arn" {
  value = ecr_repository.this.arn
}

output "url" {
  value = ecr_repository.this.repository_url
}
