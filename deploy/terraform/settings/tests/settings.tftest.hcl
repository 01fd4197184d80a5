variables {
  region        = "eu-west-3"
  account_id    = "123456789012"
  image         = "123456789012.dkr.ecr.eu-west-3.amazonaws.com/sepsis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  allowed_cidrs = ["10.20.0.0/16"]
  zones         = ["eu-west-3a"]

  alarm_topic_arns = ["arn:aws:sns:eu-west-3:123456789012:on-call"]
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

run "the_volume_may_come_late" {
  command = plan
  assert {
    condition = alltrue([
      for part in ["device=/dev/sdf\n", "seconds=300\n", "blkid --probe", "mkfs.xfs -q -L sepsis \"$device\"\n"] : strcontains(yamldecode(output.user_data).bootcmd[0][2], part)
    ])
    error_message = "each boot waits for the volume, and formats one that holds nothing"
  }
  assert {
    condition     = !can(yamldecode(output.user_data).fs_setup)
    error_message = "cloud-init's own formatting does not wait, and overwrites what has another label"
  }
  assert {
    condition     = contains(split(",", yamldecode(output.user_data).mounts[0][3]), "nofail") && strcontains(yamldecode(output.user_data).mounts[0][3], "x-systemd.device-timeout=60")
    error_message = "an instance without its volume comes up and is reached"
  }
  assert {
    condition = alltrue([
      for path, part in { "/usr/local/sbin/sepsis-prepare" = "\nmountpoint --quiet /var/lib/sepsis || {", "/etc/systemd/system/sepsis.service" = "\nRequiresMountsFor=/var/lib/sepsis\n" } :
      strcontains({ for file in yamldecode(output.user_data).write_files : file.path => file.content }[path], part)
    ])
    error_message = "without the volume the service does not write to the root volume"
  }
}

run "key" {
  command = plan
  variables { name = "pilot" }
  assert {
    condition     = [for statement in jsondecode(output.key_policy).Statement : statement.Sid] == ["Account", "Log"]
    error_message = "the account and the log, nobody else"
  }
  assert {
    condition     = jsondecode(output.key_policy).Statement[1].Condition.ArnLike["kms:EncryptionContext:aws:logs:arn"] == "arn:aws:logs:eu-west-3:123456789012:log-group:/pilot/*"
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
    group          = true
    instances      = 12
    database       = { host = "sepsis.example.eu-west-3.rds.amazonaws.com", secret_arn = "arn:aws:secretsmanager:eu-west-3:123456789012:secret:sepsis-database", hash_key_secret_arn = "arn:aws:secretsmanager:eu-west-3:123456789012:secret:sepsis-hash-key", key_arn = "arn:aws:kms:eu-west-3:123456789012:key/own" }
    tls_secret_arn = "arn:aws:secretsmanager:eu-west-3:123456789012:secret:sepsis-tls"
    server_name    = "sepsis.hospital.example"
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
    condition = [for statement in jsondecode(output.instance_policy).Statement : statement if contains(statement.Action, "kms:Decrypt")] == [{
      Sid       = "DecryptOwnSecrets"
      Effect    = "Allow"
      Action    = ["kms:Decrypt"]
      Resource  = "arn:aws:kms:eu-west-3:123456789012:key/own"
      Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.eu-west-3.amazonaws.com" } }
    }]
    error_message = "the key opens secrets, and nothing else that it encrypts"
  }
  assert {
    condition     = [for statement in jsondecode(output.key_policy).Statement : statement.Sid] == ["Account", "Log", "VolumesOfTheGroup", "AttachVolumesOfTheGroup"]
    error_message = "the account, the log, and who starts the instances"
  }
  assert {
    condition = [for statement in jsondecode(output.key_policy).Statement : statement if contains(flatten([statement.Action]), "kms:CreateGrant")] == [{
      Sid       = "AttachVolumesOfTheGroup"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling" }
      Action    = ["kms:CreateGrant"]
      Resource  = "*"
      Condition = { Bool = { "kms:GrantIsForAWSResource" = "true" } }
    }]
    error_message = "grants are for resources of AWS alone"
  }
  assert {
    condition     = jsondecode(output.flow_policy).Statement[0].Resource == "arn:aws:logs:eu-west-3:123456789012:log-group:/sepsis/flow:*" && output.flow_group == "/sepsis/flow"
    error_message = "the flow log writes to its own group"
  }
  assert {
    condition     = output.most_instances == 24 && output.database_alarms["database-connections"].above == 192
    error_message = "eight connections of each instance, and twice the instances during an update, are no alarm"
  }
  assert {
    condition     = output.warmup_seconds >= output.alarm_period * output.alarm_periods + 300
    error_message = "no old instance goes before the alarm of a new one can ring, and its metric comes late"
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

run "roles" {
  command = plan
  assert {
    condition = { for role, policy in output.assume_policies : role => jsondecode(policy).Statement[0].Principal.Service } == {
      instance = "ec2.amazonaws.com", backup = "dlm.amazonaws.com", flow = "vpc-flow-logs.amazonaws.com", database_monitoring = "monitoring.rds.amazonaws.com"
    }
    error_message = "each role is one service's"
  }
  assert {
    condition = alltrue([
      for role, policy in output.assume_policies :
      jsondecode(policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012" if role != "instance"
    ])
    error_message = "services that act for many accounts do so for this one"
  }
  assert {
    condition     = output.managed_policies["backup"] == "arn:aws:iam::aws:policy/service-role/AWSDataLifecycleManagerServiceRole"
    error_message = "AWS's own policies"
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

run "a_name_does_not_end_in_a_hyphen" {
  command = plan
  variables { name = "sepsis-" }
  expect_failures = [var.name]
}


run "a_name_does_not_begin_as_those_of_aws" {
  command = plan
  variables { name = "internal-x" }
  expect_failures = [var.name]
}


run "a_name_has_no_two_hyphens_in_a_row" {
  command = plan
  variables { name = "a--b" }
  expect_failures = [var.name]
}


run "the_image_is_of_the_own_account" {
  command = plan
  variables { image = "210987654321.dkr.ecr.eu-west-3.amazonaws.com/sepsis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
  expect_failures = [var.image]
}


run "the_image_is_of_the_own_region" {
  command = plan
  variables { image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/sepsis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
  expect_failures = [var.image]
}


run "the_image_is_of_the_usual_endpoint" {
  command = plan
  variables { image = "123456789012.dkr.ecr-fips.eu-west-3.amazonaws.com/sepsis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" }
  expect_failures = [var.image]
}


run "govcloud_is_another_partition" {
  command = plan
  variables {
    region = "us-gov-west-1"
    zones  = ["us-gov-west-1a"]
    image  = "ghcr.io/medtech-detect/sepsis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }
  expect_failures = [var.region]
}


run "china_is_another_partition" {
  command = plan
  variables {
    region = "cn-north-1"
    zones  = ["cn-north-1a"]
    image  = "ghcr.io/medtech-detect/sepsis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }
  expect_failures = [var.region]
}


run "a_region_is_no_zone" {
  command = plan
  variables {
    region = "eu-west-3a"
    zones  = ["eu-west-3aa"]
    image  = "ghcr.io/medtech-detect/sepsis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }
  expect_failures = [var.region]
}


run "an_account_has_twelve_digits" {
  command = plan
  variables {
    account_id = "12345678901"
    image      = "ghcr.io/medtech-detect/sepsis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }
  expect_failures = [var.account_id]
}


run "parts_of_the_internet_are_the_whole" {
  command = plan
  variables { allowed_cidrs = ["0.0.0.0/1", "128.0.0.0/1"] }
  expect_failures = [var.allowed_cidrs]
}


run "many_parts_are_the_whole_too" {
  command = plan
  variables { allowed_cidrs = [for i in range(256) : "${i}.0.0.0/8"] }
  expect_failures = [var.allowed_cidrs]
}


run "somebody_is_allowed" {
  command = plan
  variables { allowed_cidrs = [] }
  expect_failures = [var.allowed_cidrs]
}


run "allowed_are_networks" {
  command = plan
  variables { allowed_cidrs = ["10.20.0.7/16"] }
  expect_failures = [var.allowed_cidrs]
}


run "allowed_are_networks_of_ipv4" {
  command = plan
  variables { allowed_cidrs = ["fd00::/32"] }
  expect_failures = [var.allowed_cidrs]
}


run "a_network_is_not_too_large" {
  command = plan
  variables { vpc_cidr = "10.0.0.0/8" }
  expect_failures = [var.vpc_cidr]
}


run "a_network_begins_where_it_says" {
  command = plan
  variables { vpc_cidr = "10.80.1.0/20" }
  expect_failures = [var.vpc_cidr]
}


run "zones_are_of_the_region" {
  command = plan
  variables { zones = ["eu-west-1a"] }
  expect_failures = [var.zones]
}


run "there_is_a_zone" {
  command = plan
  variables { zones = [] }
  expect_failures = [var.zones]
}


run "a_balancer_needs_two_zones" {
  command = plan
  variables {
    group    = true
    database = { host = "db.example", secret_arn = "arn:a", hash_key_secret_arn = "arn:b", key_arn = "arn:c" }
  }
  expect_failures = [var.zones]
}


run "a_group_needs_a_database" {
  command = plan
  variables {
    group = true
    zones = ["eu-west-3a", "eu-west-3b"]
  }
  expect_failures = [var.database]
}


run "there_is_an_instance" {
  command = plan
  variables { instances = 0 }
  expect_failures = [var.instances]
}


run "instances_are_whole" {
  command = plan
  variables {
    group     = true
    zones     = ["eu-west-3a", "eu-west-3b"]
    database  = { host = "db.example", secret_arn = "arn:a", hash_key_secret_arn = "arn:b", key_arn = "arn:c" }
    instances = 2.5
  }
  expect_failures = [var.instances]
}


run "not_too_many_instances" {
  command = plan
  variables {
    group     = true
    zones     = ["eu-west-3a", "eu-west-3b"]
    database  = { host = "db.example", secret_arn = "arn:a", hash_key_secret_arn = "arn:b", key_arn = "arn:c" }
    instances = 21
  }
  expect_failures = [var.instances]
}


run "a_volume_has_a_size" {
  command = plan
  variables { volume_gib = 0 }
  expect_failures = [var.volume_gib]
}


run "a_volume_is_not_too_large" {
  command = plan
  variables { volume_gib = 20000 }
  expect_failures = [var.volume_gib]
}


run "a_volume_has_whole_gib" {
  command = plan
  variables { volume_gib = 50.5 }
  expect_failures = [var.volume_gib]
}


run "a_database_has_a_size" {
  command = plan
  variables { database_gib = 19 }
  expect_failures = [var.database_gib]
}


run "a_database_has_room_to_grow" {
  command = plan
  variables { database_gib = 6554 }
  expect_failures = [var.database_gib]
}


run "a_certificate_is_of_the_own_account" {
  command = plan
  variables {
    tls_secret_arn = "arn:aws:secretsmanager:eu-west-3:210987654321:secret:tls"
    server_name    = "sepsis.hospital.example"
  }
  expect_failures = [var.tls_secret_arn]
}


run "a_certificate_is_no_command" {
  command = plan
  variables {
    tls_secret_arn = "arn:aws:secretsmanager:eu-west-3:123456789012:secret:tls'; reboot; '"
    server_name    = "sepsis.hospital.example"
  }
  expect_failures = [var.tls_secret_arn]
}

run "the_health_check_asks_by_the_name_in_the_certificate" {
  command = plan
  variables {
    tls_secret_arn = "arn:aws:secretsmanager:eu-west-3:123456789012:secret:tls"
    server_name    = "sepsis.hospital.example"
  }
  assert {
    condition     = output.environment["SEPSIS_SERVER_NAME"] == "sepsis.hospital.example"
    error_message = "a certificate for another name than sepsis is one of a healthy instance"
  }
}

run "a_certificate_of_its_own_has_both_names" {
  command = plan
  variables { server_name = "sepsis.hospital.example" }
  assert {
    condition     = output.environment["SEPSIS_SERVER_NAME"] == "sepsis" && strcontains(output.user_data, "subjectAltName=DNS:sepsis,DNS:sepsis.hospital.example'")
    error_message = "callers may use the name, and the health check the one that each such certificate has"
  }
}

run "the_name_in_a_certificate_is_said" {
  command = plan
  variables { tls_secret_arn = "arn:aws:secretsmanager:eu-west-3:123456789012:secret:tls" }
  expect_failures = [var.server_name]
}

run "a_server_name_is_no_command" {
  command = plan
  variables { server_name = "sepsis'; reboot; '" }
  expect_failures = [var.server_name]
}

run "the_health_check_is_not_set_by_an_option" {
  command = plan
  variables { options = { SEPSIS_SERVER_NAME = "sepsis.hospital.example" } }
  expect_failures = [var.options]
}

run "an_address_is_one" {
  command = plan
  variables { private_ip = "10.20.1.0/24" }
  expect_failures = [var.private_ip]
}

run "a_group_has_no_one_address" {
  command = plan
  variables {
    group      = true
    zones      = ["eu-west-3a", "eu-west-3b"]
    database   = { host = "db.example", secret_arn = "arn:a", hash_key_secret_arn = "arn:b", key_arn = "arn:c" }
    private_ip = "10.20.1.10"
  }
  expect_failures = [var.private_ip]
}

run "an_address_is_kept" {
  command = plan
  variables { private_ip = "10.20.1.10" }
  assert {
    condition     = strcontains({ for file in yamldecode(output.user_data).write_files : file.path => file.content }["/usr/local/sbin/sepsis-prepare"], "\nkept=/var/lib/sepsis/tls\n")
    error_message = "the certificate is kept with the data, as the address is"
  }
}

run "nothing_depends_on_itself" {
  command = plan
  module { source = "./tests/circle" }
}

run "an_email_hears_of_alarms" {
  command = plan
  variables {
    alarm_topic_arns = []
    alarm_email      = "on-call@hospital.example"
  }
  assert {
    condition = [for statement in jsondecode(output.key_policy).Statement : statement if statement.Sid == "TopicOfAlarms"] == [{
      Sid       = "TopicOfAlarms"
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
      Resource  = "*"
      Condition = { StringEquals = { "aws:SourceAccount" = "123456789012" } }
    }]
    error_message = "the topic is encrypted by the deployment's key: without it CloudWatch's message would be refused, and nobody told"
  }
}

run "somebody_is_told" {
  command = plan
  variables { alarm_topic_arns = [] }
  expect_failures = [var.alarm_topic_arns]
}

run "a_topic_is_of_the_region" {
  command = plan
  variables { alarm_topic_arns = ["arn:aws:sns:eu-west-1:123456789012:on-call"] }
  expect_failures = [var.alarm_topic_arns]
}

run "an_email_is_one" {
  command = plan
  variables { alarm_email = "on-call" }
  expect_failures = [var.alarm_email]
}

run "a_group_tells_its_topics" {
  command = plan
  variables {
    group       = true
    zones       = ["eu-west-3a", "eu-west-3b"]
    database    = { host = "db.example", secret_arn = "arn:a", hash_key_secret_arn = "arn:b", key_arn = "arn:c" }
    alarm_email = "on-call@hospital.example"
  }
  expect_failures = [var.alarm_email]
}

run "the_disk_is_told_of_once_an_hour" {
  command = plan
  assert {
    condition     = output.disk.period == 3600 && output.disk.periods >= 2
    error_message = "the service says it each hour: an alarm that looks at less than two would be over and ring again"
  }
  assert {
    condition     = output.disk.metric != output.health.metric
    error_message = "each alarm counts its own lines"
  }
}

run "the_alarm_can_read_the_log" {
  command = plan
  variables { options = { SEPSIS_LOG_LEVEL = "warn" } }
  expect_failures = [var.options]
}

run "a_group_may_log_less" {
  command = plan
  variables {
    group    = true
    zones    = ["eu-west-3a", "eu-west-3b"]
    database = { host = "db.example", secret_arn = "arn:a", hash_key_secret_arn = "arn:b", key_arn = "arn:c" }
    options  = { SEPSIS_LOG_LEVEL = "warn" }
  }
}
