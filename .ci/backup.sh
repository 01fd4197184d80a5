#!/usr/bin/env bash
# The backup and the restore that docs/audit.md describes, by its own commands, which root runs: a prediction that was backed up while the
# service ran is found again in what was restored, by its id and by its patient. The service is another user, as in the unit and in the
# image; programs of the same names stand in for systemd and Docker. Needs root; installs SQLite and PostgreSQL.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo 'backup.sh: run it as root' >&2; exit 1; }

if [ -z "${SEPSIS_TEST_POSTGRES:-}" ]; then
	.ci/install.sh sqlite3 initdb=postgresql
	go build -o bin/sepsis-backup ./cmd/sepsis
	exec .ci/with_postgres.sh "$0"
fi

scratch=$(mktemp -d)
server=
stop() { [ -z "$server" ] || { kill "$server"; wait "$server" || true; server=; }; }
trap 'stop; rm -rf "$scratch"' EXIT
chmod 0755 "$scratch" # the service's user passes through
install -m 0755 bin/sepsis-backup "$scratch/sepsis"
image_user=65532
unit_user=64999 # systemd chooses one of those for DynamicUser
require() { "$@" || { echo "does not hold: $*" >&2; exit 1; }; }

# serve USER OPTIONS…: starts the service and says in $url where.
serve() {
	: >"$scratch/log" # what an earlier one said is not to be read
	setpriv --reuid "$1" --regid "$1" --clear-groups "$scratch/sepsis" serve --listen 127.0.0.1:0 "${@:2}" 2>>"$scratch/log" &
	server=$!
	for _ in $(seq 300); do
		url=http://$(sed -n 's/.*"msg":"listening","address":"\([^"]*\)".*/\1/p' "$scratch/log")
		[ "$url" = http:// ] || return 0
		sleep 0.1
	done
	cat "$scratch/log" >&2
	return 1
}

predict() {
	curl -sSf "$url/predict/patient" -H 'Content-Type: application/json' -d '{"age": 67, "lactate": 3.1, "patient_id": "Jane"}' | sed 's/{"id":"\([^"]*\)".*/\1/'
}

found() {
	curl -sSf "$url/predictions/$1" | grep -q "\"id\":\"$1\""
	curl -sSf "$url/predictions?patient=Jane" | grep -q "\"id\":\"$1\""
}

bindir=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
of() { echo "$SEPSIS_TEST_POSTGRES" | sed "s#/postgres?#/$1?#"; }
port=${SEPSIS_TEST_POSTGRES#*127.0.0.1:}

mkdir "$scratch/bin"
printf '#!/bin/bash\n' >"$scratch/bin/systemctl"
cat >"$scratch/bin/docker" <<DOCKER
#!/bin/bash
# The volume is the folder STATE; what runs in the container of PostgreSQL runs here, where its user and its database are the same.
case "\$*" in
	'stop sepsis' | 'start sepsis' | 'compose stop sepsis' | 'compose up --detach' | 'compose up --detach --wait postgres') ;;
	"volume inspect --format {{.Mountpoint}} sepsis" | "volume inspect --format {{.Mountpoint}} sepsis_data") echo "\$STATE" ;;
	'compose exec -T postgres '*) PGHOST=127.0.0.1 PGPORT=${port%%/*} exec "$bindir/\$5" "\${@:6}" ;;
	'compose cp sepsis:'*) cp "\${3#sepsis:}" "\$4" && chmod --reference "\${3#sepsis:}" "\$4" ;;
	*) echo "docker: \$* is not known here" >&2 && exit 1 ;;
esac
DOCKER
chmod +x "$scratch"/bin/*

# steps HEADING NUMBER: runs that block of commands below that heading of docs/audit.md, with its folders moved below $scratch.
steps() {
	awk -v heading="### $1" -v number="$2" '
		$0 == heading { here = 1; next }
		/^##/ { here = 0 }
		here && /^```sh$/ { taken = ++blocks == number; next }
		/^```$/ { taken = 0 }
		here && taken' docs/audit.md >"$scratch/steps"
	require test -s "$scratch/steps"
	sed -i "s#/var/lib/sepsis#$STATE#g; s#/key-backup#$scratch/key-backup#g; s#/backup/#$scratch/backup/#g" "$scratch/steps"
	PATH=$scratch/bin:$PATH bash -euo pipefail "$scratch/steps"
}

# refused USER WHY OPTIONS…: the service does not start, and says why.
refused() {
	if timeout 60 setpriv --reuid "$1" --regid "$1" --clear-groups "$scratch/sepsis" serve --listen 127.0.0.1:0 "${@:3}" 2>"$scratch/log"; then
		return 1
	fi
	grep -q "$2" "$scratch/log"
}

# rehearse HEADING USER OPTIONS…: a prediction, the backup, a prediction more, and the way back, after which the first is there and the other is not.
rehearse() {
	rm -rf "$scratch/backup" "$scratch/key-backup"
	mkdir -m 0700 "$scratch/backup" "$scratch/key-backup"
	serve "${@:2}" --data-dir "$STATE"
	id=$(predict)
	steps "$1" 1
	later=$(predict)
	stop
	steps "$1" 2
	require [ -z "$(find -L "$STATE" ! -user "$2")" ]
	serve "${@:2}" --data-dir "$STATE"
	found "$id"
	if curl -sSf "$url/predictions/$later" >/dev/null 2>&1; then
		echo "$1: what came after the backup is still there: nothing was restored" >&2
		exit 1
	fi
	stop
}

# As systemd has it: a link to a folder that only root passes through, but for the unit.
install -d "$scratch/private"
install -d -m 0700 -o $unit_user -g $unit_user "$scratch/private/sepsis"
ln -s private/sepsis "$scratch/unit"
export STATE=$scratch/unit
rehearse 'The unit' $unit_user
echo "SQLite, the unit: restored"

# What this would be without the owners.
cp -R "$scratch/backup" "$scratch/of-root"
cp "$scratch/key-backup/patient-id.key" "$scratch/of-root/"
chmod 0755 "$scratch/of-root"
require refused $unit_user 'permission denied' --data-dir "$scratch/of-root"

install -d -m 0700 -o $image_user -g $image_user "$scratch/volume" "$scratch/pilot"
export STATE=$scratch/volume
rehearse 'The image with docker run' $image_user
echo "SQLite, the image: restored"

# What the operator's guide asks for once a quarter, of this backup.
sed -n '/^mkdir -m 0700 \/restored$/,/^```$/{/^```$/d; p}' docs/operator-guide.md >"$scratch/quarterly"
require grep -q '^grep ID ' "$scratch/quarterly"
sed -i "s#/restored#$scratch/restored#g; s#/key-backup#$scratch/key-backup#g; s#/backup/#$scratch/backup/#g; s#grep ID#grep '$id'#; s#--from [0-9-]* ##; s#^sepsis#$scratch/sepsis#" "$scratch/quarterly"
require [ "$(bash -euo pipefail "$scratch/quarterly" | grep -c "\"id\":\"$id\"")" = 1 ]
require [ ! -e "$scratch/restored" ]
echo "the quarterly look into a backup: found"

export STATE=$scratch/pilot
"$bindir/psql" -q "$SEPSIS_TEST_POSTGRES" -c 'CREATE DATABASE sepsis'
rehearse 'The pilot with docker compose' $image_user --database-url "$(of sepsis)"
echo "PostgreSQL, the pilot: restored"

# A database elsewhere, and a machine that has nothing but the backup.
"$bindir/psql" -q "$SEPSIS_TEST_POSTGRES" -c 'CREATE DATABASE restored'
"$bindir/pg_restore" --exit-on-error --no-owner --dbname="$(of restored)" "$scratch/backup/sepsis.dump"
install -d -m 0700 -o $image_user "$scratch/other-key" "$scratch/empty"
# With a key of its own it would find no patient again.
require refused $image_user 'key' --data-dir "$scratch/other-key" --database-url "$(of restored)"
install -o $image_user -m 0600 "$scratch/key-backup/patient-id.key" "$scratch/patient-id.key"
serve $image_user --data-dir "$scratch/empty" --audit-hash-key-file "$scratch/patient-id.key" --database-url "$(of restored)"
found "$id"
stop
echo "PostgreSQL, another database: restored"
