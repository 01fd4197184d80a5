#!/usr/bin/env bash
# The Python client against the real service. Needs Go, make and Python 3.11 or later; Python 3.10 is checked where it is.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

make build
export SEPSIS_BINARY=$PWD/bin/sepsis PIP_DISABLE_PIP_VERSION_CHECK=1

# The package is built and checked in a copy, so that setuptools leaves nothing in the tree.
cp -R clients/python "$scratch/client"
cd "$scratch/client"

python3 -m venv "$scratch/newest"
"$scratch/newest/bin/pip" install --quiet --no-deps --requirement requirements-ci.txt
"$scratch/newest/bin/pip" install --quiet --no-deps .
"$scratch/newest/bin/ruff" check --no-cache src tests examples tools
"$scratch/newest/bin/mypy" --cache-dir "$scratch/mypy"
"$scratch/newest/bin/python" -m pytest --quiet -p no:cacheprovider

oldest=python3.10
if ! "$oldest" -c '' 2>/dev/null && command -v pyenv >/dev/null; then
	oldest=$(pyenv prefix 3.10 2>/dev/null)/bin/python3.10 || true
fi
if "$oldest" -c '' 2>/dev/null; then
	"$oldest" -m venv "$scratch/oldest"
	"$scratch/oldest/bin/pip" install --quiet --requirement requirements-oldest.txt .
	"$scratch/oldest/bin/python" -m pytest --quiet -p no:cacheprovider --ignore tests/test_examples.py
else
	echo 'not checked with the oldest Python and libraries: there is no python3.10'
fi
