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

output "key_policy" {
  description = "Who may use the deployment's key (JSON)."
  value       = local.key_policy
}

output "flow_policy" {
  description = "What the network's flow log may do (JSON)."
  value       = local.flow_policy
}

output "image_parameter" {
  description = "Parameter of Systems Manager that names the newest Amazon Linux 2023 for the instance type."
  value       = local.image_parameter
}

output "assume_policies" {
  description = "Who may take each role (JSON): instance, backup, flow, database_monitoring."
  value       = local.assume_policies
}

output "managed_policies" {
  description = "ARN of AWS's own policy of the roles that have one: backup, database_monitoring."
  value       = local.managed_policies
}

output "private_subnets" {
  description = "Network of each zone for instances and database."
  value       = local.private
}

output "public_subnets" {
  description = "Network of each zone for the balancer and the way out."
  value       = local.public
}

output "most_instances" {
  description = "Instances that there are at most, while new ones replace old ones."
  value       = local.most_instances
}

output "alarm_period" {
  description = "How often an alarm looks at its metric, in seconds."
  value       = local.alarm_period
}

output "alarm_periods" {
  description = "How often in a row a metric is beyond its threshold before its alarm rings."
  value       = local.alarm_periods
}

output "warmup_seconds" {
  description = "How long an update waits after each new instance: longer than an alarm takes to ring."
  value       = local.warmup_seconds
}

output "health" {
  description = "What in the simple form's log says that it is healthy, and how often it must in each period."
  value       = local.health
}

output "disk" {
  description = "What in the simple form's log says that the data volume fills, and how often in so many hours is enough."
  value       = local.disk
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
  description = "Name of the service's log group."
  value       = local.log_group
}

output "flow_group" {
  description = "Name of the flow log's group."
  value       = local.flow_group
}

output "tags" {
  description = "Tags of everything."
  value       = local.tags
}
