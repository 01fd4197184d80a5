# Least privilege: an instance reads its own secrets and image, writes its own log, and is reached through Session Manager.

locals {
  # variables.tf refuses regions of other partitions.
  arn = "arn:aws"

  instance_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid      = "WriteOwnLog"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = "${local.arn}:logs:${var.region}:${var.account_id}:log-group:${local.log_group}:*"
        },
        {
          Sid    = "SessionManagerInsteadOfSSH"
          Effect = "Allow"
          Action = [
            "ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
          ]
          # These actions know no resources.
          Resource = "*"
        },
      ],
      length(local.secrets) == 0 ? [] : [{
        Sid      = "ReadOwnSecrets"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = local.secrets
      }],
      var.database == null ? [] : [{
        Sid      = "DecryptOwnSecrets"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = var.database.key_arn
        # Not volumes, log or database, which the same key encrypts.
        Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${var.region}.amazonaws.com" } }
      }],
      !startswith(var.image, "${local.registry}/") ? [] : [
        { Sid = "LogInToRegistry", Effect = "Allow", Action = ["ecr:GetAuthorizationToken"], Resource = "*" },
        {
          Sid      = "PullOwnImage"
          Effect   = "Allow"
          Action   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"]
          Resource = "${local.arn}:ecr:${var.region}:${var.account_id}:repository/${try(regex("^[^/]+/([^@]+)@", var.image)[0], "none")}"
        },
      ],
    )
  })

  # Of the key that encrypts volumes, secrets, database and log: the account's own policies hold, its log may be written with it, and
  # the service that starts the full form's instances may give them their volumes.
  key_policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "Account"
          Effect    = "Allow"
          Principal = { AWS = "${local.arn}:iam::${var.account_id}:root" }
          Action    = "kms:*"
          Resource  = "*"
        },
        {
          Sid       = "Log"
          Effect    = "Allow"
          Principal = { Service = "logs.${var.region}.amazonaws.com" }
          Action    = ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
          Resource  = "*"
          Condition = { ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "${local.arn}:logs:${var.region}:${var.account_id}:log-group:/${var.name}/*" } }
        },
      ],
      [for statement in local.group_key_statements : statement if var.group],
      var.alarm_email == null ? [] : [{
        Sid       = "TopicOfAlarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = "*"
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      }],
    )
  })

  # The two statements that AWS documents for Auto Scaling and a key of one's own; the role must exist (docs/deploy-aws.md).
  group_role = "${local.arn}:iam::${var.account_id}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
  group_key_statements = [
    {
      Sid       = "VolumesOfTheGroup"
      Effect    = "Allow"
      Principal = { AWS = local.group_role }
      Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
      Resource  = "*"
    },
    {
      Sid       = "AttachVolumesOfTheGroup"
      Effect    = "Allow"
      Principal = { AWS = local.group_role }
      Action    = ["kms:CreateGrant"]
      Resource  = "*"
      Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
    },
  ]

  flow_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "WriteFlowLog"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
      Resource = "${local.arn}:logs:${var.region}:${var.account_id}:log-group:${local.flow_group}:*"
    }]
  })

  # Who takes which role. Services that act for many accounts may do so for this one alone.
  role_services = {
    instance            = "ec2.amazonaws.com"
    backup              = "dlm.amazonaws.com"
    flow                = "vpc-flow-logs.amazonaws.com"
    database_monitoring = "monitoring.rds.amazonaws.com"
  }
  assume_policies = {
    for role, service in local.role_services : role => jsonencode({
      Version = "2012-10-17"
      Statement = [merge(
        { Effect = "Allow", Principal = { Service = service }, Action = "sts:AssumeRole" },
        role == "instance" ? null : { Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } } },
      )]
    })
  }

  managed_policies = {
    for role, name in { backup = "AWSDataLifecycleManagerServiceRole", database_monitoring = "AmazonRDSEnhancedMonitoringRole" } :
    role => "${local.arn}:iam::aws:policy/service-role/${name}"
  }
}
