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

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOLERANCE = 1e-6

# The last release of each minor version, with a numpy that it knows.
OLD, NEW = ("numpy==1.26.4", "scipy==1.11.4"), ("numpy==2.4.6", "scipy==1.17.1")
VERSIONS = {"1.7.6": OLD, "2.0.3": OLD, "2.1.4": OLD, "3.0.5": NEW, "3.1.3": NEW, "3.2.0": NEW}

OBJECTIVES = ("binary:logistic", "reg:squarederror")
DEPTHS = (1, 6, 12)
MISSING = (0, 0.3)
CASES = list(itertools.product(OBJECTIVES, DEPTHS, MISSING))


def folder(objective, depth, missing):
    return f"{objective.replace(':', '-')}_depth{depth}_missing{round(100 * missing)}"


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


def make(directory):
    """Models of this version, with what it predicts."""
    import numpy
    import xgboost

    for objective, depth, missing in CASES:
        features, labels = table(missing)
        parameters = {"objective": objective, "max_depth": depth, "tree_method": "hist", "nthread": 1, "eta": 0.2}
        booster = xgboost.train(parameters, xgboost.DMatrix(features, labels), num_boost_round=15)
        into = directory / folder(objective, depth, missing)
        into.mkdir(parents=True)
        for encoding in ("json", "ubj"):
            booster.save_model(str(into / f"model.{encoding}"))
        features.astype("<f4").tofile(into / "features.f32")
        booster.predict(xgboost.DMatrix(features)).astype("<f4").tofile(into / "predictions.f32")
        numpy.asarray([len(labels), features.shape[1]], dtype="<i4").tofile(into / "shape.i32")


def check(directory):
    """The largest difference of what this version predicts with the models that Go wrote, by model."""
    import numpy
    import xgboost

    differences = {}
    for into in sorted(directory.iterdir()):
        rows, columns = numpy.fromfile(into / "shape.i32", dtype="<i4")
        features = numpy.fromfile(into / "features.f32", dtype="<f4").reshape(rows, columns)
        expected = numpy.fromfile(into / "predictions.f32", dtype="<f4")
        for encoding in ("json", "ubj"):
            booster = xgboost.Booster(model_file=str(into / f"written.{encoding}"))
            got = booster.predict(xgboost.DMatrix(features, feature_names=booster.feature_names))
            differences[into.name] = max(differences.get(into.name, 0), float(numpy.abs(got - expected).max()))
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
             "Made by `gbdt/testdata/compatibility.py`; do not edit. Each cell: the largest difference of predictions when gbdt reads what XGBoost has saved, and "
             f"when XGBoost reads what gbdt has written, each in JSON and in UBJSON; at most {TOLERANCE:g} counts as equal. Categorical splits are not supported.", "",
             "| objective | depth | missing | " + " | ".join(found) + " |", "|---|---|---|" + "---|" * len(found)]
    for objective, depth, missing in CASES:
        cells = [" / ".join(f"{value:.1e}" for value in found[version][folder(objective, depth, missing)]) for version in found]
        lines.append(f"| {objective} | {depth} | {missing:.0%} | " + " | ".join(cells) + " |")
    own = [f"own own_depth{depth}_missing{round(100 * missing)}" for depth in DEPTHS for missing in MISSING]
    for name in own:
        _, depth, missing = name.split("_")
        cells = [f"{found[version][name][1]:.1e}" for version in found]
        lines.append(f"| binary:logistic, trained by gbdt | {depth.removeprefix('depth')} | {missing.removeprefix('missing')}% | " + " | ".join(cells) + " |")
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
