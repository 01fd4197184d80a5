"""Checks that gbdt and every supported version of XGBoost read each other's models, and writes docs/gbdt-compatibility.md.

    python compatibility.py [--out docs/gbdt-compatibility.md]

For each version, objective, depth and share of missing values XGBoost trains a model and saves it as JSON and as UBJSON. Go reads both,
compares its predictions with XGBoost's, and writes the model again in both formats, with models of its own beside; the same version
of XGBoost reads these and compares. Two predictions are equal when they differ by at most 1e-6. The versions are installed from PyPI, each
into a folder of its own. Needs go.
"""

import argparse
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import typing

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOLERANCE = 1e-6

# The last release of each minor version, with a numpy that it knows.
OLD, NEW = ("numpy==1.26.4", "scipy==1.11.4"), ("numpy==2.4.6", "scipy==1.17.1")
VERSIONS = {"1.7.6": OLD, "2.0.3": OLD, "2.1.4": OLD, "3.0.5": NEW, "3.1.3": NEW, "3.2.0": NEW}

LOGISTIC, SQUARED = "binary:logistic", "reg:squarederror"
DEPTHS = (1, 6, 12)
MISSING = (0, 0.3)


class Case(typing.NamedTuple):
    objective: str
    depth: int
    missing: float
    labels: str = "0 and 1"
    base: float | None = None  # base_score, where it is not XGBoost's to estimate

    def folder(self):
        name = f"{self.objective}_depth{self.depth}_missing{round(100 * self.missing)}_{self.labels}_{self.base}"
        return "".join(character if character.isalnum() or character in "._-" else "-" for character in name)


# What a model learns from: the labels, and of how many rows. Without one of the two classes the base score is 0 or 1 since XGBoost 3.0, which refuses that before 3.2.
LABELS = {"0 and 1": (lambda labels: labels, 800), "0 and 100": (lambda labels: 100 * labels, 800), "0": (lambda labels: 0 * labels, 800),
          "1": (lambda labels: 0 * labels + 1, 800), "1, of one row": (lambda labels: 0 * labels + 1, 1)}
ONE_CLASS = ("0", "1", "1, of one row")
CASES = [Case(*each) for each in itertools.product((LOGISTIC, SQUARED), DEPTHS, MISSING)]
CASES += [Case(SQUARED, depth, 0.3, "0 and 100") for depth in DEPTHS]
CASES += [Case(LOGISTIC, 6, 0.3, labels) for labels in ONE_CLASS]
CASES += [Case(LOGISTIC, 6, 0.3, "0 and 1", base) for base in (1e-8, 1e-6, 0.9, 0.99, 0.9999, 0.999999)]


def install(version, into):
    packages = [f"xgboost=={version}", *VERSIONS[version]]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target", str(into), *packages]
    subprocess.run(command, check=True)


# What runs under one version of XGBoost --------------------------------------------------------------------------------


def table(missing):
    import numpy

    random = numpy.random.default_rng(11)
    features = random.normal(size=(800, 5)).astype(numpy.float32)
    features[:, 4] = numpy.round(features[:, 4])
    log_odds = features[:, 0] + features[:, 1] * features[:, 2]
    labels = (random.random(len(features)) < 1 / (1 + numpy.exp(-log_odds))).astype(numpy.float32)
    features[random.random(features.shape) < missing] = numpy.nan
    return features, labels


def answers(booster, features):
    """Predictions, and margins, in which a difference shows that a probability near 0 or 1 hides."""
    import xgboost

    rows = xgboost.DMatrix(features, feature_names=booster.feature_names)
    return {"predictions": booster.predict(rows), "margins": booster.predict(rows, output_margin=True)}


def difference(got, expected):
    """The largest, of 1 or of the largest number where that is more: XGBoost adds with floats of 32 bits, which hold 7 digits."""
    import numpy

    return float(numpy.abs(got - expected).max() / max(1, numpy.abs(expected).max()))


def make(directory):
    """Models of this version, with what it predicts."""
    import numpy
    import xgboost

    for case in CASES:
        features, labels = table(case.missing)
        change, rows = LABELS[case.labels]
        parameters = {"objective": case.objective, "max_depth": case.depth, "tree_method": "hist", "nthread": 1, "eta": 0.2}
        if case.base is not None:
            parameters["base_score"] = case.base
        try:
            booster = xgboost.train(parameters, xgboost.DMatrix(features[:rows], change(labels)[:rows]), num_boost_round=15)
        except xgboost.core.XGBoostError as error:
            if case.labels not in ONE_CLASS or "base_score must be in (0,1)" not in str(error):
                raise
            continue  # such a version has no such models
        into = directory / case.folder()
        into.mkdir(parents=True)
        for encoding in ("json", "ubj"):
            booster.save_model(str(into / f"model.{encoding}"))
        features.astype("<f4").tofile(into / "features.f32")
        for name, values in answers(booster, features).items():
            values.astype("<f4").tofile(into / f"{name}.f32")
        numpy.asarray(features.shape, dtype="<i4").tofile(into / "shape.i32")


