"""Trains models with LightGBM that the Go package gbdt must read; xgboost_agreement.py says how they are compared.

    python lightgbm_agreement.py make DIR                      write models below DIR/lightgbm
    python lightgbm_agreement.py small gbdt/testdata/models    make the few small models that go with the tests

A model is a directory with model.txt and the files that xgboost_agreement.py names. Needs lightgbm, xgboost and numpy.
"""

import pathlib
import sys

import lightgbm
import numpy

from xgboost_agreement import expectations, make_data

BINARY = {"objective": "binary", "num_leaves": 12}

# What missing values do: learned sides for NaN, NaN as 0, 0 and NaN alike, and a table without missing values.
MODELS = {
    "nan": BINARY,
    "none": {**BINARY, "use_missing": False},
    "zero": {**BINARY, "zero_as_missing": True},
    "sigmoid": {**BINARY, "sigmoid": 0.7},
    "deep": {**BINARY, "num_leaves": 120, "min_data_in_leaf": 2, "min_sum_hessian_in_leaf": 0},
    "estimate": {"objective": "regression", "num_leaves": 8},
    "constant": {"objective": "regression", "min_data_in_leaf": 100000},
}


def with_zeros(features):
    """Zeros of both signs and tiny numbers, which LightGBM takes for 0, and the ends of float32."""
    random = numpy.random.default_rng(9)
    for value in (0, -0.0, 1e-36, -1e-36, 1e-35, -1e-35, 1.1e-35, 3e38, -3e38):
        features[random.random(features.shape) < 0.02, ...] = value
    features[:, 0] = numpy.where(random.random(len(features)) < 0.3, 0, features[:, 0])
    return features


def make_models(directory, names, rows, columns, rounds):
    features, labels = make_data(rows, columns, seed=4)
    features = with_zeros(features)
    for name in names:
        booster = lightgbm.train(
            {"verbosity": -1, "num_threads": 1, "deterministic": True, **MODELS[name]},
            lightgbm.Dataset(features, labels),
            num_boost_round=rounds,
        )
        into = directory(name)
        into.mkdir(parents=True, exist_ok=True)
        (into / "model.txt").write_text(booster.model_to_string(), encoding="utf-8")
        margins, contributions = booster.predict(features, raw_score=True), booster.predict(features, pred_contrib=True)
        scale = MODELS[name].get("sigmoid", 1)  # log-odds are so many times the raw score
        expectations(into, features, margins * scale, contributions * scale)
        print(f"made {into}")


def make(directory):
    make_models(lambda name: directory / "lightgbm" / name, MODELS, 3000, 6, rounds=12)


def small(directory):
    make_models(lambda name: directory / f"lightgbm_{name}", ("nan", "none", "zero", "estimate", "constant"), 120, 4, rounds=2)


if __name__ == "__main__":
    COMMANDS = {"make": make, "small": small}
    if len(sys.argv) != 3 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]](pathlib.Path(sys.argv[2]))
