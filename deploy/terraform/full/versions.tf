# The full form: an Auto Scaling Group in private networks behind a load balancer with a certificate of ACM, one audit log in
# PostgreSQL (RDS, two zones), secrets in Secrets Manager, logs and alarms in CloudWatch. New images roll out instance by instance.

terraform {
  required_version = ">= 1.11"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
    random = {
      source  = "hashicorp/random"
      version = "~> 3.7"
    }
  }
}

provider "aws" {
  region = var.region
  default_tags { tags = module.settings.tags }
}