def check(directory):
    """The largest difference of what this version predicts with the models that Go wrote, by model."""
    import numpy
    import xgboost

    differences = {}
    for into in sorted(directory.iterdir()):
        rows, columns = numpy.fromfile(into / "shape.i32", dtype="<i4")
        features = numpy.fromfile(into / "features.f32", dtype="<f4").reshape(rows, columns)
        for encoding in ("json", "ubj"):
            booster = xgboost.Booster(model_file=str(into / f"written.{encoding}"))
            for name, got in answers(booster, features).items():
                found = difference(got, numpy.fromfile(into / f"{name}.f32", dtype="<f4"))
                differences[into.name] = max(differences.get(into.name, 0), found)
    print(json.dumps(differences))


# All versions ----------------------------------------------------------------------------------------------------------


def under(packages, command, directory):
    done = subprocess.run([sys.executable, __file__, f"--{command}", str(directory)], check=True, stdout=subprocess.PIPE, text=True,
                          env=os.environ | {"PYTHONPATH": str(packages)})
    return done.stdout


def compare(scratch):
    """{version: {model: (difference when Go reads theirs, when they read Go's)}}; Go's own models under their names."""
    models = scratch / "models"
    for version in VERSIONS:
        install(version, scratch / version)
        under(scratch / version, "make", models / version)
    environment = os.environ | {"SEPSIS_COMPATIBILITY_DIR": str(models)}
    subprocess.run(["go", "test", "-count=1", "-run", "^TestCompatibility$", "./gbdt"], cwd=ROOT, check=True, env=environment)
    found = {}
    for version in VERSIONS:
        read = {into.name: float((into / "difference.txt").read_text(encoding="ascii")) for into in (models / version).iterdir()}
        written = json.loads(under(scratch / version, "check", models / version))
        own = json.loads(under(scratch / version, "check", models / "gbdt"))
        found[version] = {name: (read[name], written[name]) for name in read} | {f"own {name}": (0, value) for name, value in own.items()}
    return found


def page(found):
    lines = ["# Which versions of XGBoost gbdt exchanges models with", "",
             "Made by `gbdt/testdata/compatibility.py`; do not edit. Each cell: the largest difference of predictions and of margins when gbdt reads what XGBoost has saved, and "
             f"when XGBoost reads what gbdt has written, each in JSON and in UBJSON; at most {TOLERANCE:g} counts as equal, of 1 or, where a model gives larger numbers, of the "
             "largest of them: XGBoost adds with floats of 32 bits. Categorical splits are not supported.", "",
             "Up to XGBoost 3.1 a base score may be as near to 0 or 1 as a float can be; from 3.2 on it is held within 0.000001 and 0.999999. The version in a file says "
             "which is meant. Where a cell says none, the version refuses to train such a model.", "",
             "| objective | depth | missing | labels | base score | " + " | ".join(found) + " |", "|---|---|---|---|---|" + "---|" * len(found)]
    for case in CASES:
        cells = [" / ".join(f"{value:.1e}" for value in found[version].get(case.folder(), ())) or "none" for version in found]
        base = "" if case.base is None else f"{case.base:g}"
        lines.append(f"| {case.objective} | {case.depth} | {case.missing:.0%} | {case.labels} | {base} | " + " | ".join(cells) + " |")
    own = {}
    for name in (name for name in next(iter(found.values())) if name.startswith("own ")):
        _, depth, missing, base = name.split("_")
        own[float(base.removeprefix("base") or 0), int(depth.removeprefix("depth")), int(missing.removeprefix("missing"))] = name
    for (base, depth, missing), name in sorted(own.items()):
        cells = [f"{found[version][name][1]:.1e}" for version in found]
        lines.append(f"| {LOGISTIC}, trained by gbdt | {depth} | {missing}% | 0 and 1 | {f'{base:g}' if base else ''} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--make", type=pathlib.Path, help=argparse.SUPPRESS)
    parser.add_argument("--check", type=pathlib.Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.make:
        make(options.make)
        return
    if options.check:
        check(options.check)
        return
    with tempfile.TemporaryDirectory() as scratch:
        found = compare(pathlib.Path(scratch))
    text = page(found)
    print(text)
    worst = max(value for models in found.values() for pair in models.values() for value in pair)
    if not worst <= TOLERANCE:
        sys.exit(f"predictions differ by up to {worst}, more than {TOLERANCE}")
    if options.out:
        options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
