#!/usr/bin/env bash
# The recipe of docs/spark.md on a synthetic cohort: export, train with xgboost.spark on a local cluster, import, predict, compare. Needs
# Go, Python 3.11 and Java 17; installs the Python packages that examples/spark/requirements.txt pins (about 450 MB, kept in .venv-spark).
set -euo pipefail
cd "$(dirname "$0")/.."

if ! java -version 2>&1 | grep -qE 'version "(17|21)'; then
	echo "Spark 4 needs Java 17 or 21: apt-get install openjdk-17-jre-headless" >&2
	exit 1
fi
python3 -m venv .venv-spark
python=$PWD/.venv-spark/bin/python
"$python" -m pip install --quiet --disable-pip-version-check --no-deps --requirement examples/spark/requirements.txt

# What docs/spark.md says that is done here.
stays=400 tolerance=1e-6
tr '\n' ' ' < docs/spark.md | grep -F "for $stays made-up stays of each of two hospitals, and a probability that differs by more than $tolerance fails" > /dev/null

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
CGO_ENABLED=0 go build -o "$scratch/sepsis" ./cmd/sepsis
cohort=(--data "$scratch/stays")
"$scratch/sepsis" data synth --out "$scratch/stays" --stays $stays --septic-share 0.3
"$scratch/sepsis" features "${cohort[@]}" --out "$scratch/features.parquet"
train=(env PYSPARK_PYTHON="$python" SPARK_LOCAL_IP=127.0.0.1 "$python" examples/spark/train.py --master 'local[2]' --rounds 20
	--features "$scratch/features.parquet" --out "$scratch/trees.json")
"${train[@]}" > "$scratch/spark.log" 2>&1 || { cat "$scratch/spark.log"; exit 1; }
if "${train[@]}" --held-out 7 > "$scratch/refused.log" 2>&1 || ! grep -qF 'the features have the folds 0, 1, 2, 3, 4' "$scratch/refused.log"; then
	echo "a fold that no row is of is held out" >&2
	cat "$scratch/refused.log" >&2
	exit 1
fi
"$scratch/sepsis" model import "${cohort[@]}" --trees "$scratch/trees.json" --out "$scratch/spark.sepsis"
"$scratch/sepsis" predict "${cohort[@]}" --model "$scratch/spark.sepsis" --out "$scratch/predictions"
"$python" examples/spark/agreement.py --features "$scratch/features.parquet" --trees "$scratch/trees.json" \
	--model "$scratch/spark.sepsis" --predictions "$scratch/predictions" --tolerance $tolerance
