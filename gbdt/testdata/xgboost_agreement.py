"""Checks that XGBoost and the Go package gbdt agree on each other's models.

    python xgboost_agreement.py make DIR     train models with XGBoost, write them below DIR/xgboost
    SEPSIS_XGBOOST_DIR=DIR go test ./gbdt    Go reads those, compares, and writes its own below DIR/gbdt
    python xgboost_agreement.py check DIR    XGBoost reads the latter and compares

A model is a directory with model.json, features.csv (an empty cell is missing) and margins.csv (one
expected margin per row). Two margins agree when they differ by at most 1e-5. Needs xgboost and numpy.
"""

import json
import pathlib
import sys

import numpy
import xgboost

TOLERANCE = 1e-5


def make_data(rows, columns, seed):
    random = numpy.random.default_rng(seed)
    features = random.normal(size=(rows, columns)).astype(numpy.float32)
    features[:, -1] = numpy.round(features[:, -1] * 2)
    log_odds = features[:, 0] + features[:, 1] * features[:, 2] - 1.5
    features[random.random(features.shape) < 0.2] = numpy.nan
    log_odds += numpy.isnan(features[:, 3])
    labels = (random.random(rows) < 1 / (1 + numpy.exp(-log_odds))).astype(numpy.float32)
    return features, labels


def write_csv(path, features):
    with open(path, "w", encoding="ascii") as file:
        for row in features:
            file.write(",".join("" if numpy.isnan(v) else repr(float(v)) for v in row) + "\n")


def read_csv(path):
    with open(path, encoding="ascii") as file:
        rows = [[float(cell) if cell else numpy.nan for cell in line.rstrip("\n").split(",")] for line in file]
    return numpy.array(rows, dtype=numpy.float32)


def old_spelling(model):
    """The base score as XGBoost before 3.1 wrote it: without brackets."""
    parameters = model["learner"]["learner_model_param"]
    parameters["base_score"] = parameters["base_score"].strip("[]")
    model["version"] = [1, 7, 6]
    return model


def new_spelling(model):
    """The base score as XGBoost 3.1 and later write it: a list in a string."""
    parameters = model["learner"]["learner_model_param"]
    parameters["base_score"] = "[" + parameters["base_score"].strip("[]") + "]"
    return model


MODELS = {
    "depth4": {"max_depth": 4},
    "leafwise": {"max_depth": 0, "max_leaves": 12, "grow_policy": "lossguide", "base_score": 0.2},
    "forest": {"max_depth": 3, "num_parallel_tree": 3, "subsample": 0.5},
}


def make(directory):
    features, labels = make_data(600, 6, seed=3)
    for name, parameters in MODELS.items():
        booster = xgboost.train(
            {"objective": "binary:logistic", "tree_method": "hist", "nthread": 1, **parameters},
            xgboost.DMatrix(features, labels, feature_names=[f"feature {i}" for i in range(6)]),
            num_boost_round=12,
        )
        for suffix, spelling in (("old", old_spelling), ("new", new_spelling), ("raw", lambda model: model)):
            into = directory / "xgboost" / f"{name}_{suffix}"
            into.mkdir(parents=True, exist_ok=True)
            model = spelling(json.loads(booster.save_raw("json")))
            (into / "model.json").write_text(json.dumps(model), encoding="utf-8")
            write_csv(into / "features.csv", features)
            margins = booster.predict(xgboost.DMatrix(features, feature_names=booster.feature_names), output_margin=True)
            numpy.savetxt(into / "margins.csv", margins, fmt="%.9g")
            print(f"made {into}")


def check(directory):
    worst = []
    for model in sorted((directory / "gbdt").iterdir()):
        booster = xgboost.Booster(model_file=str(model / "model.json"))
        features = read_csv(model / "features.csv")
        expected = numpy.loadtxt(model / "margins.csv", ndmin=1)
        got = booster.predict(xgboost.DMatrix(features, feature_names=booster.feature_names), output_margin=True)
        if got.shape != expected.shape:
            sys.exit(f"{model}: {got.shape} margins, expected {expected.shape}")
        difference = float(numpy.abs(got - expected).max())
        print(f"{model.name}: {len(got)} rows, {booster.num_boosted_rounds()} trees, largest difference {difference:.2e}")
        worst.append(difference)
    if not worst:
        sys.exit(f"no models below {directory / 'gbdt'}")
    if not max(worst) <= TOLERANCE:
        sys.exit(f"margins differ by up to {max(worst)}, more than {TOLERANCE}")
    print(f"XGBoost {xgboost.__version__} agrees")


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("make", "check"):
        sys.exit(__doc__)
    {"make": make, "check": check}[sys.argv[1]](pathlib.Path(sys.argv[2]))
