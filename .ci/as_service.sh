#!/usr/bin/env bash
# The operator's guide on a machine that has its key of patients' ids in a file of root's alone: the function as_service, as the guide has
# it, with programs that stand in for sudo and systemd-run and do what those properties mean: another user, who cannot read /etc/sepsis and
# gets a copy of what it needs from there. Needs Go, curl, util-linux and root.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo 'as_service.sh: run it as root' >&2; exit 1; }

scratch=$(mktemp -d)
service=
trap '[ -z "$service" ] || kill "$service"; wait; rm -rf "$scratch"' EXIT
chmod 0755 "$scratch" # the other user passes through
user=65534            # nobody: any user but root will do
require() { "$@" || { echo "does not hold: $*" >&2; exit 1; }; }

make build
install -m 0755 bin/sepsis "$scratch/sepsis"
install -d -m 0700 "$scratch/etc" && install -d -m 0700 -o $user "$scratch/data" && install -d "$scratch/bin" "$scratch/credentials"

cat >"$scratch/bin/sudo" <<'SUDO'
#!/bin/bash
exec "$@"
SUDO
cat >"$scratch/bin/systemd-run" <<'RUN'
#!/bin/bash
# Of systemd.exec(5): Environment=, EnvironmentFile= (which wins), LoadCredential=, UMask=, StateDirectory= and the user; anything else is refused.
set -euo pipefail
unit= environment=() file=
while [ $# -gt 0 ]; do
	case "$1" in
		--quiet | --pipe | --wait | --collect) shift ;;
		--unit=*) unit=${1#--unit=} && shift ;;
		-p)
			case "$2" in
				User=sepsis | DynamicUser=yes | StateDirectory=sepsis | StateDirectoryMode=0700) ;;
				UMask=*) umask "${2#UMask=}" ;;
				Environment=*) environment+=("${2#Environment=}") ;;
				EnvironmentFile=-*) file=${2#EnvironmentFile=-} ;;
				LoadCredential=*)
					loaded=${2#LoadCredential=}
					install -d -m 0500 -o "$STAND_IN_USER" "$STAND_IN_CREDENTIALS/$unit.service"
					install -m 0400 -o "$STAND_IN_USER" "${loaded#*:}" "$STAND_IN_CREDENTIALS/$unit.service/${loaded%%:*}"
					;;
				*) echo "systemd-run: $2 is not known here" >&2 && exit 1 ;;
			esac
			shift 2
			;;
		*) break ;;
	esac
done
[ ! -e "$file" ] || mapfile -t -O "${#environment[@]}" environment <"$file"
echo $$ >"$STAND_IN_CREDENTIALS/pid" # it stays that of the command
exec env -i "${environment[@]}" setpriv --reuid "$STAND_IN_USER" --regid "$STAND_IN_USER" --clear-groups "$@"
RUN
chmod +x "$scratch"/bin/*

# The guide's own lines, with its paths moved here.
sed -n '/^as_service() {$/,/^}$/p' docs/operator-guide.md >"$scratch/function"
require grep -q systemd-run "$scratch/function"
sed -i "s#/etc/sepsis#$scratch/etc#g; s#/var/lib/sepsis#$scratch/data#g; s#/run/credentials#$scratch/credentials#g; s#/usr/bin/sepsis#$scratch/sepsis#g" "$scratch/function"
export PATH=$scratch/bin:$PATH STAND_IN_USER=$user STAND_IN_CREDENTIALS=$scratch/credentials
# shellcheck source=/dev/null
source "$scratch/function"

(umask 077 && openssl rand -hex 32 >"$scratch/etc/patient-id.key")
port=$(PYTHONPATH=.ci python3 -c 'import host; print(host.free_port())')
echo "SEPSIS_LISTEN=127.0.0.1:$port" >"$scratch/etc/environment"
if setpriv --reuid $user --regid $user --clear-groups cat "$scratch/etc/patient-id.key" 2>/dev/null; then
	echo 'the service'\''s user can read the key where it lies: this shows nothing' >&2
	exit 1
fi

key=$(as_service key create --name 'Ward 3' --role predict)
require grep -q '^sepsis_' <<<"$key"
# The unit's own LoadCredential= and Environment= lines, uncommented, mean the same for the service.
require grep -q '^#LoadCredential=patient-id.key:/etc/sepsis/patient-id.key$' deploy/systemd/sepsis.service
require grep -q '^#Environment=SEPSIS_AUDIT_HASH_KEY_FILE=%d/patient-id.key$' deploy/systemd/sepsis.service
as_service serve 2>"$scratch/log" &
for _ in $(seq 600); do
	curl --fail --silent "http://127.0.0.1:$port/livez" >/dev/null && break
	sleep 0.1
done
service=$(cat "$scratch/credentials/pid")
answer=$(curl --fail --silent --show-error "http://127.0.0.1:$port/predict/patient" -H "Authorization: Bearer $(grep -o 'sepsis_[^ ]*' <<<"$key" | head -n 1)" \
	-H 'Content-Type: application/json' -d '{"age": 67, "heart_rate": 118, "patient_id": "4711"}')
id=$(grep -o '"id":"[^"]*"' <<<"$answer")
as_service audit export --patient 4711 --out "$scratch/data/4711.ndjson"
require grep -qF "$id" "$scratch/data/4711.ndjson"
as_service audit export --patient 4712 --out "$scratch/data/4712.ndjson"
require test ! -s "$scratch/data/4712.ndjson"
require [ -z "$(find "$scratch/data" -user root)" ]
echo 'as_service: a key, a prediction, and the patient found again with a key that only root can read'
