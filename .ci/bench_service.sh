#!/usr/bin/env bash
# A trial of the benchmark beside FastAPI, Pydantic and XGBoost: a few seconds, and no figures are kept or held to a promise.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$(nproc)" -lt 2 ]; then
	echo 'not checked: the server and the load need a processor each'
	exit 0
fi
.ci/install.sh wrk taskset=util-linux
make build
python3 -m venv .venv-peers
.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement bench/requirements.txt
.venv-peers/bin/python bench/service.py --sepsis bin/sepsis --trial

# The document says what its figures say.
rendered=$(mktemp)
trap 'rm -f "$rendered"' EXIT
.venv-peers/bin/python bench/service.py --render docs/service-benchmark.json --markdown "$rendered" > /dev/null
diff "$rendered" docs/service-benchmark.md
