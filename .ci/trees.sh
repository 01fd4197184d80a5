#!/usr/bin/env bash
# gbdt beside what others have: models exchanged with each supported version of XGBoost (installed from PyPI, about 1.2 GB in all, and removed
# again), and a trial of the benchmark, whose figures mean nothing here. Needs Go and Python 3.11.
set -euo pipefail
cd "$(dirname "$0")/.."

python3 -m venv .venv-peers
python=$PWD/.venv-peers/bin/python
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement gbdt/testdata/requirements.txt
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$python" gbdt/testdata/compatibility.py --out "$scratch/compatibility.md"
# The last digits are the processor's: compare all else.
without_figures() { sed -E 's/[0-9]\.[0-9]e[+-][0-9]+/x/g' "$1"; }
diff <(without_figures docs/gbdt-compatibility.md) <(without_figures "$scratch/compatibility.md")

"$python" gbdt/testdata/peers.py --busy --synthetic 4000 20 --rounds 5 --repeats 1 --contribution-rows 100 --row-rounds 100 --row-rows 300 \
	--growth --growth-rows 500 --growth-rounds 3 --plot "$scratch/growth.svg" --markdown "$scratch/benchmark.md" > "$scratch/benchmark.txt"
