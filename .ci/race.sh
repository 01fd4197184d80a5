#!/usr/bin/env bash
# The race detector on what serves, records, counts and learns at the same time. Needs Go and a C compiler, which it installs on Debian.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v gcc >/dev/null; then
	apt-get update -qq
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends gcc libc6-dev >/dev/null
fi
CGO_ENABLED=1 go test -race -count=1 -timeout 10m ./gbdt ./server/... ./access/... ./audit/... ./monitor/... ./sqlite/... ./load/...
