# What is not said here is checked and described in ../settings/variables.tf.

variable "name" {
  type    = string
  default = "sepsis"
}

variable "region" {
  type = string
}

variable "image" {
  type = string
}

variable "allowed_cidrs" {
  type = list(string)
}

variable "vpc_cidr" {
  type    = string
  default = "10.80.0.0/20"
}

variable "zones" {
  type = list(string)
}

variable "instances" {
  type    = number
  default = 3
}

variable "instance_type" {
  description = "See docs/capacity.md; the architecture of the image follows it."
  type        = string
  default     = "c7i.large"
}

variable "database_class" {
  type    = string
  default = "db.t4g.medium"
}

variable "database_gib" {
  description = "At the beginning; it grows to ten times as much."
  type        = number
  default     = 50
}

variable "database_password_version" {
  description = "Raise it by one for a new password; then replace the instances."
  type        = number
  default     = 1
}

variable "domain" {
  description = "Name of the service, in the zone below."
  type        = string
}

variable "dns_zone_id" {
  description = "Route 53 zone of the name."
  type        = string
}

variable "access_log_bucket" {
  description = "S3 bucket for the balancer's log."
  type        = string
}

variable "audit_retention_days" {
  type    = number
  default = 365
}

variable "options" {
  type    = map(string)
  default = {}
}

variable "alarm_topic_arns" {
  description = "SNS topics that hear of alarms."
  type        = list(string)
}
