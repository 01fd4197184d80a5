variables {
  region        = "eu-west-3"
  account_id    = "123456789012"
  image         = "123456789012.dkr.ecr.eu-west-3.amazonaws.com/sepsis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  allowed_cidrs = ["10.20.0.0/16"]
  zones         = ["eu-west-3a"]
}

run "simple" {
  command = plan
  assert {
    condition     = startswith(output.user_data, "#cloud-config\n")
    error_message = "cloud-init knows its documents by the first line"
  }
  assert {
    condition     = length(base64encode(output.user_data)) < 16384
    error_message = "EC2 takes at most 16 KiB of user data"
  }
  assert {
    condition     = output.environment["SEPSIS_LISTEN"] == "0.0.0.0:8443" && output.environment["SEPSIS_AUDIT_RETENTION"] == "365"
    error_message = "settings of the service"
  }
  assert {
    condition     = !strcontains(output.user_data, "DATABASE_URL")
    error_message = "one instance keeps its audit log itself"
  }
  assert {
    condition     = strcontains(output.user_data, "--read-only --cap-drop ALL --security-opt no-new-privileges")
    error_message = "the container is held"
  }
  assert {
    condition     = !strcontains(output.instance_policy, "GetSecretValue")
    error_message = "no secret, no permission"
  }
  assert {
    condition = alltrue([
      for statement in jsondecode(output.instance_policy).Statement :
      try(tolist(statement.Resource), [statement.Resource]) != ["*"] || contains(["SessionManagerInsteadOfSSH", "LogInToRegistry"], statement.Sid)
    ])
    error_message = "only what knows no resources is allowed on all"
  }
  assert {
    condition     = strcontains(output.instance_policy, "arn:aws:ecr:eu-west-3:123456789012:repository/sepsis\"")
    error_message = "the image's own repository"
  }
}

run "key" {
  command = plan
  variables { name = "pilot" }
  assert {
    condition     = [for statement in jsondecode(output.key_statements) : statement.Sid] == ["Account", "Log"]
    error_message = "the account and the log, nobody else"
  }
  assert {
    condition     = jsondecode(output.key_statements)[1].Condition.ArnLike["kms:EncryptionContext:aws:logs:arn"] == "arn:aws:logs:eu-west-3:123456789012:log-group:/pilot/*"
    error_message = "the deployment's own log groups alone"
  }
  assert {
    condition     = endswith(output.image_parameter, "-x86_64")
    error_message = "c7i is not Graviton"
  }
}

run "graviton" {
  command = plan
  variables { instance_type = "t4g.small" }
  assert {
    condition     = endswith(output.image_parameter, "-arm64")
    error_message = "t4g is Graviton"
  }
}

run "gpu_is_no_graviton" {
  command = plan
  variables { instance_type = "g5.xlarge" }
  assert {
    condition     = endswith(output.image_parameter, "-x86_64")
    error_message = "a g before the number is another family"
  }
}

run "no_instance_type" {
  command = plan
  variables { instance_type = "large" }
  expect_failures = [var.instance_type]
}

run "full" {
  command = plan
  variables {
    zones          = ["eu-west-3a", "eu-west-3b"]
    instances      = 3
    database       = { host = "sepsis.example.eu-west-3.rds.amazonaws.com", secret_arn = "arn:aws:secretsmanager:eu-west-3:123456789012:secret:sepsis-database", hash_key_secret_arn = "arn:aws:secretsmanager:eu-west-3:123456789012:secret:sepsis-hash-key" }
    tls_secret_arn = "arn:aws:secretsmanager:eu-west-3:123456789012:secret:sepsis-tls"
    options        = { SEPSIS_RATE = "500" }
  }
  assert {
    condition     = strcontains(output.user_data, "@sepsis.example.eu-west-3.rds.amazonaws.com:5432/sepsis?sslmode=verify-full")
    error_message = "the database's certificate is checked"
  }
  assert {
    condition = anytrue([
      for statement in jsondecode(output.instance_policy).Statement :
      statement.Sid == "ReadOwnSecrets" && length(statement.Resource) == 3 if statement.Sid == "ReadOwnSecrets"
    ])
    error_message = "all three secrets can be read"
  }
  assert {
    condition     = output.private_subnets == { eu-west-3a = "10.80.0.0/23", eu-west-3b = "10.80.2.0/23" } && output.public_subnets == { eu-west-3a = "10.80.4.0/23", eu-west-3b = "10.80.6.0/23" }
    error_message = "networks"
  }
  assert {
    condition     = output.environment["SEPSIS_RATE"] == "500"
    error_message = "options get through"
  }
}

run "public_image" {
  command = plan
  variables {
    image = "ghcr.io/medtech-detect/sepsis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }
  assert {
    condition     = !strcontains(output.instance_policy, "ecr:") && !strcontains(output.user_data, "docker login")
    error_message = "no registry of the account"
  }
}

run "a_tag_is_refused" {
  command = plan
  variables { image = "ghcr.io/medtech-detect/sepsis:latest" }
  expect_failures = [var.image]
}

run "the_whole_internet_is_refused" {
  command = plan
  variables { allowed_cidrs = ["10.0.0.0/8", "0.0.0.0/0"] }
  expect_failures = [var.allowed_cidrs]
}

run "several_instances_need_a_database" {
  command = plan
  variables { instances = 2 }
  expect_failures = [var.database]
}

run "nobody_opens_the_service_by_an_option" {
  command = plan
  variables { options = { SEPSIS_INSECURE_OPEN = "true" } }
  expect_failures = [var.options]
}

run "an_option_is_one_line" {
  command = plan
  variables { options = { SEPSIS_RATE = "1\nSEPSIS_INSECURE_OPEN=true" } }
  expect_failures = [var.options]
}

run "a_name_is_short" {
  command = plan
  variables { name = "the-sepsis-service-of-our-hospital" }
  expect_failures = [var.name]
}

run "a_network_is_large_enough" {
  command = plan
  variables { vpc_cidr = "10.80.0.0/26" }
  expect_failures = [var.vpc_cidr]
}

run "retention_is_one_that_exists" {
  command = plan
  variables { audit_retention_days = 100 }
  expect_failures = [var.audit_retention_days]
}

run "zones_differ" {
  command = plan
  variables { zones = ["eu-west-3a", "eu-west-3a"] }
  expect_failures = [var.zones]
}
