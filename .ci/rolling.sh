#!/usr/bin/env bash
# A rolling update and its way back, under load: three instances behind HAProxy with one PostgreSQL. No request may fail, and
# every prediction that was answered must be in the audit log. Needs Go and Python; installs HAProxy and PostgreSQL.
set -euo pipefail
cd "$(dirname "$0")/.."

.ci/install.sh haproxy initdb=postgresql

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

for version in old new; do
	make build VERSION=$version >/dev/null
	cp bin/sepsis "$scratch/$version"
done

python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --requirement clients/python/requirements-ci.txt
cp -R clients/python "$scratch/client"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps "$scratch/client"
.ci/with_postgres.sh "$scratch/venv/bin/python" .ci/rolling.py "$scratch"
