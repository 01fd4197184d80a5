#!/usr/bin/env bash
# Runs sepsis-prepare of both forms, whose folders are below $1, with its paths moved there and with programs that stand in
# for aws, docker, curl and chown, and looks at what it leaves.
set -euo pipefail
scratch=$1

mkdir -p "$scratch/bin"
cat >"$scratch/bin/aws" <<'AWS'
#!/bin/bash
case "$*" in
	*arn:database*) echo 'p@ss/wo:rd' ;;
	*arn:hash-key*) printf '0%.0s' {1..64} ;;
	*arn:tls*) echo '{"certificate": "CERTIFICATE\n", "key": "KEY\n"}' ;;
	*) echo token ;;
esac
AWS
cat >"$scratch/bin/docker" <<DOCKER
#!/bin/bash
echo "docker \$*" >>"$scratch/docker.log"
if [ "\$1" = login ]; then cat >/dev/null; fi
[ "\$1" != image ]
DOCKER
cat >"$scratch/bin/curl" <<'CURL'
#!/bin/bash
while [ "$1" != --output ]; do shift; done
echo AUTHORITIES >"$2"
CURL
printf '#!/bin/bash\n' >"$scratch/bin/chown"
chmod +x "$scratch"/bin/*

prepare() { # FORM
	local root=$scratch/root-$1
	mkdir -p "$root/etc/sepsis" "$root/run/sepsis" "$root/var/lib/sepsis"
	cp "$scratch/$1/environment" "$root/etc/sepsis/environment"
	sed "s#/etc/sepsis#$root/etc/sepsis#g; s#/run/sepsis#$root/run/sepsis#g; s#/var/lib/sepsis#$root/var/lib/sepsis#g" \
		"$scratch/$1/sepsis-prepare" >"$root/prepare"
	PATH=$scratch/bin:$PATH bash "$root/prepare" 2>"$root/errors" || { cat "$root/errors" >&2; exit 1; }
}
require() { "$@" || { echo "does not hold: $*" >&2; exit 1; }; }

prepare simple
root=$scratch/root-simple
require openssl x509 -in "$root/etc/sepsis/tls/certificate.pem" -noout -checkhost sepsis
first=$(sha256sum "$root/etc/sepsis/tls/key.pem")
prepare simple
require [ "$first" = "$(sha256sum "$root/etc/sepsis/tls/key.pem")" ]
require [ "$(stat -c %a "$root/etc/sepsis/tls/key.pem")" = 600 ]
require cmp "$root/etc/sepsis/environment" "$root/run/sepsis/environment"

prepare full
root=$scratch/root-full
require grep -q '^SEPSIS_DATABASE_URL=postgres://sepsis:p%40ss%2Fwo%3Ard@db.example:5432/sepsis?sslmode=verify-full&sslrootcert=' "$root/run/sepsis/environment"
require [ "$(cat "$root/etc/sepsis/tls/key.pem")" = KEY ]
require [ "$(stat -c %a "$root/run/sepsis/environment")" = 600 ]
require grep -q '^SEPSIS_AUDIT_HASH_KEY_FILE=' "$root/run/sepsis/environment"
require [ "$(stat -c %s "$root/etc/sepsis/tls/hash.key")" = 64 ]
require grep -q 'docker pull --quiet 123456789012.dkr.ecr.eu-west-3.amazonaws.com/sepsis@sha256:' "$scratch/docker.log"
