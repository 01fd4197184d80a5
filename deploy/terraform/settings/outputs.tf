output "user_data" {
  description = "The cloud-init document of an instance."
  value       = local.user_data
}

output "environment" {
  description = "The service's settings, without secrets."
  value       = local.environment
}

output "instance_policy" {
  description = "What an instance may do (JSON)."
  value       = local.instance_policy
}

output "key_statements" {
  description = "Who may use the deployment's key (JSON, a list of statements)."
  value       = jsonencode(local.key_statements)
}

output "image_parameter" {
  description = "Parameter of Systems Manager that names the newest Amazon Linux 2023 for the instance type."
  value       = local.image_parameter
}

output "assume_policy" {
  description = "Who may take the instance's role (JSON)."
  value       = local.assume_policy
}

output "private_subnets" {
  description = "Network of each zone for instances and database."
  value       = local.private
}

output "public_subnets" {
  description = "Network of each zone for the balancer and the way out."
  value       = local.public
}

output "balancer_alarms" {
  description = "Alarms on the balancer's metrics."
  value       = local.balancer_alarms
}

output "database_alarms" {
  description = "Alarms on the database's metrics."
  value       = local.database_alarms
}

output "port" {
  description = "Port of the service, with TLS."
  value       = local.port
}

output "drain_seconds" {
  description = "How long an instance that ends goes on answering while its health check says no."
  value       = local.drain_seconds
}

output "log_group" {
  description = "Name of the log group."
  value       = local.log_group
}

output "tags" {
  description = "Tags of everything."
  value       = local.tags
}
