"""Checks that XGBoost and the Go package gbdt agree on each other's models.

    python xgboost_agreement.py make DIR     train models with XGBoost, write them below DIR/xgboost
    python lightgbm_agreement.py make DIR    the same with LightGBM, below DIR/lightgbm
    SEPSIS_XGBOOST_DIR=DIR go test ./gbdt    Go reads those, compares, and writes its own below DIR/gbdt
    python xgboost_agreement.py check DIR    XGBoost reads the latter and compares

    python xgboost_agreement.py small gbdt/testdata/models    make the few small models that go with the tests
    python xgboost_agreement.py refused gbdt/testdata/refused    make small models of the kinds that Go must refuse
    python xgboost_agreement.py stopped gbdt/testdata/stopped    make a small model that stopped early, with what XGBClassifier makes of it

A model is a directory with model.json or model.ubj, features.csv (an empty cell is missing), margins.csv (one expected
margin per row) and contributions.csv (for each row those of the features, then the base value). Two numbers agree when they
differ by at most 1e-5. Needs xgboost and numpy; "stopped" scikit-learn too.
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


LOGISTIC = {"objective": "binary:logistic"}

MODELS = {
    "depth4": {**LOGISTIC, "max_depth": 4},
    "depth9": {**LOGISTIC, "max_depth": 9, "min_child_weight": 0, "lambda": 0.1},
    "leafwise": {**LOGISTIC, "max_depth": 0, "max_leaves": 12, "grow_policy": "lossguide", "base_score": 0.2},
    "forest": {**LOGISTIC, "max_depth": 3, "num_parallel_tree": 3, "subsample": 0.5},
    "estimate": {"objective": "reg:squarederror", "max_depth": 4},
}


def expectations(into, features, margins, contributions):
    """Writes what belongs to a model: rows, and what its library says of them."""
    write_csv(into / "features.csv", features)
    numpy.savetxt(into / "margins.csv", margins, fmt="%.9g")
    numpy.savetxt(into / "contributions.csv", contributions, fmt="%.9g", delimiter=",")


def write_model(into, name, content, features, booster):
    into.mkdir(parents=True, exist_ok=True)
    (into / name).write_bytes(content)
    matrix = xgboost.DMatrix(features, feature_names=booster.feature_names)
    expectations(into, features, booster.predict(matrix, output_margin=True), booster.predict(matrix, pred_contribs=True))
    print(f"made {into}")


def train(parameters, features, labels, rounds):
    return xgboost.train(
        {"tree_method": "hist", "nthread": 1, **parameters},
        xgboost.DMatrix(features, labels, feature_names=[f"feature {i}" for i in range(features.shape[1])]),
        num_boost_round=rounds,
    )


def make(directory):
    features, labels = make_data(600, 6, seed=3)
    for name, parameters in MODELS.items():
        booster = train(parameters, features, labels, rounds=12)
        for suffix, spelling in (("old", old_spelling), ("new", new_spelling), ("raw", lambda model: model)):
            model = json.dumps(spelling(json.loads(booster.save_raw("json")))).encode()
            write_model(directory / "xgboost" / f"{name}_{suffix}", "model.json", model, features, booster)
        write_model(directory / "xgboost" / f"{name}_ubj", "model.ubj", bytes(booster.save_raw("ubj")), features, booster)


# Base scores that XGBoost holds within bounds before it takes their log-odds, and one that loses digits in 1/p.
ONE_CLASS = {"no_event": (LOGISTIC, 0), "all_events": (LOGISTIC, 1), "tiny_base": ({**LOGISTIC, "base_score": 1e-8}, None),
             "high_base": ({**LOGISTIC, "base_score": 0.9999}, None)}


def small(directory):
    features, labels = make_data(60, 4, seed=5)
    for name, (parameters, only) in ONE_CLASS.items():
        booster = train(parameters, features, labels if only is None else numpy.full_like(labels, only), rounds=2)
        write_model(directory / f"xgboost_{name}", "model.json", bytes(booster.save_raw("json")), features, booster)
    row = train(LOGISTIC, features[:1], labels[:1], rounds=2)
    write_model(directory / "xgboost_one_row", "model.ubj", bytes(row.save_raw("ubj")), features, row)
    for name in ("depth4", "estimate"):
        booster = train(MODELS[name], features, labels, rounds=2)
        for encoding in ("json", "ubj"):
            model = bytes(booster.save_raw(encoding))
            write_model(directory / f"xgboost_{name}_{encoding}", f"model.{encoding}", model, features, booster)


def refused(directory):
    """Models of each kind that gbdt does not read."""
    features, labels = make_data(40, 4, seed=6)
    both = numpy.column_stack((labels, 1 - labels))
    categories = xgboost.DMatrix(numpy.floor(numpy.abs(numpy.nan_to_num(features))), labels, feature_types=["c"] * 4, enable_categorical=True)
    plain = {"max_depth": 2, "tree_method": "hist", "nthread": 1}
    directory.mkdir(parents=True, exist_ok=True)
    for name, parameters, data in (
        ("dart", {**LOGISTIC, "booster": "dart", "rate_drop": 0.5}, xgboost.DMatrix(features, labels)),
        ("gblinear", {**LOGISTIC, "booster": "gblinear"}, xgboost.DMatrix(features, labels)),
        ("multiclass", {"objective": "multi:softprob", "num_class": 3}, xgboost.DMatrix(features, labels)),
        ("vector_leaf", {"objective": "reg:squarederror", "multi_strategy": "multi_output_tree"}, xgboost.DMatrix(features, both)),
        ("categorical", {**LOGISTIC, "max_cat_to_onehot": 1}, categories),
    ):
        parameters = {"nthread": 1, **parameters} if name == "gblinear" else {**plain, **parameters}
        booster = xgboost.train(parameters, data, num_boost_round=2)
        for encoding in ("json", "ubj"):
            (directory / f"{name}.{encoding}").write_bytes(bytes(booster.save_raw(encoding)))


def stopped(directory):
    """The model of an XGBClassifier that stopped early, its margins of all trees, and its probabilities, of the trees up to the best round."""
    features, labels = make_data(120, 4, seed=8)
    learning, checking = slice(None, 80), slice(80, None)
    classifier = xgboost.XGBClassifier(n_estimators=30, learning_rate=0.5, max_depth=3, early_stopping_rounds=3, n_jobs=1, tree_method="hist")
    classifier.fit(features[learning], labels[learning], eval_set=[(features[checking], labels[checking])], verbose=False)
    directory.mkdir(parents=True, exist_ok=True)
    booster = classifier.get_booster()
    (directory / "model.json").write_bytes(bytes(booster.save_raw("json")))
    write_csv(directory / "features.csv", features)
    numpy.savetxt(directory / "margins.csv", booster.predict(xgboost.DMatrix(features), output_margin=True), fmt="%.9g")
    numpy.savetxt(directory / "probabilities.csv", classifier.predict_proba(features)[:, 1], fmt="%.9g")
    print(f"best round {classifier.best_iteration} of {booster.num_boosted_rounds()}")


def largest_difference(model, what, got, expected):
    if got.shape != expected.shape:
        sys.exit(f"{model}: {got.shape} {what}, expected {expected.shape}")
    return float(numpy.abs(got - expected).max())


def check(directory):
    worst = []
    for model in sorted((directory / "gbdt").iterdir()):
        features = read_csv(model / "features.csv")
        margins = numpy.loadtxt(model / "margins.csv", ndmin=1)
        contributions = numpy.loadtxt(model / "contributions.csv", ndmin=2, delimiter=",")
        for encoding in ("json", "ubj"):
            booster = xgboost.Booster(model_file=str(model / f"model.{encoding}"))
            matrix = xgboost.DMatrix(features, feature_names=booster.feature_names)
            differences = [
                largest_difference(model, "margins", booster.predict(matrix, output_margin=True), margins),
                largest_difference(model, "contributions", booster.predict(matrix, pred_contribs=True), contributions),
            ]
            print(f"{model.name} {encoding}: {len(margins)} rows, {booster.num_boosted_rounds()} trees, largest differences "
                  f"{differences[0]:.2e} of margins, {differences[1]:.2e} of contributions")
            worst.extend(differences)
    if not worst:
        sys.exit(f"no models below {directory / 'gbdt'}")
    if not max(worst) <= TOLERANCE:
        sys.exit(f"numbers differ by up to {max(worst)}, more than {TOLERANCE}")
    print(f"XGBoost {xgboost.__version__} agrees")


if __name__ == "__main__":
    COMMANDS = {"make": make, "check": check, "small": small, "refused": refused, "stopped": stopped}
    if len(sys.argv) != 3 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]](pathlib.Path(sys.argv[2]))
