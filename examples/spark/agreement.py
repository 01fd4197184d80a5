"""Compares what `sepsis predict` gives with a model that was imported, hour by hour, with what XGBoost itself gives for the exported rows.

    python agreement.py --features features.parquet --trees trees.json --model spark.sepsis --predictions DIR [--tolerance 1e-6]

Both sides apply the calibration that the model holds. Exits with 1 where a probability differs by more than the tolerance.
"""

import argparse
import json
import pathlib
import sys
import zipfile

import numpy
import pyarrow.parquet
import xgboost


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("features", "trees", "model", "predictions"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--tolerance", type=float, default=1e-6)
    return parser.parse_args()


def expected(options):
    """The probability of each hour, by hospital and stay."""
    table = pyarrow.parquet.read_table(options.features).to_pandas()
    hours = table[~(table["row_snapshot"] | table["row_bedside"])]
    booster = xgboost.Booster(model_file=str(options.trees))
    margins = booster.predict(xgboost.DMatrix(hours[booster.feature_names]), output_margin=True).astype(float)
    with zipfile.ZipFile(options.model) as bundle:
        calibration = json.loads(bundle.read("bundle.json"))["calibration"]
    probabilities = 1 / (1 + numpy.exp(-(calibration["intercept"] + calibration["slope"] * margins)))
    return hours.assign(probability=probabilities).groupby(["hospital", "stay_id"], sort=False)["probability"]


def predicted(directory, hospital, stay):
    nested = directory / hospital / f"{stay}.psv"
    path = nested if nested.exists() else directory / f"{stay}.psv"
    return numpy.loadtxt(path, delimiter="|", skiprows=1, ndmin=2)[:, 0]


def main():
    options = arguments()
    worst, hours = 0.0, 0
    for (hospital, stay), probabilities in expected(options):
        served = predicted(options.predictions, hospital, stay)
        if len(served) != len(probabilities):
            sys.exit(f"{hospital}/{stay}: {len(served)} hours were predicted, {len(probabilities)} exported")
        worst, hours = max(worst, float(numpy.abs(served - probabilities.to_numpy()).max())), hours + len(served)
    print(json.dumps({"hours": hours, "largest_difference": worst, "xgboost": xgboost.__version__}))
    if not hours or not worst <= options.tolerance:
        sys.exit(f"probabilities differ by up to {worst}, more than {options.tolerance}")


if __name__ == "__main__":
    main()
