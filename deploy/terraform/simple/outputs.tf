output "address" {
  description = "Where the service answers, from allowed_cidrs."
  value       = "https://${aws_instance.this.private_ip}:${module.settings.port}"
}

output "session" {
  description = "How to get onto the instance."
  value       = "aws ssm start-session --target ${aws_instance.this.id}"
}
