# The simple form: one instance with Docker, its audit log in SQLite on an encrypted volume that outlives it, TLS by the service
# itself, no SSH (Session Manager instead). For a pilot: while the instance is replaced, nobody is answered.

terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

provider "aws" {
  region = var.region
  default_tags { tags = module.settings.tags }
}

data "aws_caller_identity" "this" {}

data "aws_ssm_parameter" "image" {
  name = module.settings.image_parameter
}

data "aws_subnet" "this" {
  id = var.subnet_id
}

module "settings" {
  source               = "../settings"
  instance_type        = var.instance_type
  name                 = var.name
  region               = var.region
  account_id           = data.aws_caller_identity.this.account_id
  image                = var.image
  allowed_cidrs        = var.allowed_cidrs
  zones                = [data.aws_subnet.this.availability_zone]
  tls_secret_arn       = var.tls_secret_arn
  server_name          = var.server_name
  private_ip           = var.private_ip
  volume_gib           = var.volume_gib
  alarm_topic_arns     = var.alarm_topic_arns
  alarm_email          = var.alarm_email
  audit_retention_days = var.audit_retention_days
  options              = var.options
}

locals {
  alarm_topics = concat(var.alarm_topic_arns, aws_sns_topic.alarms[*].arn)
}

resource "aws_kms_key" "this" {
  description         = "${var.name}: volume and log"
  enable_key_rotation = true
  policy              = module.settings.key_policy
}

resource "aws_cloudwatch_log_group" "service" {
  name              = module.settings.log_group
  retention_in_days = max(365, var.audit_retention_days)
  kms_key_id        = aws_kms_key.this.arn
}

resource "aws_iam_role" "instance" {
  name               = "${var.name}-instance"
  assume_role_policy = module.settings.assume_policies["instance"]
}

resource "aws_iam_role_policy" "instance" {
  name   = "instance"
  role   = aws_iam_role.instance.id
  policy = module.settings.instance_policy
}

resource "aws_iam_instance_profile" "instance" {
  name = "${var.name}-instance"
  role = aws_iam_role.instance.name
}

