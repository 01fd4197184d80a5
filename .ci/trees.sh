#!/usr/bin/env bash
# gbdt beside what others have: models exchanged with each supported version of XGBoost (installed from PyPI, about 1.2 GB in all, and removed
# again), models of LightGBM 3, and a trial of the benchmark, whose figures mean nothing here. Needs Go and Python 3.11.
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

# LightGBM's format v3, by the last version that wrote it, with a numpy that it knows. XGBoost is that of the environment.
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$scratch/lightgbm3" lightgbm==3.3.5 numpy==1.26.4 scipy==1.11.4
PYTHONPATH=$scratch/lightgbm3 "$python" gbdt/testdata/lightgbm_agreement.py make "$scratch/agreement"
grep -qx version=v3 "$scratch"/agreement/lightgbm/*/model.txt
SEPSIS_XGBOOST_DIR=$scratch/agreement go test -count=1 -run '^TestReadsWhatLightGBMWrote$' ./gbdt

"$python" gbdt/testdata/peers.py --busy --synthetic 4000 20 --rounds 5 --repeats 1 --contribution-rows 100 --row-rounds 100 --row-rows 300 \
	--growth --growth-rows 500 --growth-rounds 3 --plot "$scratch/growth.svg" --markdown "$scratch/benchmark.md" > "$scratch/benchmark.txt"
