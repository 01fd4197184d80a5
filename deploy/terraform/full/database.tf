# The password is made once, goes into the secret and to the database, and never into Terraform's state.
ephemeral "random_password" "database" {
  length  = 40
  special = false
}

resource "aws_secretsmanager_secret" "database" {
  # checkov:skip=CKV2_AWS_57: a password that changes by itself would lock out running instances; database_password_version changes it
  name       = "${var.name}-database"
  kms_key_id = aws_kms_key.this.arn
}

resource "aws_secretsmanager_secret_version" "database" {
  secret_id                = aws_secretsmanager_secret.database.id
  secret_string_wo         = ephemeral.random_password.database.result
  secret_string_wo_version = var.database_password_version
}

ephemeral "aws_secretsmanager_secret_version" "database" {
  secret_id  = aws_secretsmanager_secret_version.database.secret_id
  version_id = aws_secretsmanager_secret_version.database.version_id
}

# 64 digits: the key by which patients' ids are hashed in the audit log. Under another one no patient would be found again.
ephemeral "random_password" "hash_key" {
  length  = 64
  lower   = false
  upper   = false
  special = false
}

resource "aws_secretsmanager_secret" "hash_key" {
  # checkov:skip=CKV2_AWS_57: under another key no patient of the audit log would be found again
  name       = "${var.name}-hash-key"
  kms_key_id = aws_kms_key.this.arn

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_secretsmanager_secret_version" "hash_key" {
  secret_id                = aws_secretsmanager_secret.hash_key.id
  secret_string_wo         = ephemeral.random_password.hash_key.result
  secret_string_wo_version = 1
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = [for subnet in aws_subnet.private : subnet.id]
}

resource "aws_db_parameter_group" "this" {
  name   = var.name
  family = "postgres17"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }

  # Statements would be patient data in a log: only their shape and duration.
  parameter {
    name  = "log_parameter_max_length"
    value = "0"
  }
}

resource "aws_iam_role" "database_monitoring" {
  name               = "${var.name}-database-monitoring"
  assume_role_policy = module.settings.assume_policies["database_monitoring"]
}

resource "aws_iam_role_policy_attachment" "database_monitoring" {
  role       = aws_iam_role.database_monitoring.name
  policy_arn = module.settings.managed_policies["database_monitoring"]
}

resource "aws_db_instance" "this" {
  identifier             = var.name
  engine                 = "postgres"
  engine_version         = "17"
  instance_class         = var.database_class
  allocated_storage      = var.database_gib
  max_allocated_storage  = 10 * var.database_gib
  storage_type           = "gp3"
  storage_encrypted      = true
  kms_key_id             = aws_kms_key.this.arn
  multi_az               = true
  db_name                = "sepsis"
  username               = "sepsis"
  password_wo            = ephemeral.aws_secretsmanager_secret_version.database.secret_string
  password_wo_version    = var.database_password_version
  db_subnet_group_name   = aws_db_subnet_group.this.name
  parameter_group_name   = aws_db_parameter_group.this.name
  vpc_security_group_ids = [aws_security_group.database.id]
  ca_cert_identifier     = "rds-ca-ecc384-g1"

  backup_retention_period             = 35
  copy_tags_to_snapshot               = true
  deletion_protection                 = true
  skip_final_snapshot                 = false
  final_snapshot_identifier           = "${var.name}-last"
  auto_minor_version_upgrade          = true
  iam_database_authentication_enabled = true
  monitoring_interval                 = 60
  monitoring_role_arn                 = aws_iam_role.database_monitoring.arn
  performance_insights_enabled        = true
  performance_insights_kms_key_id     = aws_kms_key.this.arn
  enabled_cloudwatch_logs_exports     = ["postgresql", "upgrade"]
}
