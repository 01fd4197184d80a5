#!/bin/bash
# Before each start: the image, the certificate, and the settings with the secrets, which are kept in memory only.
set -euo pipefail
export HOME=/run/sepsis AWS_DEFAULT_REGION=${region}

# The user of the image.
owner=65532
tls=/etc/sepsis/tls
secret() { aws secretsmanager get-secret-value --secret-id "$1" --query SecretString --output text; }

# On the root volume the audit log would end with the instance.
mountpoint --quiet /var/lib/sepsis || { echo 'sepsis: the data volume is not mounted at /var/lib/sepsis: attach it and reboot' >&2; exit 1; }
chown "$owner:$owner" /var/lib/sepsis
chmod 0700 /var/lib/sepsis
install -d -m 0755 "$tls"
umask 0077

%{ if tls_secret != "" ~}
# A secret with certificate and key.
secret '${tls_secret}' | python3 -c '
import json, sys
secret = json.load(sys.stdin)
for name in ("certificate", "key"):
    with open(f"{sys.argv[1]}/{name}.pem", "w") as file:
        file.write(secret[name])
' "$tls"
%{ else ~}
# A certificate of its own, once: it is kept on the data volume, which outlives the instance, because callers are given the file. (A
# load balancer does not check it.) The service's user may put anything there, so that no link is followed.
kept=/var/lib/sepsis/tls
if [ ! -s "$kept-certificate.pem" ] || [ ! -s "$kept-key.pem" ]; then
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj /CN=sepsis \
		-addext 'subjectAltName=${own_names}' -keyout "$tls/key.pem" -out "$tls/certificate.pem"
	rm -f "$kept-certificate.pem" "$kept-key.pem"
	for part in certificate key; do
		dd status=none conv=excl,fsync oflag=nofollow if="$tls/$part.pem" of="$kept-$part.pem"
	done
fi
for part in certificate key; do
	dd status=none iflag=nofollow,nonblock if="$kept-$part.pem" of="$tls/$part.pem"
done
%{ endif ~}
chown "$owner:$owner" "$tls/key.pem" "$tls/certificate.pem"
chmod 0644 "$tls/certificate.pem"

cp /etc/sepsis/environment /run/sepsis/environment
%{ if database_secret != "" ~}
# The authorities of RDS, and the address with the password.
curl --fail --silent --show-error --retry 5 --output "$tls/database.pem" \
	https://truststore.pki.rds.amazonaws.com/${region}/${region}-bundle.pem
chmod 0644 "$tls/database.pem"
secret '${database_secret}' | python3 -c '
import sys, urllib.parse
password = urllib.parse.quote(sys.stdin.read().strip(), safe="")
print(f"SEPSIS_DATABASE_URL=postgres://sepsis:{password}@${database_host}:5432/sepsis?sslmode=verify-full&sslrootcert=/etc/sepsis/tls/database.pem")
' >> /run/sepsis/environment

# The key by which patients' ids are hashed, the same on all instances.
secret '${hash_key_secret}' > "$tls/hash.key"
chown "$owner:$owner" "$tls/hash.key"
echo 'SEPSIS_AUDIT_HASH_KEY_FILE=/etc/sepsis/tls/hash.key' >> /run/sepsis/environment
%{ endif ~}

%{ if strcontains(registry, ".dkr.ecr.") ~}
aws ecr get-login-password | docker login --username AWS --password-stdin '${registry}'
%{ endif ~}
docker rm --force sepsis >/dev/null 2>&1 || true
docker image inspect '${image}' >/dev/null 2>&1 || docker pull --quiet '${image}'
