data "aws_caller_identity" "this" {}

data "aws_ssm_parameter" "image" {
  name = module.settings.image_parameter
}

module "settings" {
  source        = "../settings"
  instance_type = var.instance_type
  name          = var.name
  region        = var.region
  account_id    = data.aws_caller_identity.this.account_id
  image         = var.image
  allowed_cidrs = var.allowed_cidrs
  vpc_cidr      = var.vpc_cidr
  zones         = var.zones
  group         = true
  instances     = var.instances
  database_gib  = var.database_gib
  database = {
    host                = aws_db_instance.this.address
    secret_arn          = aws_secretsmanager_secret.database.arn
    hash_key_secret_arn = aws_secretsmanager_secret.hash_key.arn
    key_arn             = aws_kms_key.this.arn
  }
  alarm_topic_arns     = var.alarm_topic_arns
  audit_retention_days = var.audit_retention_days
  options              = var.options
}

resource "aws_kms_key" "this" {
  description         = "${var.name}: volumes, database, secrets and log"
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

resource "aws_launch_template" "this" {
  name                   = var.name
  image_id               = data.aws_ssm_parameter.image.value
  instance_type          = var.instance_type
  user_data              = base64encode(module.settings.user_data)
  vpc_security_group_ids = [aws_security_group.instance.id]
  ebs_optimized          = true
  update_default_version = true

  iam_instance_profile { arn = aws_iam_instance_profile.instance.arn }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required" # IMDSv2 alone
    http_put_response_hop_limit = 1          # not for containers
  }

  block_device_mappings {
    device_name = "/dev/xvda"
    ebs {
      volume_type = "gp3"
      encrypted   = true
      kms_key_id  = aws_kms_key.this.arn
    }
  }

  # For what waits to be written while the database is away.
  block_device_mappings {
    device_name = "/dev/sdf"
    ebs {
      volume_type = "gp3"
      volume_size = 10
      encrypted   = true
      kms_key_id  = aws_kms_key.this.arn
    }
  }

  monitoring { enabled = true }

  tag_specifications {
    resource_type = "instance"
    tags          = { Name = var.name }
  }
}

resource "aws_autoscaling_group" "this" {
  name                = var.name
  min_size            = var.instances
  max_size            = module.settings.most_instances
  desired_capacity    = var.instances
  vpc_zone_identifier = [for subnet in aws_subnet.private : subnet.id]
  target_group_arns   = [aws_lb_target_group.this.arn]
  # Not by the balancer's check: a database that is away would end every instance, with the records that wait in it. Who is not ready is
  # passed over; systemd starts a service anew that has ended, and a machine that fails is replaced.
  health_check_type = "EC2"

  launch_template {
    id      = aws_launch_template.this.id
    version = aws_launch_template.this.latest_version
  }

  # A new image: new instances first. When one is not healthy at the balancer, the alarm ends the update; the warmup is longer than the
  # alarm takes, so that no old one goes before it. What the group goes back to then: docs/deploy-aws.md.
  instance_refresh {
    strategy = "Rolling"
    preferences {
      min_healthy_percentage = 100
      max_healthy_percentage = 150
      instance_warmup        = module.settings.warmup_seconds
      auto_rollback          = true
      alarm_specification {
        alarms = [aws_cloudwatch_metric_alarm.balancer["no-answer"].alarm_name]
      }
    }
  }

  tag {
    key                 = "Name"
    value               = var.name
    propagate_at_launch = true
  }
}
