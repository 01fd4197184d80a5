# What an instance (Amazon Linux 2023) does when it starts.

locals {
  # Terraform attaches the simple form's volume some seconds after the instance runs; more than this is a fault.
  volume_seconds = 300

  rendered = {
    for name in ["sepsis.service", "prepare.sh", "volume.sh"] : name => templatefile("${path.module}/files/${name}", {
      image           = var.image
      region          = var.region
      registry        = split("/", var.image)[0]
      log_group       = local.log_group
      port            = local.port
      stop_seconds    = local.drain_seconds + 40
      database_host   = var.database == null ? "" : var.database.host
      database_secret = local.database_secret
      hash_key_secret = local.hash_key_secret
      tls_secret      = var.tls_secret_arn == null ? "" : var.tls_secret_arn
      own_names       = join(",", [for name in local.own_names : "DNS:${name}"])
      volume_seconds  = local.volume_seconds
    })
  }

  cloud_config = {
    package_update  = true
    package_upgrade = true
    packages        = ["docker"]
    # The encrypted data volume. Not fs_setup, which neither waits nor leaves a file system under another label alone; bootcmd runs at
    # each boot, before mounts. Without the volume (nofail) the instance still comes up and is reached, and the service does not start.
    bootcmd = [["bash", "-c", local.rendered["volume.sh"]]]
    mounts  = [["LABEL=sepsis", "/var/lib/sepsis", "xfs", "defaults,nodev,nosuid,noexec,nofail,x-systemd.device-timeout=60", "0", "2"]]
    write_files = [
      { path = "/etc/sepsis/environment", permissions = "0600", content = join("", [for name, value in local.environment : "${name}=${value}\n"]) },
      { path = "/usr/local/sbin/sepsis-prepare", permissions = "0700", content = local.rendered["prepare.sh"] },
      { path = "/etc/systemd/system/sepsis.service", permissions = "0644", content = local.rendered["sepsis.service"] },
    ]
    runcmd = [
      ["systemctl", "disable", "--now", "sshd"],
      ["systemctl", "enable", "--now", "docker"],
      ["systemctl", "daemon-reload"],
      ["systemctl", "enable", "--now", "sepsis"],
    ]
  }

  user_data = "#cloud-config\n${yamlencode(local.cloud_config)}"
}
