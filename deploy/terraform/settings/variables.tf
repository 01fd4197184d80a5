# What the two forms of the deployment are told, and what may be said, tested without a cloud. A check here may look at another variable
# only where nothing that the other is made of comes from this one: Terraform would find a circle.

variable "name" {
  description = "Name of this deployment: the beginning of all names in the account."
  type        = string
  default     = "sepsis"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,18}[a-z0-9]$", var.name))
    error_message = "name: 2 to 20 lower-case letters, digits and hyphens, a letter first and no hyphen last (names of load balancers are short)."
  }
  validation {
    condition     = !startswith(var.name, "internal-") && !strcontains(var.name, "--")
    error_message = "name: a load balancer's must not begin with internal-, and a database's must not have two hyphens in a row."
  }
}

variable "image" {
  description = "Container image by digest, so that what runs is what was tested: REGISTRY/sepsis@sha256:…"
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9./:_-]*@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image: name it by digest, REGISTRY/sepsis@sha256:…; a tag may be moved."
  }
  validation {
    condition     = !strcontains(var.image, ".dkr.ecr") || startswith(var.image, "${local.registry}/")
    error_message = "image: of ECR only from the deployment's own account and region, which is what the instances may read: ${local.registry}/…"
  }
}

variable "instance_type" {
  description = "Type of the instances; those of Graviton (t4g, c7g, …) get an image for arm64."
  type        = string
  default     = "c7i.large"
  validation {
    condition     = can(regex("^[a-z]+[0-9]+[a-z-]*\\.[a-z0-9-]+$", var.instance_type))
    error_message = "instance_type: such as c7i.large or t4g.small."
  }
}

variable "region" {
  description = "AWS region."
  type        = string
  validation {
    # Not GovCloud (us-gov-…), China (cn-…) or the isolated and sovereign ones: their ARNs and addresses are others.
    condition     = can(regex("^(af|ap|ca|eu|il|me|mx|sa|us)-[a-z]+-[0-9]$", var.region))
    error_message = "region: one of the commercial ones (partition aws), such as eu-west-3; the permissions are written for these."
  }
}

variable "account_id" {
  description = "AWS account, for the permissions."
  type        = string
  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id: 12 digits."
  }
}

variable "allowed_cidrs" {
  description = "Networks that may reach the service: those of the hospital."
  type        = list(string)
  validation {
    condition     = length(var.allowed_cidrs) > 0 && alltrue([for cidr in var.allowed_cidrs : can(cidrnetmask(cidr)) && try(cidrhost(cidr, 0) == split("/", cidr)[0], false)])
    error_message = "allowed_cidrs: at least one IPv4 network, by its first address, such as 10.20.0.0/16."
  }
  validation {
    # As much as two networks of /8, so that no sum of parts is the whole internet.
    condition     = try(sum([for cidr in var.allowed_cidrs : pow(2, 32 - tonumber(split("/", cidr)[1]))]) <= pow(2, 25), false)
    error_message = "allowed_cidrs: the networks of the hospital, not the internet: together at most 2^25 addresses, two networks of /8."
  }
}

variable "vpc_cidr" {
  description = "Network of the deployment, a /16 to a /24."
  type        = string
  default     = "10.80.0.0/20"
  validation {
    # AWS takes /16 to /28; what is below /24 has no room for six subnets with a balancer.
    condition     = can(cidrnetmask(var.vpc_cidr)) && try(tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 24, false)
    error_message = "vpc_cidr: an IPv4 network of /16 to /24."
  }
  validation {
    condition     = try(cidrhost(var.vpc_cidr, 0) == split("/", var.vpc_cidr)[0], false)
    error_message = "vpc_cidr: named by its first address, such as 10.80.0.0/20."
  }
}

variable "zones" {
  description = "Availability zones: one for the simple form, two or three for the full one."
  type        = list(string)
  validation {
    condition     = length(var.zones) >= 1 && length(var.zones) <= 3 && length(distinct(var.zones)) == length(var.zones)
    error_message = "zones: one to three different ones."
  }
  validation {
    condition     = alltrue([for zone in var.zones : can(regex("^${var.region}[a-z]$", zone))])
    error_message = "zones: of the region, such as ${var.region}a."
  }
  validation {
    condition     = !var.group || length(var.zones) >= 2
    error_message = "zones: a load balancer and the database need at least two."
  }
}

variable "group" {
  description = "The full form: a group of instances behind a load balancer, with a database."
  type        = bool
  default     = false
}

variable "instances" {
  description = "Instances behind the balancer; one in the simple form."
  type        = number
  default     = 1
  validation {
    condition     = var.instances >= 1 && var.instances <= 20 && floor(var.instances) == var.instances
    error_message = "instances: a whole number from 1 to 20."
  }
}

variable "database" {
  description = "PostgreSQL of the full form: where it is, the secrets with its password and with the key (64 hexadecimal digits) by which patients' ids are hashed, and the KMS key of these secrets; null keeps SQLite on the instance's own volume."
  type = object({
    host                = string
    secret_arn          = string
    hash_key_secret_arn = string
    key_arn             = string
  })
  default = null
  validation {
    condition     = var.instances == 1 || var.database != null
    error_message = "database: several instances need one audit log, in PostgreSQL."
  }
  validation {
    condition     = var.group == (var.database != null)
    error_message = "database: the full form has one, and the simple one none."
  }
}

