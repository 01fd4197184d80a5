#!/usr/bin/env bash
# The memory of `sepsis predict` does not grow with its input. Needs Go, make and Python.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

make build
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps pyarrow==26.0.1
"$scratch/venv/bin/python" .ci/predict_memory.py "$@"
