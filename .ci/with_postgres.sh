#!/usr/bin/env bash
# Runs a command beside a PostgreSQL of its own, which is gone afterwards:
#   .ci/with_postgres.sh go test ./postgres
# POSTGRES_BIN names the folder of another initdb and pg_ctl than the system's. SEPSIS_TEST_POSTGRES is the server's address,
# SEPSIS_TEST_POSTGRES_CONTROL a command that takes start, stop or restart.
set -euo pipefail

bin=${POSTGRES_BIN:-$(pg_config --bindir 2>/dev/null || true)}
[ -x "$bin/initdb" ] || [ -n "${POSTGRES_BIN:-}" ] || bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
if [ ! -x "$bin/initdb" ]; then
	echo "with_postgres: there is no $bin/initdb; install PostgreSQL's server (Debian: apt-get install postgresql)" >&2
	exit 1
fi

# PostgreSQL refuses to run as root.
as=()
[ "$(id -u)" != 0 ] || as=(runuser -u postgres --)

scratch=$(mktemp -d)
chmod 755 "$scratch"
data=$scratch/data
install -d ${as[0]:+-o postgres} "$data"
control="${as[*]} '$bin/pg_ctl' -D '$data' -w -s -l '$data/log' -m immediate"

finish() {
	sh -c "$control stop" >/dev/null 2>&1 || true
	rm -rf "$scratch"
}
trap finish EXIT

"${as[@]}" "$bin/initdb" -D "$data" -U sepsis -A trust -E UTF8 --locale=C.UTF-8 >"$scratch/initdb.log" || { cat "$scratch/initdb.log" >&2; exit 1; }
port=$(PYTHONPATH=$(dirname "$0") python3 -c 'import host; print(host.free_port())')
cat >>"$data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
CONF
sh -c "$control start"

export SEPSIS_TEST_POSTGRES="postgres://sepsis@127.0.0.1:$port/postgres?sslmode=disable"
export SEPSIS_TEST_POSTGRES_CONTROL="$control"
"$@"
