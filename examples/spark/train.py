"""Trains boosted trees with xgboost.spark on what `sepsis features` has written, and saves them for `sepsis model import`.

    spark-submit train.py --features s3://BUCKET/features.parquet --out trees.json --workers 8

Rows of adults learn, in all folds but the held-out one. The same script runs on a laptop (--master 'local[2]') and on a cluster, where
spark-submit says which.
"""

import argparse
import json
import sys

from pyspark.sql import SparkSession, functions
from xgboost.spark import SparkXGBClassifier


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--features", required=True, help="the Parquet file, where all workers can read it")
    parser.add_argument("--out", required=True, help="JSON file of trees, on the driver")
    parser.add_argument("--master", help="such as local[2]; spark-submit's own if none is given")
    parser.add_argument("--workers", type=int, default=2, help="XGBoost workers, each a Spark task")
    parser.add_argument("--held-out", type=int, default=0, help="fold that no tree sees; name the same one in `sepsis model import`")
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--depth", type=int, default=5)
    parser.add_argument("--learning-rate", type=float, default=0.05)
    parser.add_argument("--quiet-weight", type=float, default=0.05, help="weight of an hour without the label beside one with it")
    return parser.parse_args()


def features_of(rows):
    """The columns to learn from: all but those that say whose row it is, and what became of the patient."""
    others = {"stay_id", "hospital", "row_hour", "row_snapshot", "row_bedside", "adult", "fold", "label", "utility_gain"}
    return [name for name in rows.columns if name not in others]


def refuse_unknown_fold(rows, held_out):
    """A fold that no row is of would hold nothing out: the import would calibrate on rows that the trees have seen."""
    folds = sorted(row.fold for row in rows.select("fold").distinct().collect())
    if held_out not in folds:
        sys.exit(f"--held-out {held_out}: the features have the folds {', '.join(map(str, folds))}; name one of them")


def trainer(options, columns):
    return SparkXGBClassifier(
        features_col=columns, label_col="label", weight_col="weight", num_workers=options.workers, missing=float("nan"),
        tree_method="hist", max_bin=64, n_estimators=options.rounds, max_depth=options.depth, learning_rate=options.learning_rate,
        reg_lambda=20.0, min_child_weight=10.0, subsample=0.3, colsample_bytree=0.25, base_score=0.5, random_state=1,
    )


def main():
    options = arguments()
    builder = SparkSession.builder.appName("sepsis")
    if options.master:
        builder = builder.master(options.master)
    spark = builder.getOrCreate()
    rows = spark.read.parquet(options.features)
    refuse_unknown_fold(rows, options.held_out)
    columns = features_of(rows)
    learnt = rows.where("adult and label is not null").where(functions.col("fold") != options.held_out)
    learnt = learnt.withColumn("weight", functions.when(functions.col("label") == 1, 1.0).otherwise(options.quiet_weight))
    # A missing value is null in the file and NaN to XGBoost. Rows of a stay are alike: let no worker have all of some.
    learnt = learnt.na.fill(float("nan"), subset=columns).repartition(options.workers, "stay_id")
    booster = trainer(options, columns).fit(learnt).get_booster()
    booster.feature_names = columns  # by which the import knows them
    booster.save_model(options.out)
    print(json.dumps({"rounds": booster.num_boosted_rounds(), "columns": len(columns), "out": options.out}))
    spark.stop()


if __name__ == "__main__":
    main()
