resource "aws_cloudwatch_metric_alarm" "balancer" {
  for_each          = module.settings.balancer_alarms
  alarm_name        = "${var.name}-${each.key}"
  alarm_description = each.value.reason
  namespace         = "AWS/ApplicationELB"
  metric_name       = each.value.metric
  dimensions = merge(
    { LoadBalancer = aws_lb.this.arn_suffix },
    each.value.of_group ? { TargetGroup = aws_lb_target_group.this.arn_suffix } : {},
  )
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  period              = module.settings.alarm_period
  evaluation_periods  = module.settings.alarm_periods
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
}

resource "aws_cloudwatch_metric_alarm" "database" {
  for_each            = module.settings.database_alarms
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.reason
  namespace           = "AWS/RDS"
  metric_name         = each.value.metric
  dimensions          = { DBInstanceIdentifier = aws_db_instance.this.identifier }
  statistic           = "Average"
  comparison_operator = each.value.below != null ? "LessThanThreshold" : "GreaterThanThreshold"
  threshold           = coalesce(each.value.below, each.value.above)
  period              = module.settings.alarm_period
  evaluation_periods  = module.settings.alarm_periods
  treat_missing_data  = "breaching"
  alarm_actions       = var.alarm_topic_arns
}
