output "address" {
  description = "Where the service answers, from allowed_cidrs."
  value       = "https://${var.domain}"
}
