# What both forms of the deployment are told. Everything is checked here, where it can be tested without a cloud.

variable "name" {
  description = "Name of this deployment: the beginning of all names in the account."
  type        = string
  default     = "sepsis"
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,19}$", var.name))
    error_message = "name: 2 to 20 lower-case letters, digits and hyphens, a letter first (names of load balancers are short)."
  }
}

variable "image" {
  description = "Container image by digest, so that what runs is what was tested: REGISTRY/sepsis@sha256:…"
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9./:_-]*@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image: name it by digest, REGISTRY/sepsis@sha256:…; a tag may be moved."
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
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region: such as eu-west-3."
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
    condition     = length(var.allowed_cidrs) > 0 && alltrue([for cidr in var.allowed_cidrs : can(cidrnetmask(cidr))])
    error_message = "allowed_cidrs: at least one IPv4 network, such as 10.20.0.0/16."
  }
  validation {
    condition     = alltrue([for cidr in var.allowed_cidrs : !endswith(cidr, "/0")])
    error_message = "allowed_cidrs: not the whole internet."
  }
}

variable "vpc_cidr" {
  description = "Network of the deployment, at least a /24."
  type        = string
  default     = "10.80.0.0/20"
  validation {
    condition     = can(cidrnetmask(var.vpc_cidr)) && try(tonumber(split("/", var.vpc_cidr)[1]) <= 24, false)
    error_message = "vpc_cidr: an IPv4 network of /24 or larger."
  }
}

variable "zones" {
  description = "Availability zones: one for the simple form, two or three for the full one."
  type        = list(string)
  validation {
    condition     = length(var.zones) >= 1 && length(var.zones) <= 3 && length(distinct(var.zones)) == length(var.zones)
    error_message = "zones: one to three different ones."
  }
}

variable "instances" {
  description = "Instances behind the balancer; one in the simple form."
  type        = number
  default     = 1
  validation {
    condition     = var.instances >= 1 && var.instances <= 20 && floor(var.instances) == var.instances
    error_message = "instances: 1 to 20."
  }
}

variable "database" {
  description = "PostgreSQL of the full form: where it is, and the secrets with its password and with the key (64 hexadecimal digits) by which patients' ids are hashed; null keeps SQLite on the instance's own volume."
  type = object({
    host                = string
    secret_arn          = string
    hash_key_secret_arn = string
  })
  default = null
  validation {
    condition     = var.instances == 1 || var.database != null
    error_message = "database: several instances need one audit log, in PostgreSQL."
  }
}

variable "tls_secret_arn" {
  description = "Secret (JSON with certificate and key, both PEM) that the instance shows; null makes a certificate of its own at the first start."
  type        = string
  default     = null
}

variable "audit_retention_days" {
  description = "Days that the audit log and the logs are kept."
  type        = number
  default     = 365
  validation {
    # The retentions that CloudWatch Logs knows, from 30 days on.
    condition     = contains([30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.audit_retention_days)
    error_message = "audit_retention_days: one of 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
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
    condition     = length(setintersection(keys(var.options), ["SEPSIS_INSECURE_OPEN", "SEPSIS_INSECURE_PLAIN_HTTP", "SEPSIS_LISTEN", "SEPSIS_DATABASE_URL", "SEPSIS_DATA_DIR", "SEPSIS_TLS_CERT", "SEPSIS_TLS_KEY", "SEPSIS_AUDIT", "SEPSIS_AUDIT_RETENTION", "SEPSIS_AUDIT_HASH_KEY_FILE"])) == 0
    error_message = "options: addresses, TLS, the store and the audit log are set by this module, and nothing opens the service to everybody."
  }
  validation {
    condition     = alltrue([for _, value in var.options : !strcontains(value, "\n")])
    error_message = "options: a value is one line."
  }
}
