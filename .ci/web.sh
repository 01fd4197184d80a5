#!/usr/bin/env bash
# The page, in a real browser: types of its scripts against the contract, and every flow in both languages. Plain `go test ./...`
# needs none of this. Needs Go; installs Chromium and Node by apt where they are missing, and the packages of web/test by npm.
set -euo pipefail
cd "$(dirname "$0")/.."

.ci/install.sh chromium node=nodejs npm

scratch=$(mktemp -d)
trap '[ -z "${service:-}" ] || kill "$service" 2> /dev/null || true; rm -rf "$scratch"' EXIT
SEPSIS_PROGRAM=$scratch/sepsis
SEPSIS_CHROMIUM=$(command -v chromium)
export SEPSIS_PROGRAM SEPSIS_CHROMIUM
go build -trimpath -o "$SEPSIS_PROGRAM" ./cmd/sepsis

cd web/test
npm ci --silent --no-audit --no-fund

# The contract as this very program tells it: what the page takes for granted and the service no longer gives fails here.
"$SEPSIS_PROGRAM" serve --listen 127.0.0.1:0 --data-dir "$scratch/data" 2> "$scratch/log" &
service=$!
for _ in $(seq 300); do
	address=$(sed -n 's/.*"msg":"listening","address":"\([^"]*\)".*/\1/p' "$scratch/log")
	[ -z "$address" ] || break
	kill -0 "$service" || { cat "$scratch/log"; exit 1; }
	sleep 0.1
done
curl -fsS "http://$address/openapi.json" -o "$scratch/openapi.json"
kill "$service"
wait "$service"
service=
mkdir -p generated
npx openapi-typescript "$scratch/openapi.json" --output generated/api.d.ts
npx tsc --project .

if [ "${1:-}" = screenshots ]; then
	../../.ci/install.sh pngquant
	node screenshots.js
else
	# One file after the other: they measure time. A file that fails is run once more, and that is told: a browser on a machine
	# that others use much is late now and then. What fails twice is broken.
	for file in *.test.js; do
		node --test "$file" || { echo "once more: $file"; node --test "$file"; }
	done
fi