variable "volume_gib" {
  description = "Size of the simple form's data volume, in GiB."
  type        = number
  default     = 50
  validation {
    condition     = var.volume_gib >= 10 && var.volume_gib <= 16384 && floor(var.volume_gib) == var.volume_gib
    error_message = "volume_gib: a whole number from 10 to 16384."
  }
}

variable "database_gib" {
  description = "Size of the database at the beginning, in GiB; it grows to ten times as much."
  type        = number
  default     = 50
  validation {
    # RDS takes 20 to 65536 GiB.
    condition     = var.database_gib >= 20 && var.database_gib <= 6553 && floor(var.database_gib) == var.database_gib
    error_message = "database_gib: a whole number from 20 to 6553."
  }
}

variable "tls_secret_arn" {
  description = "Secret (JSON with certificate and key, both PEM) that the instance shows, encrypted with the account's default key; null makes a certificate of its own at the first start."
  type        = string
  default     = null
  validation {
    condition     = var.tls_secret_arn == null || can(regex("^arn:aws:secretsmanager:${var.region}:${var.account_id}:secret:[A-Za-z0-9/_+=.@-]+$", var.tls_secret_arn))
    error_message = "tls_secret_arn: the ARN of a secret of this account and region."
  }
}

variable "server_name" {
  description = "Name by which callers reach the service, one of those in the certificate of tls_secret_arn: the health check asks by it. A certificate of the instance's own has it beside the name sepsis."
  type        = string
  default     = null
  validation {
    condition     = var.server_name == null || try(length(var.server_name) <= 253 && can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$", var.server_name)), false)
    error_message = "server_name: a DNS name in lower case, such as sepsis.hospital.example."
  }
  validation {
    condition     = var.tls_secret_arn == null || var.server_name != null
    error_message = "server_name: say a name that is in the certificate of tls_secret_arn; by another one the instance would never be healthy."
  }
}

variable "private_ip" {
  description = "Address of the simple form's instance in its subnet, which it keeps when it is replaced; null lets AWS choose another each time."
  type        = string
  default     = null
  validation {
    condition     = var.private_ip == null || can(cidrnetmask("${var.private_ip}/32"))
    error_message = "private_ip: an IPv4 address of the subnet, such as 10.20.1.10."
  }
  validation {
    condition     = !var.group || var.private_ip == null
    error_message = "private_ip: the full form's callers know the balancer's name."
  }
}

variable "audit_retention_days" {
  description = "Days that predictions are kept in the audit log; log groups are kept as long, and at least a year."
  type        = number
  default     = 365
  validation {
    # The retentions that CloudWatch Logs knows, from 30 days on.
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.audit_retention_days)
    error_message = "audit_retention_days: one of 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

variable "alarm_topic_arns" {
  description = "SNS topics of the region that hear of alarms."
  type        = list(string)
  validation {
    condition     = alltrue([for arn in var.alarm_topic_arns : can(regex("^arn:aws:sns:${var.region}:[0-9]{12}:[A-Za-z0-9_-]+$", arn))])
    error_message = "alarm_topic_arns: ARNs of SNS topics of the region, such as arn:aws:sns:${var.region}:123456789012:on-call; CloudWatch tells no others."
  }
  validation {
    condition     = length(var.alarm_topic_arns) > 0 || var.alarm_email != null
    error_message = "alarm_topic_arns: somebody must be told when the service is down: name a topic here, or in the simple form an alarm_email."
  }
}

variable "alarm_email" {
  description = "Address that hears of the simple form's alarms, by a topic of its own; AWS sends it a message first, in which that is to be confirmed."
  type        = string
  default     = null
  validation {
    condition     = var.alarm_email == null || can(regex("^[^@[:space:]]+@[^@[:space:]]+\\.[^@[:space:]]+$", var.alarm_email))
    error_message = "alarm_email: an address, such as on-call@hospital.example."
  }
  validation {
    condition     = !var.group || var.alarm_email == null
    error_message = "alarm_email: of the simple form; the full one tells alarm_topic_arns."
  }
}

variable "options" {
  description = "Further options of `sepsis serve`, as environment variables, such as SEPSIS_RATE."
  type        = map(string)
  default     = {}
  validation {
    condition     = alltrue([for name, _ in var.options : can(regex("^SEPSIS_[A-Z0-9_]+$", name))])
    error_message = "options: the names begin with SEPSIS_; `sepsis serve --help` lists them."
  }
  validation {
    condition     = length(setintersection(keys(var.options), ["SEPSIS_INSECURE_OPEN", "SEPSIS_INSECURE_PLAIN_HTTP", "SEPSIS_LISTEN", "SEPSIS_DATABASE_URL", "SEPSIS_DATA_DIR", "SEPSIS_TLS_CERT", "SEPSIS_TLS_KEY", "SEPSIS_URL", "SEPSIS_CA_FILE", "SEPSIS_SERVER_NAME", "SEPSIS_AUDIT", "SEPSIS_AUDIT_RETENTION", "SEPSIS_AUDIT_HASH_KEY_FILE"])) == 0
    error_message = "options: addresses, TLS, the store and the audit log are set by this module, and nothing opens the service to everybody."
  }
  validation {
    # The alarm counts lines of the level info in their usual form.
    condition     = var.group || length(setintersection(keys(var.options), ["SEPSIS_LOG_LEVEL", "SEPSIS_LOG_FORMAT"])) == 0
    error_message = "options: the simple form's alarm reads the service's log, so that its level and format stay as they are."
  }
  validation {
    condition     = alltrue([for _, value in var.options : !strcontains(value, "\n")])
    error_message = "options: a value is one line."
  }
}