resource "aws_security_group" "instance" {
  name        = "${var.name}-instance"
  description = "The service from the hospital; no SSH"
  vpc_id      = data.aws_subnet.this.vpc_id

  ingress {
    description = "The service, with TLS"
    from_port   = module.settings.port
    to_port     = module.settings.port
    protocol    = "tcp"
    cidr_blocks = var.allowed_cidrs
  }

  egress {
    description = "Registry, log, secrets and updates, by TLS"
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_ebs_volume" "data" {
  availability_zone = data.aws_subnet.this.availability_zone
  size              = var.volume_gib
  type              = "gp3"
  encrypted         = true
  kms_key_id        = aws_kms_key.this.arn
  tags              = { Name = "${var.name}-data", Backup = var.name }

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_instance" "this" {
  ami                         = data.aws_ssm_parameter.image.value
  instance_type               = var.instance_type
  subnet_id                   = var.subnet_id
  private_ip                  = var.private_ip
  vpc_security_group_ids      = [aws_security_group.instance.id]
  iam_instance_profile        = aws_iam_instance_profile.instance.name
  user_data                   = module.settings.user_data
  user_data_replace_on_change = true
  monitoring                  = true
  ebs_optimized               = true
  associate_public_ip_address = false
  tags                        = { Name = var.name }

  metadata_options {
    http_tokens                 = "required" # IMDSv2 alone
    http_put_response_hop_limit = 1          # not for containers
  }

  root_block_device {
    encrypted  = true
    kms_key_id = aws_kms_key.this.arn
  }

  lifecycle {
    ignore_changes = [ami] # a newer one is taken by replacing the instance on purpose
  }
}

resource "aws_volume_attachment" "data" {
  device_name                    = "/dev/sdf"
  volume_id                      = aws_ebs_volume.data.id
  instance_id                    = aws_instance.this.id
  stop_instance_before_detaching = true
}

resource "aws_cloudwatch_metric_alarm" "instance" {
  alarm_name          = "${var.name}-instance"
  alarm_description   = "the instance fails its status check"
  namespace           = "AWS/EC2"
  metric_name         = "StatusCheckFailed"
  dimensions          = { InstanceId = aws_instance.this.id }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = module.settings.alarm_period
  evaluation_periods  = module.settings.alarm_periods
  treat_missing_data  = "breaching"
  alarm_actions       = local.alarm_topics
  ok_actions          = local.alarm_topics
}

# Whether the service is well: what its own health check was answered.
resource "aws_cloudwatch_log_metric_filter" "health" {
  name           = "${var.name}-healthy"
  log_group_name = aws_cloudwatch_log_group.service.name
  pattern        = module.settings.health.pattern

  metric_transformation {
    namespace = module.settings.health.namespace
    name      = module.settings.health.metric
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "health" {
  alarm_name          = "${var.name}-no-answer"
  alarm_description   = module.settings.health.reason
  namespace           = module.settings.health.namespace
  metric_name         = module.settings.health.metric
  statistic           = "Sum"
  comparison_operator = "LessThanThreshold"
  threshold           = module.settings.health.least
  period              = module.settings.alarm_period
  evaluation_periods  = module.settings.alarm_periods
  treat_missing_data  = "breaching" # no line is no service
  alarm_actions       = local.alarm_topics
  ok_actions          = local.alarm_topics
}

# Whether the data volume fills: what the service says of it.
resource "aws_cloudwatch_log_metric_filter" "disk" {
  name           = "${var.name}-disk"
  log_group_name = aws_cloudwatch_log_group.service.name
  pattern        = module.settings.disk.pattern

  metric_transformation {
    namespace = module.settings.disk.namespace
    name      = module.settings.disk.metric
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "disk" {
  alarm_name          = "${var.name}-disk"
  alarm_description   = module.settings.disk.reason
  namespace           = module.settings.disk.namespace
  metric_name         = module.settings.disk.metric
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = module.settings.disk.period
  evaluation_periods  = module.settings.disk.periods
  datapoints_to_alarm = 1
  treat_missing_data  = "notBreaching" # a service that says nothing at all is the alarm above
  alarm_actions       = local.alarm_topics
  ok_actions          = local.alarm_topics
}

resource "aws_sns_topic" "alarms" {
  count             = var.alarm_email == null ? 0 : 1
  name              = "${var.name}-alarms"
  kms_master_key_id = aws_kms_key.this.arn
}

# Nothing comes before its holder has confirmed it.
resource "aws_sns_topic_subscription" "alarms" {
  count     = var.alarm_email == null ? 0 : 1
  topic_arn = aws_sns_topic.alarms[0].arn
  protocol  = "email"
  endpoint  = var.alarm_email
}

# A snapshot each night; docs/audit.md says how to go back to one.
resource "aws_iam_role" "backup" {
  name               = "${var.name}-backup"
  assume_role_policy = module.settings.assume_policies["backup"]
}

resource "aws_iam_role_policy_attachment" "backup" {
  role       = aws_iam_role.backup.name
  policy_arn = module.settings.managed_policies["backup"]
}

resource "aws_dlm_lifecycle_policy" "backup" {
  description        = "${var.name}: the data volume, each night"
  execution_role_arn = aws_iam_role.backup.arn
  state              = "ENABLED"

  policy_details {
    resource_types = ["VOLUME"]
    target_tags    = { Backup = var.name }
    schedule {
      name = "nightly"
      create_rule {
        interval      = 24
        interval_unit = "HOURS"
        times         = ["02:00"]
      }
      retain_rule { count = 35 }
      copy_tags = true
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "backup" {
  alarm_name          = "${var.name}-backup"
  alarm_description   = "the nightly snapshot of the data volume failed: make one by hand, then look at the policy"
  namespace           = "AWS/EBS"
  metric_name         = "SnapshotsCreateFailed"
  dimensions          = { DLMPolicyId = aws_dlm_lifecycle_policy.backup.id }
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 3600
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_topics
}
