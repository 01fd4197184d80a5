"""Writes scikit_learn.json: what scikit-learn fits to a small made-up table.

Run from this folder, with scikit-learn installed:  python scikit_learn.py
The versions used are written into the file. No patient data are involved.

scaled() says once more, in numpy, what linear.Scaling does: NaN aside, values are held within the 0.1 and 99.9 % quantiles of
their column and brought to mean 0 and deviation 1; missing ones and columns of one value become 0.
"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

HERE = pathlib.Path(__file__).parent


def table(random, rows):
    z = random.normal(size=(rows, 3))
    columns = [
        z[:, 0],
        80 + 15 * (0.6 * z[:, 0] + 0.8 * z[:, 1]),  # correlated, other unit
        np.exp(1.5 * z[:, 2]),  # long tail
        (random.random(rows) < 0.2).astype(float),
        np.full(rows, 7.0),  # one value only
        np.full(rows, np.nan),  # never measured
        1e4 + random.normal(size=rows),  # far from 0
    ]
    values = np.round(np.column_stack(columns), 3)
    values[random.random(rows) < 0.3, 1] = np.nan
    values[random.random(rows) < 0.6, 2] = np.nan
    values[5, 2] = 400.0  # an outlier
    logit = -1 + z[:, 0] - 0.7 * z[:, 1] + 0.5 * z[:, 2] + values[:, 3]
    labels = (random.random(rows) < 1 / (1 + np.exp(-logit))).astype(int)
    return values.astype(np.float32), labels


def scaled(values):
    x = values.astype(np.float64)
    for c in range(x.shape[1]):
        known = ~np.isnan(x[:, c])
        if not known.any():
            x[:, c] = 0
            continue
        low, high = np.quantile(x[known, c], [0.001, 0.999])
        x[:, c] = np.clip(x[:, c], low, high)
        deviation = x[known, c].std()
        x[:, c] = np.where(known, (x[:, c] - x[known, c].mean()) / deviation, 0) if low < high else 0
    return x


# LIBLINEAR penalises the intercept as one more coefficient. Scaled so, its penalty is a millionth of the others'.
INTERCEPT_SCALING = 1e3


def fits(x, labels, weights, c):
    logistic = LogisticRegression(C=c, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    logistic.fit(x, labels, sample_weight=weights)
    hinge = LinearSVC(
        C=c, loss="squared_hinge", dual=False, tol=1e-12, max_iter=1_000_000, intercept_scaling=INTERCEPT_SCALING
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a fit that has not converged is no expected value
        hinge.fit(x, labels, sample_weight=weights)
    return {
        name: {"coefficients": fit.coef_[0].tolist(), "intercept": float(fit.intercept_[0])}
        for name, fit in (("logistic", logistic), ("squared_hinge", hinge))
    }


def main():
    random = np.random.default_rng(20191)
    values, labels = table(random, 240)
    weights = np.round(random.gamma(2.0, 0.5, len(labels)), 2).astype(np.float32)
    learn = np.flatnonzero(random.random(len(labels)) < 0.8)
    x = scaled(values[learn])
    cases = []
    for weighted in (False, True):
        w = weights[learn].astype(np.float64) if weighted else np.ones(len(learn))
        for l2 in (1e-3, 1e-1):
            c = 1 / (l2 * w.sum())
            cases.append({"weighted": weighted, "l2": l2, "c": c, **fits(x, labels[learn], w, c)})
    result = {
        "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
        "columns": values.shape[1],
        "values": [[None if np.isnan(v) else round(float(v), 3) for v in row] for row in values],
        "labels": labels.tolist(),
        "weights": [round(float(w), 2) for w in weights],
        "learn": learn.tolist(),
        "cases": cases,
    }
    (HERE / "scikit_learn.json").write_text(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
