"""Writes scikit_learn.json: what scikit-learn answers for small made-up vectors and for score-vectors/.

Run from this folder, with scikit-learn installed:  python scikit_learn.py
The versions used are written into the file. No patient data are involved.
"""

import json
import pathlib

import numpy as np
import scipy
import sklearn
from scipy.optimize import brentq
from sklearn.calibration import calibration_curve
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

HERE = pathlib.Path(__file__).parent


def logit(p):
    return np.log(p) - np.log1p(-p)


def recalibration(labels, probabilities, weights):
    fit = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-13, max_iter=1000)
    fit.fit(logit(probabilities)[:, None], labels, sample_weight=weights)
    return float(fit.intercept_[0]), float(fit.coef_[0, 0])


def in_the_large(labels, probabilities, weights):
    def excess(a):
        return np.sum(weights * (labels - 1 / (1 + np.exp(-(a + logit(probabilities))))))

    return float(brentq(excess, -50, 50, xtol=1e-14))


def case(random, rows, levels, weighted):
    """Probabilities on a grid of the given number of levels (ties), or all different when levels is 0."""
    while True:
        labels = random.random(rows) < 0.35
        probabilities = np.clip(random.beta(1.2, 2.5, rows) + 0.15 * labels, 0.01, 0.99)
        if levels:
            probabilities = (np.floor(probabilities * levels) + 0.5) / levels
        weights = random.integers(1, 6, rows) / 2 if weighted else np.ones(rows)
        p, n = probabilities[labels], probabilities[~labels]
        if len(p) and len(n) and p.max() > n.min() and n.max() > p.min():
            break
    intercept, slope = recalibration(labels, probabilities, weights)
    return {
        "rows": rows,
        "levels": levels,
        "weighted": weighted,
        "labels": labels.astype(int).tolist(),
        "probabilities": probabilities.tolist(),
        "weights": weights.tolist(),
        "roc_auc_score": roc_auc_score(labels, probabilities, sample_weight=weights),
        "average_precision_score": average_precision_score(labels, probabilities, sample_weight=weights),
        "brier_score_loss": brier_score_loss(labels, probabilities, sample_weight=weights),
        "log_loss": log_loss(labels, probabilities, sample_weight=weights),
        "intercept": intercept,
        "slope": slope,
        "in_the_large": in_the_large(labels, probabilities, weights),
    }


def curve(random):
    """Quantile bins of scikit-learn, which agree with ours for distinct values and a multiple of bins rows."""
    labels = random.random(60) < 0.4
    probabilities = random.permutation(60) / 61 + 0.01
    observed, mean = calibration_curve(labels, probabilities, n_bins=6, strategy="quantile")
    return {
        "labels": labels.astype(int).tolist(),
        "probabilities": probabilities.tolist(),
        "bins": 6,
        "observed": observed.tolist(),
        "mean": mean.tolist(),
    }


def column(path, name):
    header, *lines = path.read_text().split()
    return [float(line.split("|")[header.split("|").index(name)]) for line in lines]


def folder(path):
    labels, probabilities = [], []
    for file in sorted((path / "labels").glob("*.psv")):
        labels += column(file, "SepsisLabel")
        probabilities += column(path / "predictions" / file.name, "PredictedProbability")
    return {
        "AUROC": roc_auc_score(labels, probabilities),
        "AUPRC": average_precision_score(labels, probabilities),
    }


def main():
    random = np.random.default_rng(2019)
    shapes = [(8, 3), (12, 0), (25, 4), (40, 0), (60, 5), (120, 10), (200, 7)]
    answer = {
        "provenance": "written by scikit_learn.py; seed 2019; vectors are made up",
        "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__, "scipy": scipy.__version__},
        "cases": [case(random, rows, levels, weighted) for rows, levels in shapes for weighted in (False, True)],
        "calibration_curve": curve(random),
        "score_vectors": {d.name: folder(d) for d in sorted((HERE / "score-vectors").iterdir()) if d.is_dir()},
    }
    (HERE / "scikit_learn.json").write_text(json.dumps(answer, indent=1) + "\n")


main()
