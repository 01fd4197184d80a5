"""Compares the Go package gbdt with XGBoost (hist) and LightGBM, on one matrix and with the same bins, rounds, depth and threads.

    python peers.py --synthetic ROWS COLUMNS
    python peers.py --matrix X.npy --labels y.npy [--groups g.npy]
    python peers.py --csv table.csv --label COLUMN [--group COLUMN]

A fifth of the rows is held out; with groups (such as patients), all rows of a fifth of the groups. Each training, and each
measurement of prediction, is a process of its own, and the libraries take turns, so that what disturbs the machine disturbs all.
Memory is the peak that Linux counts for the process, with and without what was there before training: the matrix, and what
the imports took. Prediction and explanation run on models that XGBoost and LightGBM trained, theirs with their own code
against ours with gbdt; the margins must agree within 1e-4. One row is predicted on one thread by all.

The machine must be idle. Threads of XGBoost and LightGBM wait for each other by spinning, and where something else wants the
processors that makes them slower by factors of up to a hundred, which says nothing of the libraries. So the script refuses to
start on a busy machine (--busy: for a trial of the script, and its figures say so), and each peer is run with both ways of
waiting (OMP_WAIT_POLICY active and passive), of which the faster training, and the faster prediction, count.

Each figure is the median of the repeats [least, most]; a ratio is ours to theirs, of runs of the same turn. --out keeps all
figures in JSON. Needs go, numpy, xgboost and lightgbm, and Linux.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import numpy

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = ("xgboost", "lightgbm")
MODELS = {"xgboost": "xgboost.ubj", "lightgbm": "lightgbm.txt"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--synthetic", nargs=2, type=int, metavar=("ROWS", "COLUMNS"))
    parser.add_argument("--matrix")
    parser.add_argument("--labels")
    parser.add_argument("--groups")
    parser.add_argument("--csv")
    parser.add_argument("--label")
    parser.add_argument("--group")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--depth", type=int, default=5)
    parser.add_argument("--bins", type=int, default=256)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--lambda", type=float, default=1)
    parser.add_argument("--min-child-weight", type=float, default=1)
    parser.add_argument("--contribution-rows", type=int, default=10000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--busy", action="store_true", help="measure although something else runs; such figures mean nothing")
    parser.add_argument("--out")
    parser.add_argument("--stage", help=argparse.SUPPRESS)  # what a process of its own is to do
    parser.add_argument("--dir", help=argparse.SUPPRESS)
    return parser.parse_args()


# What is measured ------------------------------------------------------------------------------------------------------


def synthetic(rows, columns, seed):
    """A tenth of positives, a fifth of the values missing, a signal in the first three columns."""
    random = numpy.random.default_rng(seed)
    features = random.normal(size=(rows, columns)).astype(numpy.float32)
    log_odds = features[:, 0] + features[:, 1] * features[:, 2] / 2 - 2.4
    features[random.random(features.shape) < 0.2] = numpy.nan
    return features, (random.random(rows) < 1 / (1 + numpy.exp(-log_odds))).astype(numpy.float32), None


def read_csv(path, label, group):
    with open(path, encoding="utf-8") as file:
        names = file.readline().rstrip("\n").split(",")
    table = numpy.genfromtxt(path, delimiter=",", skip_header=1, dtype=numpy.float64)
    features = [i for i, name in enumerate(names) if name not in (label, group)]
    groups = table[:, names.index(group)] if group else None
    return table[:, features].astype(numpy.float32), table[:, names.index(label)].astype(numpy.float32), groups


def read_matrix(options):
    if options.synthetic:
        return synthetic(*options.synthetic, options.seed)
    if options.csv and options.label:
        return read_csv(options.csv, options.label, options.group)
    if options.matrix and options.labels:
        groups = numpy.load(options.groups) if options.groups else None
        return numpy.load(options.matrix, mmap_mode="r"), numpy.load(options.labels), groups
    sys.exit("need --synthetic, --matrix with --labels, or --csv with --label")


def held_out(rows, groups, seed):
    """True for the rows that no library learns from."""
    random = numpy.random.default_rng(seed)
    if groups is None:
        return random.random(rows) < 0.2
    _, members = numpy.unique(groups, return_inverse=True)
    return (random.random(members.max() + 1) < 0.2)[members]


def prepare(options, directory):
    """Writes the matrices and the task, which all processes read, and returns the task and the held-out labels."""
    features, labels, groups = read_matrix(options)
    test = held_out(len(labels), groups, options.seed)
    for name, values in (("train.f32", features[~test]), ("test.f32", features[test]), ("labels.f32", labels[~test])):
        numpy.ascontiguousarray(values, dtype="<f4").tofile(directory / name)
    task = {key: getattr(options, key) for key in ("rounds", "depth", "bins", "threads", "learning_rate", "lambda", "min_child_weight")}
    task |= {"rows": int((~test).sum()), "test_rows": int(test.sum()), "cols": features.shape[1]}
    task["contribution_rows"] = min(options.contribution_rows, task["test_rows"])
    (directory / "task.json").write_text(json.dumps(task), encoding="utf-8")
    return task, labels[test]


# One process of XGBoost or LightGBM ------------------------------------------------------------------------------------


def peak_mebibytes():
    status = pathlib.Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def train_xgboost(task, features, labels):
    import xgboost

    def binned():
        return xgboost.QuantileDMatrix(features, labels, max_bin=task["bins"], nthread=task["threads"])

    def trained(data):
        return xgboost.train({
            "objective": "binary:logistic", "tree_method": "hist", "nthread": task["threads"], "max_bin": task["bins"],
            "max_depth": task["depth"], "eta": task["learning_rate"], "lambda": task["lambda"], "min_child_weight": task["min_child_weight"],
        }, data, num_boost_round=task["rounds"])

    return binned, trained, lambda booster, path: booster.save_model(path)


def train_lightgbm(task, features, labels):
    import lightgbm

    parameters = {
        "objective": "binary", "num_threads": task["threads"], "max_bin": task["bins"] - 1, "max_depth": task["depth"],
        "num_leaves": 2 ** task["depth"], "learning_rate": task["learning_rate"], "lambda_l2": task["lambda"],
        "min_sum_hessian_in_leaf": task["min_child_weight"], "min_data_in_leaf": 1, "verbosity": -1,
    }

    def binned():
        return lightgbm.Dataset(features, labels, params=parameters, free_raw_data=True).construct()

    def trained(data):
        return lightgbm.train(parameters, data, num_boost_round=task["rounds"])

    return binned, trained, lambda booster, path: booster.save_model(path)


def stage_train(peer, task, directory):
    features = numpy.fromfile(directory / "train.f32", dtype="<f4").reshape(task["rows"], task["cols"])
    labels = numpy.fromfile(directory / "labels.f32", dtype="<f4")
    binned, trained, save = {"xgboost": train_xgboost, "lightgbm": train_lightgbm}[peer](task, features, labels)
    before, start = peak_mebibytes(), time.perf_counter()
    data = binned()
    bins = time.perf_counter() - start
    booster = trained(data)
    found = {"bin-s": bins, "train-s": time.perf_counter() - start, "before-MiB": before, "peak-MiB": peak_mebibytes()}
    save(booster, str(directory / MODELS[peer]))
    return found


def seconds_per_row(work, rows, least=1.0):
    """The best of the runs that fit in some time, at least three, after one to warm up."""
    work(0)
    times, begin = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - begin < least:
        start = time.perf_counter()
        work(len(times))
        times.append(time.perf_counter() - start)
    return (statistics.median(times) if rows == 1 else min(times)) / rows


def predictor(peer, threads, directory):
    """Functions for margins and contributions of rows."""
    path = str(directory / MODELS[peer])
    if peer == "xgboost":
        import xgboost

        booster = xgboost.Booster({"nthread": threads}, model_file=path)
        return (lambda rows: booster.inplace_predict(rows, predict_type="margin"),
                lambda rows: booster.predict(xgboost.DMatrix(rows, nthread=threads), pred_contribs=True))
    import lightgbm

    booster = lightgbm.Booster(model_file=path)
    return (lambda rows: booster.predict(rows, raw_score=True, num_threads=threads),
            lambda rows: booster.predict(rows, pred_contrib=True, num_threads=threads))


def stage_predict(peer, task, directory):
    features = numpy.fromfile(directory / "test.f32", dtype="<f4").reshape(task["test_rows"], task["cols"])
    margins, contributions = predictor(peer, task["threads"], directory)
    margin, contribution = predictor(peer, 1, directory)
    margins(features).astype("<f8").tofile(directory / f"{peer}.margins")
    some = features[:task["contribution_rows"]]

    def row(i):
        return features[i % len(features)][None, :]

    return {
        "margins": seconds_per_row(lambda _: margins(features), len(features)) * 1e9,
        "margin": seconds_per_row(lambda i: margin(row(i)), 1) * 1e9,
        "contributions": seconds_per_row(lambda _: contributions(some), len(some)) * 1e9,
        "contribution": seconds_per_row(lambda i: contribution(row(i)), 1) * 1e9,
    }


def stage(options):
    directory = pathlib.Path(options.dir)
    task = json.loads((directory / "task.json").read_text(encoding="utf-8"))
    what, peer = options.stage.split("-")
    print(json.dumps({"train": stage_train, "predict": stage_predict}[what](peer, task, directory)))


# The whole comparison --------------------------------------------------------------------------------------------------


def peer_stage(name, directory, threads):
    """What the stage finds with each way of waiting."""
    found = []
    for policy in ("active", "passive"):
        command = [sys.executable, __file__, "--stage", name, "--dir", str(directory)]
        environment = os.environ | {"OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": policy}
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
        found.append(json.loads(done.stdout.splitlines()[-1]))
    return found


def train_stage(library, directory, threads):
    if library == "gbdt":
        return go_stage("^train$", directory, threads, "1x")["train"]
    return min(peer_stage(f"train-{library}", directory, threads), key=lambda found: found["train-s"])


def predict_stage(peer, directory, threads):
    found = peer_stage(f"predict-{peer}", directory, threads)
    return {name: min(one[name] for one in found) for name in found[0]}


def load():
    """Processes that want a processor, as the mean of the last minute."""
    return os.getloadavg()[0]


def go_stage(pattern, directory, threads, benchtime):
    """The metrics of each benchmark, by the last part of its name."""
    command = [str(directory / "gbdt.test"), "-test.run=^$", f"-test.bench=^BenchmarkPeers$/{pattern}", f"-test.benchtime={benchtime}"]
    environment = os.environ | {"SEPSIS_PEERS_DIR": str(directory), "GOMAXPROCS": str(threads)}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, env=environment)
    found = {}
    for line in done.stdout.splitlines():
        fields = line.split()
        if len(fields) > 3 and fields[0].startswith("BenchmarkPeers/"):
            name = fields[0].rsplit("/", 1)[1].removesuffix(f"-{threads}")
            found[name] = {unit: float(value) for value, unit in zip(fields[2::2], fields[3::2])}
    if done.returncode or not found:
        sys.exit(f"{' '.join(command)}:\n{done.stdout}")
    return found


def log_loss(margins, labels):
    return float(numpy.mean(numpy.logaddexp(0, margins) - labels * margins))


def measure(task, labels, directory, repeats):
    """All samples: {measure: {library: [one for each repeat]}}."""
    samples = {}

    def keep(measured, library, value):
        samples.setdefault(measured, {}).setdefault(library, []).append(value)

    for turn in range(repeats):
        print(f"turn {turn + 1} of {repeats}", file=sys.stderr, flush=True)
        for library in ("gbdt", *PEERS):
            found = train_stage(library, directory, task["threads"])
            keep("training, s", library, found["train-s"])
            keep("of which binning, s", library, found["bin-s"])
            keep("peak memory, MiB", library, found["peak-MiB"])
            keep("peak memory beyond the matrix and imports, MiB", library, found["peak-MiB"] - found["before-MiB"])
        for peer in PEERS:
            theirs = predict_stage(peer, directory, task["threads"])
            ours = go_stage(f"^predict$/^{MODELS[peer]}$", directory, task["threads"], "1s")
            for name, meaning in (("margins", "prediction of all held-out rows"), ("margin", "prediction of one row"),
                                  ("contributions", "explanation of many rows"), ("contribution", "explanation of one row")):
                measured = f"{meaning}, model of {peer}, µs a row"
                keep(measured, "gbdt", ours[name]["ns/row"] / 1000)
                keep(measured, peer, theirs[name] / 1000)
            margins = [numpy.fromfile(directory / f"{name}.margins") for name in (peer, f"gbdt_{MODELS[peer]}")]
            keep("largest difference of margins", peer, float(numpy.abs(margins[0] - margins[1]).max()))
            keep("held-out log-loss", peer, log_loss(margins[0], labels))
        keep("held-out log-loss", "gbdt", log_loss(numpy.fromfile(directory / "gbdt.margins"), labels))
    return samples


def with_spread(values):
    return f"{statistics.median(values):.4g} [{min(values):.4g}, {max(values):.4g}]"


def report(samples):
    for measured, libraries in samples.items():
        print(measured)
        for library, values in libraries.items():
            ratios = [ours / theirs for ours, theirs in zip(libraries.get("gbdt", []), values) if theirs]
            ratio = "" if library == "gbdt" or not ratios else f"    gbdt is {with_spread(ratios)} times that"
            print(f"    {library:10}{with_spread(values)}{ratio}")


def main():
    options = arguments()
    if options.stage:
        stage(options)
        return
    import lightgbm
    import xgboost

    load_before = load()
    if load_before > 0.5 and not options.busy:
        sys.exit(f"the machine is busy (load {load_before:.1f}, need 0.5 or less): figures would mean nothing; wait, or try with --busy")
    with tempfile.TemporaryDirectory() as scratch:
        directory = pathlib.Path(scratch)
        subprocess.run(["go", "test", "-c", "-o", str(directory / "gbdt.test"), "./gbdt"], cwd=ROOT, check=True)
        task, labels = prepare(options, directory)
        samples = measure(task, labels, directory, options.repeats)
    about = {
        "task": task, "seed": options.seed, "processors": os.cpu_count(), "machine": platform.machine(),
        "load_before": load_before, "busy": load_before > 0.5,
        "versions": {"xgboost": xgboost.__version__, "lightgbm": lightgbm.__version__, "python": platform.python_version(),
                     "go": subprocess.run(["go", "env", "GOVERSION"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()},
    }
    print(json.dumps(about))
    if about["busy"]:
        print(f"THE MACHINE WAS BUSY (load {load_before:.1f}): the times and ratios below mean nothing")
    report(samples)
    if options.out:
        pathlib.Path(options.out).write_text(json.dumps(about | {"samples": samples}, indent=1) + "\n", encoding="utf-8")
    worst = max(max(values) for values in samples["largest difference of margins"].values())
    if not worst <= 1e-4:
        sys.exit(f"margins of the same model differ by {worst}")


if __name__ == "__main__":
    main()
