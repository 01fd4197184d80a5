# What depends on what in the full form, with stand-ins for the resources of AWS: were there a circle, Terraform would find it here too.

module "settings" {
  source        = "../.."
  region        = "eu-west-3"
  account_id    = "123456789012"
  image         = "123456789012.dkr.ecr.eu-west-3.amazonaws.com/sepsis@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  allowed_cidrs = ["10.20.0.0/16"]
  zones         = ["eu-west-3a", "eu-west-3b"]
  group         = true
  instances     = 3

  alarm_topic_arns = ["arn:aws:sns:eu-west-3:123456789012:on-call"]
  database = {
    host                = terraform_data.database.id
    secret_arn          = terraform_data.secret.id
    hash_key_secret_arn = terraform_data.secret.id
    key_arn             = terraform_data.key.id
  }
}

resource "terraform_data" "key" {
  input = module.settings.key_policy
}

resource "terraform_data" "secret" {
  input = terraform_data.key.id
}

resource "terraform_data" "network" {
  for_each = module.settings.private_subnets
  input    = each.value
}

resource "terraform_data" "flow_log" {
  input = [module.settings.flow_group, module.settings.flow_policy, terraform_data.key.id, terraform_data.network]
}

resource "terraform_data" "database" {
  input = [module.settings.assume_policies, module.settings.managed_policies, module.settings.port, terraform_data.key.id, terraform_data.secret.id, terraform_data.network]
}

resource "terraform_data" "group" {
  input = [module.settings.user_data, module.settings.instance_policy, module.settings.most_instances, module.settings.image_parameter, module.settings.log_group, terraform_data.network]
}

resource "terraform_data" "alarms" {
  input = [module.settings.database_alarms, module.settings.balancer_alarms, terraform_data.database.id, terraform_data.group.id]
}
