"""Opens the trees of a bundle with XGBoost, as any Python program can.

    python open_bundle.py model/default.sepsis
"""

import json
import sys
import zipfile

import numpy
import xgboost



def open_trees(name, trees):
    booster = xgboost.Booster()
    booster.load_model(bytearray(trees))
    rows = numpy.full((3, booster.num_features()), numpy.nan, dtype=numpy.float32)
    rows[1], rows[2] = 0, 100
    margins = booster.predict(xgboost.DMatrix(rows, feature_names=booster.feature_names), output_margin=True)
    if not numpy.isfinite(margins).all() or len(set(margins.tolist())) < 2:
        sys.exit(f"{name}: unlikely margins {margins}")
    count = len(json.loads(trees)["learner"]["gradient_booster"]["model"]["trees"])
    print(f"XGBoost {xgboost.__version__} opens {name}: {count} trees on {booster.num_features()} features; margins {margins}")


with zipfile.ZipFile(sys.argv[1]) as bundle:
    for entry in bundle.namelist():
        if entry == "trees.json" or entry.startswith("forecast_"):
            open_trees(entry, bundle.read(entry))
