#!/usr/bin/env bash
# Runs sepsis-prepare of both forms, whose folders are below $1, with its paths moved there and with programs that stand in
# for aws, docker, curl, chown and mountpoint, and looks at what it leaves.
set -euo pipefail
scratch=$1

mkdir -p "$scratch/bin"
cat >"$scratch/bin/aws" <<'AWS'
#!/bin/bash
case "$*" in
	*arn:database*) echo 'p@ss/wo:rd' ;;
	*arn:hash-key*) printf '0%.0s' {1..64} ;;
	*:secret:tls*) echo '{"certificate": "CERTIFICATE\n", "key": "KEY\n"}' ;;
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
# A folder with this file in it stands for a mounted volume.
printf '#!/bin/bash\n[ -e "$2/mounted" ]\n' >"$scratch/bin/mountpoint"
chmod +x "$scratch"/bin/*

prepare() { # FORM [mounted|unmounted]
	local root=$scratch/root-$1
	mkdir -p "$root/etc/sepsis" "$root/run/sepsis" "$root/var/lib/sepsis"
	[ "${2:-mounted}" != mounted ] || touch "$root/var/lib/sepsis/mounted"
	cp "$scratch/$1/environment" "$root/etc/sepsis/environment"
	sed "s#/etc/sepsis#$root/etc/sepsis#g; s#/run/sepsis#$root/run/sepsis#g; s#/var/lib/sepsis#$root/var/lib/sepsis#g" \
		"$scratch/$1/sepsis-prepare" >"$root/prepare"
	PATH=$scratch/bin:$PATH bash "$root/prepare" 2>"$root/errors"
}
require() { "$@" || { echo "does not hold: $*" >&2; cat "$scratch"/root-*/errors >&2; exit 1; }; }

if prepare simple unmounted; then
	echo 'the service starts without its data volume' >&2
	exit 1
fi
root=$scratch/root-simple
require grep -q 'the data volume is not mounted' "$root/errors"
require [ ! -e "$root/run/sepsis/environment" ]

require prepare simple
for name in sepsis sepsis.hospital.example; do
	require [ "$(openssl x509 -in "$root/etc/sepsis/tls/certificate.pem" -noout -checkhost $name)" = "Hostname $name does match certificate" ]
done
first=$(sha256sum "$root/etc/sepsis/tls/key.pem")
require prepare simple
require [ "$first" = "$(sha256sum "$root/etc/sepsis/tls/key.pem")" ]
require [ "$(stat -c %a "$root/etc/sepsis/tls/key.pem")" = 600 ]
require [ "$(stat -c %a "$root/var/lib/sepsis/tls-key.pem")" = 600 ]

# A new instance, with the same volume, shows the same certificate, and with another volume one of its own.
rm -r "$root/etc/sepsis" "$root/run/sepsis"
require prepare simple
require [ "$first" = "$(sha256sum "$root/etc/sepsis/tls/key.pem")" ]
require [ "$(openssl pkey -in "$root/etc/sepsis/tls/key.pem" -pubout)" = "$(openssl x509 -in "$root/etc/sepsis/tls/certificate.pem" -noout -pubkey)" ]
mv "$root/var/lib/sepsis"/tls-*.pem "$root/"
require prepare simple
require [ "$first" != "$(sha256sum "$root/etc/sepsis/tls/key.pem")" ]

# What the service's user has put in its place is not followed: root would hand over what the link leads to.
echo SECRET >"$root/of-root"
for part in certificate key; do
	mv "$root"/tls-*.pem "$root/var/lib/sepsis/"
	ln -sf "$root/of-root" "$root/var/lib/sepsis/tls-$part.pem"
	if prepare simple; then
		echo "a link in place of the $part is followed" >&2
		exit 1
	fi
	require [ "$(cat "$root/of-root")" = SECRET ]
	require [ -z "$(grep -rl SECRET "$root/etc/sepsis")" ]
	rm "$root/var/lib/sepsis/tls-$part.pem"
	require prepare simple
	mv "$root/var/lib/sepsis"/tls-*.pem "$root/"
done
mv "$root"/tls-*.pem "$root/var/lib/sepsis/"
require prepare simple
require cmp "$root/etc/sepsis/environment" "$root/run/sepsis/environment"

require prepare full
root=$scratch/root-full
require grep -q '^SEPSIS_DATABASE_URL=postgres://sepsis:p%40ss%2Fwo%3Ard@db.example:5432/sepsis?sslmode=verify-full&sslrootcert=' "$root/run/sepsis/environment"
require [ "$(cat "$root/etc/sepsis/tls/key.pem")" = KEY ]
require [ "$(stat -c %a "$root/run/sepsis/environment")" = 600 ]
require grep -q '^SEPSIS_AUDIT_HASH_KEY_FILE=' "$root/run/sepsis/environment"
require [ "$(stat -c %s "$root/etc/sepsis/tls/hash.key")" = 64 ]
require grep -q 'docker pull --quiet 123456789012.dkr.ecr.eu-west-3.amazonaws.com/sepsis@sha256:' "$scratch/docker.log"
