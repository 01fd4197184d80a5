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

variable "subnet_id" {
  description = "A private subnet with a way out to the registry and to AWS (NAT or endpoints)."
  type        = string
}

variable "instance_type" {
  description = "See docs/capacity.md; the architecture of the image follows it."
  type        = string
  default     = "c7i.large"
}

variable "volume_gib" {
  description = "Of the audit log: see docs/capacity.md."
  type        = number
  default     = 50
}

variable "tls_secret_arn" {
  type    = string
  default = null
}

variable "server_name" {
  type    = string
  default = null
}

variable "private_ip" {
  type    = string
  default = null
}

variable "audit_retention_days" {
  type    = number
  default = 365
}

variable "options" {
  type    = map(string)
  default = {}
}

variable "alarm_email" {
  description = "Address that hears of alarms, once it has confirmed the message that AWS sends it."
  type        = string
  default     = null
}

variable "alarm_topic_arns" {
  description = "SNS topics that hear of alarms; none are needed beside an alarm_email."
  type        = list(string)
  default     = []
}
