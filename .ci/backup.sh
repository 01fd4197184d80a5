#!/usr/bin/env bash
# The backup and the restore that docs/audit.md describes, of both stores: a prediction that was backed up while the
# service ran is found again in what was restored, by its id and by its patient.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ -z "${SEPSIS_TEST_POSTGRES:-}" ]; then
	for tool in sqlite3 postgresql; do
		dpkg -s $tool >/dev/null 2>&1 || { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $tool >/dev/null; }
	done
	go build -o bin/sepsis-backup ./cmd/sepsis
	exec .ci/with_postgres.sh "$0"
fi

scratch=$(mktemp -d)
server=
stop() { [ -z "$server" ] || { kill "$server"; wait "$server" || true; server=; }; }
trap 'stop; rm -rf "$scratch"' EXIT

# serve OPTIONS…: starts the service and says in $url where.
serve() {
	: >"$scratch/log" # what an earlier one said is not to be read
	bin/sepsis-backup serve --listen 127.0.0.1:0 "$@" 2>>"$scratch/log" &
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

data=$scratch/data backup=$scratch/backup restored=$scratch/restored
mkdir -p "$backup/sqlite" "$backup/postgres"

serve --data-dir "$data"
id=$(predict)
sqlite3 "$data/sepsis.db" ".backup '$backup/sqlite/sepsis.db'"
cp -p "$data/patient-id.key" "$backup/sqlite/"
predict >/dev/null
stop
cp -Rp "$backup/sqlite" "$restored"
serve --data-dir "$restored"
found "$id"
stop
echo "SQLite: restored"

bindir=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
of() { echo "$SEPSIS_TEST_POSTGRES" | sed "s#/postgres?#/$1?#"; }
"$bindir/psql" -q "$SEPSIS_TEST_POSTGRES" -c 'CREATE DATABASE drill' -c 'CREATE DATABASE restored'
serve --data-dir "$data" --database-url "$(of drill)"
id=$(predict)
"$bindir/pg_dump" --format=custom --file="$backup/postgres/sepsis.dump" "$(of drill)"
cp -p "$data/patient-id.key" "$backup/postgres/"
predict >/dev/null
stop
rm -r "$data" # from here on there is the backup alone
"$bindir/pg_restore" --exit-on-error --no-owner --dbname="$(of restored)" "$backup/postgres/sepsis.dump"
if timeout 60 bin/sepsis-backup serve --listen 127.0.0.1:0 --data-dir "$scratch/other-key" --database-url "$(of restored)" 2>"$scratch/log"; then
	echo 'the service starts with a key of its own, and would find no patient again' >&2
	exit 1
fi
grep -q 'key' "$scratch/log"
serve --data-dir "$scratch/empty" --audit-hash-key-file "$backup/postgres/patient-id.key" --database-url "$(of restored)"
found "$id"
stop
echo "PostgreSQL: restored"
