# Least privilege: an instance reads its own secrets and image, writes its own log, and is reached through Session Manager.

locals {
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
      !strcontains(var.image, ".dkr.ecr.") ? [] : [
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

  # Of the key that encrypts volumes, secrets and log: the account's own policies hold, and its log may be written with it.
  key_statements = [
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
  ]

  assume_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
