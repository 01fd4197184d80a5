# All that can be decided without a cloud: names, networks, permissions, alarms, and what an instance does when it starts.
# No provider is needed, so that `terraform test` runs anywhere.

terraform {
  required_version = ">= 1.11"
}

locals {
  port          = 8443
  drain_seconds = 20
  log_group     = "/${var.name}/service"
  flow_group    = "/${var.name}/flow"
  tags          = { Application = "sepsis", Deployment = var.name, Notice = "research use only" }

  # The only registry of ECR that instances may read.
  registry = "${var.account_id}.dkr.ecr.${var.region}.amazonaws.com"

  # The letters after the generation say it: a g among them is Graviton.
  architecture    = can(regex("^[a-z]+[0-9]+[a-z]*g", var.instance_type)) ? "arm64" : "x86_64"
  image_parameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${local.architecture}"

  # Private networks first: they hold the instances and the database.
  subnets = cidrsubnets(var.vpc_cidr, [for _ in range(2 * length(var.zones)) : 3]...)
  private = { for i, zone in var.zones : zone => local.subnets[i] }
  public  = { for i, zone in var.zones : zone => local.subnets[length(var.zones) + i] }

  # Inside the container. The paths are those that files/sepsis.service mounts.
  environment = merge(var.options, {
    SEPSIS_LISTEN          = "0.0.0.0:${local.port}"
    SEPSIS_TLS_CERT        = "/etc/sepsis/tls/certificate.pem"
    SEPSIS_TLS_KEY         = "/etc/sepsis/tls/key.pem"
    SEPSIS_DATA_DIR        = "/var/lib/sepsis"
    SEPSIS_DRAIN_DELAY     = "${local.drain_seconds}s"
    SEPSIS_AUDIT_RETENTION = tostring(var.audit_retention_days)
    # For the health check of the image.
    SEPSIS_URL         = "https://127.0.0.1:${local.port}"
    SEPSIS_CA_FILE     = "/etc/sepsis/tls/certificate.pem"
    SEPSIS_SERVER_NAME = var.tls_secret_arn == null ? "sepsis" : var.server_name
  })

  # Names in a certificate of the instance's own.
  own_names = distinct(compact(["sepsis", var.server_name]))

  database_secret = var.database == null ? "" : var.database.secret_arn
  # Of all instances the same: patients' ids are hashed with it in the audit log.
  hash_key_secret = var.database == null ? "" : var.database.hash_key_secret_arn
  secrets         = compact([local.database_secret, local.hash_key_secret, var.tls_secret_arn == null ? "" : var.tls_secret_arn])
}
