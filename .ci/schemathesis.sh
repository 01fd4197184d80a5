#!/usr/bin/env bash
# Fuzzes the API of the real program from its own description: no 5xx, no status, header or body that the description does not
# name, no call without a key, and nothing accepted that the description rules out. .ci/schemathesis.toml says what is not
# asked, and why. Needs Go and Python 3.11; installs Schemathesis.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait; rm -rf "$scratch"' EXIT

python3 -m venv "$scratch/venv"
"$scratch/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement .ci/requirements-schemathesis.txt

go build -trimpath -o "$scratch/sepsis" ./cmd/sepsis
key=$("$scratch/sepsis" key create --data-dir "$scratch/data" --name schemathesis --role admin 2>/dev/null)
"$scratch/sepsis" serve --listen 127.0.0.1:0 --data-dir "$scratch/data" --model model/default.sepsis --require-keys --rate 100000 --burst 100000 2>"$scratch/log" &
server=$!
for _ in $(seq 300); do
	address=$(sed -n 's/.*"msg":"listening","address":"\([^"]*\)".*/\1/p' "$scratch/log")
	[ -z "$address" ] || break
	kill -0 "$server" || { cat "$scratch/log" >&2; exit 1; }
	sleep 0.1
done

hooks=$PWD/.ci
cd "$scratch" # where Schemathesis keeps what it keeps
PYTHONPATH=$hooks SCHEMATHESIS_HOOKS=schemathesis_hooks venv/bin/st --config-file "$hooks/schemathesis.toml" run \
	--header "Authorization: Bearer $key" "http://$address/openapi.json"

# Whatever was sent: the program lives.
curl -fsS "http://$address/health" >/dev/null
