# What somebody is woken for.

locals {
  # How often a metric is looked at, in seconds, and how often in a row it must be beyond its threshold.
  alarm_period  = 60
  alarm_periods = 5
  # How long a new instance is watched before an old one goes: until its alarm has come, with five minutes more for the metric, which
  # comes late, and for an instance that starts slowly.
  warmup_seconds = local.alarm_period * local.alarm_periods + 300

  # An instance opens at most so many (postgres/postgres.go); while an update goes on, there are up to twice the instances.
  connections_of_instance = 8
  most_instances          = 2 * var.instances
  most_connections        = local.connections_of_instance * local.most_instances

  # The simple form has no balancer that asks. Its own health check does, every ten seconds (Dockerfile), and the service writes a line of
  # each answer into its log: a minute without an OK is one without the service, its audit log, its machine or its way to CloudWatch.
  health = {
    namespace = "sepsis/${var.name}"
    metric    = "Healthy"
    pattern   = "{ $.msg = \"request\" && $.route = \"GET /health\" && $.status = 200 }"
    least     = 1
    reason    = "the service has not said OK: look at its log, then at the instance"
  }

  # The service looks at its disk at the start and each hour, and writes this line when less than 15 % is free. Of two hours one with it is
  # enough, because the line may come a moment before or after the hour ends.
  disk = {
    namespace = "sepsis/${var.name}"
    metric    = "DiskFills"
    pattern   = "{ $.msg = \"the disk of the audit log fills\" }"
    period    = 3600
    periods   = 2
    reason    = "less than 15 % of the data volume is free: make it larger (docs/deploy-aws.md, More room), before nothing can be recorded and nobody is answered"
  }

  # of_group: the metric is kept for each group of instances, not for the balancer alone.
  balancer_alarms = {
    no-answer    = { metric = "UnHealthyHostCount", statistic = "Maximum", above = 0, of_group = true, reason = "an instance is not healthy" }
    server-error = { metric = "HTTPCode_Target_5XX_Count", statistic = "Sum", above = 0, of_group = true, reason = "the service answered with 5xx: see its log" }
    refused      = { metric = "HTTPCode_ELB_5XX_Count", statistic = "Sum", above = 0, of_group = false, reason = "the balancer had nobody to ask" }
    # As the rule SepsisSlow of deploy/monitoring/alerts.yml.
    slow = { metric = "TargetResponseTime", statistic = "p99", above = 0.1, of_group = true, reason = "1 of 100 answers takes more than 0.1 s" }
  }
  database_alarms = {
    database-full        = { metric = "FreeStorageSpace", above = null, below = 5 * 1024 * 1024 * 1024, reason = "under 5 GiB left for the audit log" }
    database-busy        = { metric = "CPUUtilization", above = 80, below = null, reason = "the database works at more than 80 %" }
    database-connections = { metric = "DatabaseConnections", above = local.most_connections, below = null, reason = "more connections than all instances should hold, also while an update doubles them" }
  }
}
