#!/usr/bin/env bash
# The Python client against the real service, with every Python that it declares: style, types, the notebook and all examples with the
# newest libraries on Python 3.11 or later, the oldest libraries on Python 3.10, and the newest on the others. Needs Go, make and
# Python 3.11 or later; other versions are checked where they are, and the end says which were not.
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

python_of() { # VERSION: its interpreter, also among those of pyenv; nothing where there is none
	local found=python$1
	if ! "$found" -c '' 2>/dev/null && command -v pyenv >/dev/null; then
		found=$(pyenv prefix "$1" 2>/dev/null)/bin/python$1 || true
	fi
	if "$found" -c '' 2>/dev/null; then echo "$found"; fi
}
without=()
for version in 3.10 3.11 3.12 3.13; do
	python=$(python_of $version)
	if [ -z "$python" ]; then
		without+=("$version")
		continue
	fi
	"$python" -m venv "$scratch/$version"
	if [ $version = 3.10 ]; then
		"$scratch/$version/bin/pip" install --quiet --requirement requirements-oldest.txt .
	else
		"$scratch/$version/bin/pip" install --quiet '.[pandas]' pytest
	fi
	"$scratch/$version/bin/python" --version
	"$scratch/$version/bin/python" -m pytest --quiet -p no:cacheprovider --ignore tests/test_examples.py
done
if [ ${#without[@]} -gt 0 ]; then
	echo "not checked, for want of them: Python ${without[*]}"
fi
