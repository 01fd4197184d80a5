"""Compares the Go package gbdt with XGBoost (hist) and LightGBM, on one matrix and with the same bins, rounds, depth and threads.

    python peers.py --synthetic ROWS COLUMNS
    python peers.py --features features.parquet [--share 0.3]        what `sepsis features` writes
    python peers.py --matrix X.npy --labels y.npy [--groups g.npy]
    python peers.py --csv table.csv --label COLUMN [--group COLUMN]

A fifth of the rows is held out, another fifth in each turn; with groups (such as patients), all rows of a fifth of the groups. Each
training, and each measurement of prediction, is a process of its own, and the libraries take turns, so that what disturbs the machine
disturbs all. Memory is the peak that Linux counts for the process, with and without what was there before training: the
matrix, and what the imports took. Prediction and explanation run on models that XGBoost and LightGBM trained, theirs with their own code
against ours with gbdt; the margins must agree within 1e-4, the contributions of --contribution-rows rows within 1e-5. One row is predicted on one thread by all; beside it stands the time
that memory alone takes for that, with nothing decided; and because models that serve are larger than those of the comparison, that
is done again with --row-rounds rounds, learnt from --row-rows rows. --growth measures, on less of the same data, how training grows with rows, columns
and threads.

The processors must be free. Threads of XGBoost and LightGBM wait for each other by spinning, and where something else wants the
processors that makes them slower by factors of up to a hundred, which says nothing of the libraries. So before each turn the script
measures which share of the processors it gets, and refuses to go on with less than 0.85 of them (--busy: for a trial of the script, and its
figures say so); on a machine with other work, give it priority (nice -n -15, in a session of its own with autogroup at -15). Each peer
trains first with both ways of waiting (OMP_WAIT_POLICY active and passive), and from then on with the one that was faster; it predicts with both each
time, and the faster counts.

Each figure is the median of the turns [least, most]; a ratio is ours to theirs, of runs of the same turn. --out keeps all
figures in JSON, --markdown and --plot write what docs/gbdt-benchmark.md shows. --large measures nothing but gbdt's own training on 10 million
synthetic rows of 100 columns, if they fit in so many GiB. Needs go, Linux, and what requirements.txt pins.
"""

import argparse
import json
import multiprocessing
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import zlib

import numpy

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = ("xgboost", "lightgbm")
TOLERANCES = {"margins": 1e-4, "contributions": 1e-5}  # between theirs and ours, of the same model
MODELS = {"xgboost": "xgboost.ubj", "lightgbm": "lightgbm.txt"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--synthetic", nargs=2, type=int, metavar=("ROWS", "COLUMNS"))
    parser.add_argument("--features")
    parser.add_argument("--share", type=float, default=1, help="of the stays of --features")
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
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--growth-rows", type=int, default=40000, help="the least rows of --growth")
    parser.add_argument("--growth-rounds", type=int, default=30)
    parser.add_argument("--losses", type=int, metavar="FOLDS", help="measure nothing but the loss on held-out rows, by cross-validation in so many folds")
    parser.add_argument("--row-rounds", type=int, default=500, help="rounds of the model of which one row at a time is predicted again")
    parser.add_argument("--row-rows", type=int, default=40000, help="rows that it learns from")
    parser.add_argument("--large", type=int, metavar="GIB")
    parser.add_argument("--out")
    parser.add_argument("--markdown")
    parser.add_argument("--plot", help="SVG of --growth")
    parser.add_argument("--readme", help="file of which the part between the marks of the benchmark is written anew")
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


def read_features(path, share):
    """The hours of some stays, as `sepsis features` wrote them, group after group."""
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(path)
    names = [column["name"] for column in json.loads(file.metadata.metadata[b"sepsis.schema"])["features"]]
    features, labels, groups = [], [], []
    for group in range(file.num_row_groups):
        table = file.read_row_group(group)
        stays = [f"{hospital}/{stay}" for hospital, stay in zip(table["hospital"].to_pylist(), table["stay_id"].to_pylist())]
        chosen = numpy.array([zlib.crc32(stay.encode()) % 1000 < share * 1000 for stay in stays])
        for made_up in ("row_snapshot", "row_bedside"):
            chosen &= ~table[made_up].to_numpy(zero_copy_only=False)
        rows = numpy.empty((int(chosen.sum()), len(names)), dtype=numpy.float32)
        for i, name in enumerate(names):
            rows[:, i] = table[name].to_numpy()[chosen]
        features.append(rows)
        labels.append(table["label"].to_numpy()[chosen].astype(numpy.float32))
        groups.extend(stay for stay, kept in zip(stays, chosen) if kept)
    return numpy.concatenate(features), numpy.concatenate(labels), numpy.array(groups)


def read_matrix(options):
    if options.synthetic:
        return synthetic(*options.synthetic, options.seed)
    if options.features:
        return read_features(options.features, options.share)
    if options.csv and options.label:
        return read_csv(options.csv, options.label, options.group)
    if options.matrix and options.labels:
        groups = numpy.load(options.groups) if options.groups else None
        return numpy.load(options.matrix, mmap_mode="r"), numpy.load(options.labels), groups
    sys.exit("need --synthetic, --features, --matrix with --labels, or --csv with --label")


def held_out(rows, groups, seed):
    """True for the rows that no library learns from."""
    random = numpy.random.default_rng(seed)
    if groups is None:
        return random.random(rows) < 0.2
    _, members = numpy.unique(groups, return_inverse=True)
    return (random.random(members.max() + 1) < 0.2)[members]


def prepare(options, directory, data, test):
    """Writes the matrices and the task, which all processes read, and returns the task and the held-out labels."""
    features, labels, _ = data
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


def one_margin(peer, features, directory):
    """Nanoseconds of the margin of one row."""
    margin, _ = predictor(peer, 1, directory)
    return seconds_per_row(lambda i: margin(features[i % len(features)][None, :]), 1) * 1e9


def stage_row(peer, task, directory):
    features = numpy.fromfile(directory / "test.f32", dtype="<f4").reshape(task["test_rows"], task["cols"])
    return {"margin": one_margin(peer, features, directory)}


def stage_predict(peer, task, directory):
    features = numpy.fromfile(directory / "test.f32", dtype="<f4").reshape(task["test_rows"], task["cols"])
    margins, contributions = predictor(peer, task["threads"], directory)
    _, contribution = predictor(peer, 1, directory)
    margins(features).astype("<f8").tofile(directory / f"{peer}.margins")
    some = features[:task["contribution_rows"]]
    contributions(some).astype("<f8").tofile(directory / f"{peer}.contributions")

    def row(i):
        return features[i % len(features)][None, :]

    return {
        "margins": seconds_per_row(lambda _: margins(features), len(features)) * 1e9,
        "margin": one_margin(peer, features, directory),
        "contributions": seconds_per_row(lambda _: contributions(some), len(some)) * 1e9,
        "contribution": seconds_per_row(lambda i: contribution(row(i)), 1) * 1e9,
    }


def stage_margins(peer, task, directory):
    features = numpy.fromfile(directory / "test.f32", dtype="<f4").reshape(task["test_rows"], task["cols"])
    predictor(peer, task["threads"], directory)[0](features).astype("<f8").tofile(directory / f"{peer}.margins")
    return {}


def stage(options):
    directory = pathlib.Path(options.dir)
    task = json.loads((directory / "task.json").read_text(encoding="utf-8"))
    what, peer = options.stage.split("-")
    print(json.dumps({"train": stage_train, "predict": stage_predict, "row": stage_row, "margins": stage_margins}[what](peer, task, directory)))


# The whole comparison --------------------------------------------------------------------------------------------------


POLICIES = ("active", "passive")


def peer_stage(name, directory, threads, policies=POLICIES):
    """What the stage finds with each way of waiting."""
    found = []
    for policy in policies:
        command = [sys.executable, __file__, "--stage", name, "--dir", str(directory)]
        environment = os.environ | {"OMP_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": policy}
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
        found.append(json.loads(done.stdout.splitlines()[-1]))
    return found


def train_stage(library, directory, threads, waiting):
    """waiting holds the faster way of each peer, once that is known."""
    if library == "gbdt":
        return go_stage("^BenchmarkPeers$/^train$", directory, threads, "1x")["train"]
    policies = (waiting[library],) if library in waiting else POLICIES
    found = dict(zip(policies, peer_stage(f"train-{library}", directory, threads, policies)))
    waiting[library] = min(found, key=lambda policy: found[policy]["train-s"])
    return found[waiting[library]]


def predict_stage(peer, directory, threads, stage_name="predict"):
    found = peer_stage(f"{stage_name}-{peer}", directory, threads)
    return {name: min(one[name] for one in found) for name in found[0]}


def spin(seconds, shares):
    begin, used = time.perf_counter(), time.process_time()
    while time.perf_counter() - begin < seconds:
        pass
    shares.put((time.process_time() - used) / (time.perf_counter() - begin))


def processor_share(threads):
    """Which part of so many processors this process would get now."""
    shares = multiprocessing.Queue()
    spinning = [multiprocessing.Process(target=spin, args=(0.5, shares)) for _ in range(threads)]
    for process in spinning:
        process.start()
    return min(shares.get() for _ in spinning)


LEAST_SHARE = 0.85


def free_processors(options, tries=20):
    """Waits until the processors are free, and returns the share that there is."""
    for _ in range(tries):
        share = processor_share(options.threads)
        if share >= LEAST_SHARE or options.busy:
            return share
        time.sleep(3)
    sys.exit(f"the machine is busy (we get {share:.2f} of {options.threads} processors, need {LEAST_SHARE}): figures would mean nothing; "
             "wait, give priority, or try with --busy")


def go_stage(pattern, directory, threads, benchtime):
    """The metrics of each benchmark, by the last part of its name."""
    command = [str(directory / "gbdt.test"), "-test.run=^$", f"-test.bench={pattern}", f"-test.benchtime={benchtime}"]
    return go_metrics(command, threads, {"SEPSIS_PEERS_DIR": str(directory)})


def go_metrics(command, threads, environment):
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, env=os.environ | environment | {"GOMAXPROCS": str(threads)}, cwd=ROOT / "gbdt")
    found = {}
    for line in done.stdout.splitlines():
        fields = line.split()
        if len(fields) > 3 and fields[0].startswith("Benchmark"):
            name = fields[0].rsplit("/", 1)[-1].removesuffix(f"-{threads}")
            found[name] = {unit: float(value) for value, unit in zip(fields[2::2], fields[3::2])}
    if done.returncode or not found:
        sys.exit(f"{' '.join(command)}:\n{done.stdout}")
    return found


# The largest training ---------------------------------------------------------------------------------------------------


def measure_large(options):
    command = ["go", "test", "-run=^$", "-bench=^BenchmarkLarge$", "-benchtime=1x", "-timeout=1h", "."]
    return go_metrics(command, options.threads, {"SEPSIS_LARGE_GIB": str(options.large)})["BenchmarkLarge"] | {"threads": options.threads}


def large_sentence(found):
    return (f"{found['rows']:,.0f} rows of {found['columns']:.0f} columns, all drawn: {found['expected-GiB']:.1f} GiB expected, the values included, {found['peak-GiB']:.1f} taken; "
            f"{found['rounds']:.0f} rounds of depth {found['depth']:.0f} took {found['train-s']:.0f} s on {found['threads']} threads.\n")


def row_losses(margins, labels):
    return numpy.logaddexp(0, margins) - labels * margins


def log_loss(margins, labels):
    return float(numpy.mean(row_losses(margins, labels)))


def keep(samples, measured, library, value):
    samples.setdefault(measured, {}).setdefault(library, []).append(value)


def measure_turn(task, labels, directory, samples, waiting):
    """One turn of all libraries; samples is {measure: {library: [one for each turn]}}."""
    for library in ("gbdt", *PEERS):
        found = train_stage(library, directory, task["threads"], waiting)
        keep(samples, "training, s", library, found["train-s"])
        keep(samples, "of which binning, s", library, found["bin-s"])
        keep(samples, "peak memory, MiB", library, found["peak-MiB"])
        keep(samples, "peak memory beyond the matrix and imports, MiB", library, found["peak-MiB"] - found["before-MiB"])
    for peer in PEERS:
        theirs = predict_stage(peer, directory, task["threads"])
        ours = go_stage(f"^BenchmarkPeers$/^predict$/^{MODELS[peer]}$", directory, task["threads"], "1s")
        for name, meaning in (("margins", "prediction of all held-out rows"), ("margin", "prediction of one row"),
                              ("contributions", "explanation of many rows"), ("contribution", "explanation of one row")):
            measured = f"{meaning}, model of {peer}, µs a row"
            keep(samples, measured, "gbdt", ours[name]["ns/row"] / 1000)
            keep(samples, measured, peer, theirs[name] / 1000)
            if peer == "xgboost" and name == "margin":
                keep(samples, measured, MEMORY, memory_alone(directory))
        for what in TOLERANCES:
            both = [numpy.fromfile(directory / f"{name}.{what}") for name in (peer, f"gbdt_{MODELS[peer]}")]
            keep(samples, f"largest difference of {what}", peer, float(numpy.abs(both[0] - both[1]).max()))
        keep(samples, "held-out log-loss", peer, log_loss(numpy.fromfile(directory / f"{peer}.margins"), labels))
    keep(samples, "held-out log-loss", "gbdt", log_loss(numpy.fromfile(directory / "gbdt.margins"), labels))


MEMORY = "memory alone"


def memory_alone(directory):
    """Microseconds of reading what predicting one row reads."""
    return go_stage("^BenchmarkTraffic$", directory, 1, "1s")["BenchmarkTraffic"]["ns/row"] / 1000


def measure(options, directory, data, shares, waiting):
    samples = {}
    for turn in range(options.repeats):
        shares.append(free_processors(options))
        print(f"turn {turn + 1} of {options.repeats}, {shares[-1]:.2f} of the processors", file=sys.stderr, flush=True)
        task, labels = prepare(options, directory, data, held_out(len(data[1]), data[2], options.seed + turn))
        measure_turn(task, labels, directory, samples, waiting)
    return task, samples


def row_measure(rounds):
    return f"prediction of one row, {rounds} rounds, model of xgboost, µs a row"


def measure_rows(options, directory, data, samples, shares):
    """One row at a time with a model as large as those that serve."""
    features, labels, _ = data
    chosen = numpy.sort(numpy.random.default_rng(options.seed).permutation(len(labels))[:2 * options.row_rows])
    settings = argparse.Namespace(**vars(options) | {"rounds": options.row_rounds, "contribution_rows": 1})
    test = numpy.arange(len(chosen)) % 2 == 1
    prepare(settings, directory, (features[chosen], labels[chosen], None), test)
    peer_stage("train-xgboost", directory, options.threads, ("passive",))
    for turn in range(options.repeats):
        shares.append(free_processors(options))
        print(f"one row, turn {turn + 1} of {options.repeats}", file=sys.stderr, flush=True)
        ours = go_stage("^BenchmarkPeers$/^predict$/^xgboost.ubj$/^margin$", directory, 1, "1s")["margin"]["ns/row"] / 1000
        measured = row_measure(options.row_rounds)
        keep(samples, measured, "gbdt", ours)
        keep(samples, measured, "xgboost", predict_stage("xgboost", directory, 1, "row")["margin"] / 1000)
        keep(samples, measured, MEMORY, memory_alone(directory))


# How well it learns ----------------------------------------------------------------------------------------------------


def folds_of(rows, groups, folds, seed):
    """The fold of each row, those of one group together, and the number of its group."""
    members = numpy.arange(rows) if groups is None else numpy.unique(groups, return_inverse=True)[1]
    fold = numpy.random.default_rng(seed).permutation(members.max() + 1) % folds
    return fold[members], members


def measure_losses(options, directory, data):
    """The rows of each fold, and {library: the loss of each row, from trees that never saw its group}"""
    _, labels, groups = data
    fold, members = folds_of(len(labels), groups, options.losses, options.seed)
    losses = {library: numpy.empty(len(labels)) for library in ("gbdt", *PEERS)}
    for held in range(options.losses):
        print(f"fold {held + 1} of {options.losses}", file=sys.stderr, flush=True)
        test = fold == held
        task, outcomes = prepare(options, directory, data, test)
        go_stage("^BenchmarkPeers$/^train$", directory, task["threads"], "1x")
        for peer in PEERS:
            for stage_name in (f"train-{peer}", f"margins-{peer}"):
                peer_stage(stage_name, directory, task["threads"], ("passive",))
        for library, of_rows in losses.items():
            of_rows[test] = row_losses(numpy.fromfile(directory / f"{library}.margins"), outcomes)
    return {"fold": fold, "members": members, "losses": losses}


RESAMPLES = 2000


def ratio_interval(ours, theirs, members, seed):
    """The ratio of two mean losses, and the middle 95 % of what it is when groups are drawn again, both of the same groups."""
    ours, theirs = (numpy.bincount(members, weights=losses) for losses in (ours, theirs))
    random = numpy.random.default_rng(seed)
    drawn = [random.integers(len(ours), size=len(ours)) for _ in range(RESAMPLES)]
    low, high = numpy.quantile([ours[chosen].sum() / theirs[chosen].sum() for chosen in drawn], (0.025, 0.975))
    return ours.sum() / theirs.sum(), low, high


def losses_summary(about, measured):
    losses, members = measured["losses"], measured["members"]
    return {
        "data": about["data"], "rows": len(members), "groups": int(members.max()) + 1, "folds": int(measured["fold"].max()) + 1,
        "rounds": about["task"]["rounds"], "seed": about["seed"], "resamples": RESAMPLES,
        "losses": {library: float(of_rows.mean()) for library, of_rows in losses.items()},
        "ratios": {peer: [float(v) for v in ratio_interval(losses["gbdt"], losses[peer], members, about["seed"])] for peer in PEERS},
    }


def losses_page(about, measured, summary):
    """The page of --losses."""
    task, losses, fold, members = about["task"], measured["losses"], measured["fold"], measured["members"]
    folds = summary["folds"]
    lines = ["# How well gbdt learns beside XGBoost and LightGBM", "",
             f"Made by `gbdt/testdata/peers.py --losses {folds}`; do not edit. {about['data']}, {len(fold):,} rows of {members.max() + 1:,} groups (patients), {task['cols']} columns; "
             f"options as in [the benchmark](gbdt-benchmark.md), {task['rounds']} rounds. Mean logistic loss on held-out patients: {folds} folds, each patient is held out once. "
             f"Intervals of 95 % by drawing the patients again, {RESAMPLES} times.", "",
             "| held out | gbdt | XGBoost | LightGBM | gbdt : XGBoost | gbdt : LightGBM |", "|---|---|---|---|---|---|"]
    for held in range(folds):
        means = {library: of_rows[fold == held].mean() for library, of_rows in losses.items()}
        cells = [f"{mean:.5f}" for mean in means.values()] + [f"{means['gbdt'] / means[peer]:.4f}" for peer in PEERS]
        lines.append(f"| fold {held + 1} | " + " | ".join(cells) + " |")
    cells = [f"{of_rows.mean():.5f}" for of_rows in losses.values()]
    for peer in PEERS:
        cells.append("**{:.4f}** ({:.4f} to {:.4f})".format(*summary["ratios"][peer]))
    lines += ["| all patients | " + " | ".join(cells) + " |", ""]
    return "\n".join(lines)


# How training grows ----------------------------------------------------------------------------------------------------


def growth_points(options, rows, columns):
    """(series, factor, rows, columns, threads)"""
    least_rows, least_columns = min(options.growth_rows, rows // 4), columns // 4
    points = [("rows", factor, factor * least_rows, least_columns, options.threads) for factor in (1, 2, 4)]
    points += [("columns", factor, least_rows, factor * least_columns, options.threads) for factor in (1, 2, 4)]
    return points + [("threads", threads, 2 * least_rows, 2 * least_columns, threads) for threads in (1, 2)]


def measure_growth(options, directory, data, shares, waiting):
    """{series: {library: {factor: [seconds, one for each turn]}}}"""
    features, labels, _ = data
    random = numpy.random.default_rng(options.seed)
    row_order, column_order = random.permutation(len(labels)), random.permutation(features.shape[1])
    found = {}
    for _ in range(options.repeats):
        shares.append(free_processors(options))
        for series, factor, rows, columns, threads in growth_points(options, *features.shape):
            print(f"growth with {series}, {factor}", file=sys.stderr, flush=True)
            chosen = numpy.sort(row_order[:rows])
            some = features[chosen][:, numpy.sort(column_order[:columns])]
            test = numpy.zeros(rows, dtype=bool)
            test[:100] = True
            settings = argparse.Namespace(**vars(options) | {"threads": threads, "rounds": options.growth_rounds})
            prepare(settings, directory, (some, labels[chosen], None), test)
            for library in ("gbdt", *PEERS):
                seconds = train_stage(library, directory, threads, waiting)["train-s"]
                found.setdefault(series, {}).setdefault(library, {}).setdefault(factor, []).append(seconds)
    return found


COLOURS = {"gbdt": "#0b6e4f", "xgboost": "#b5532a", "lightgbm": "#3b5ba5"}


def growth_plot(growth):
    """Seconds against the factor, both on a scale of doublings, one panel for each series."""
    width, height, left, top = 250, 240, 50, 40
    every = [seconds for libraries in growth.values() for points in libraries.values() for values in points.values() for seconds in values]
    low, high = numpy.floor(numpy.log2(min(every))), numpy.ceil(numpy.log2(max(every)))
    parts = []
    for panel, (series, libraries) in enumerate(growth.items()):
        x0 = left + panel * (width + 50)
        parts.append(f'<text x="{x0}" y="{top - 14}" font-weight="bold">{series}</text>')
        for level in numpy.arange(low, high + 1):
            y = top + height * (high - level) / (high - low)
            parts.append(f'<line x1="{x0}" x2="{x0 + width}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
                         f'<text x="{x0 - 6}" y="{y + 4:.1f}" text-anchor="end">{2 ** level:g} s</text>')
        factors = sorted(next(iter(libraries.values())))
        place = {factor: x0 + width * i / (len(factors) - 1) for i, factor in enumerate(factors)}
        for factor, x in place.items():
            name = factor if series == "threads" else f"×{factor}"
            parts.append(f'<text x="{x:.1f}" y="{top + height + 18}" text-anchor="middle">{name}</text>')
        for library, points in libraries.items():
            at = {factor: top + height * (high - numpy.log2(statistics.median(points[factor]))) / (high - low) for factor in factors}
            line = " ".join(f"{place[factor]:.1f},{y:.1f}" for factor, y in at.items())
            parts.append(f'<polyline points="{line}" fill="none" stroke="{COLOURS[library]}" stroke-width="2"/>')
            parts += [f'<circle cx="{place[factor]:.1f}" cy="{y:.1f}" r="3.5" fill="{COLOURS[library]}"/>' for factor, y in at.items()]
    total = left + len(growth) * (width + 50)
    for i, (library, colour) in enumerate(COLOURS.items()):
        parts.append(f'<text x="{left + 90 * i}" y="{top + height + 44}" fill="{colour}" font-weight="bold">{library}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" height="{top + height + 60}" font-family="sans-serif" font-size="12">\n'
            f'<title>Seconds of training against rows, columns and threads</title>\n<rect width="100%" height="100%" fill="#fff"/>\n'
            + "\n".join(parts) + "\n</svg>\n")


# What is told ----------------------------------------------------------------------------------------------------------


def with_spread(values):
    return f"{statistics.median(values):.4g} [{min(values):.4g}, {max(values):.4g}]"


def report(samples):
    for measured, libraries in samples.items():
        print(measured)
        for library, values in libraries.items():
            ratios = [ours / theirs for ours, theirs in zip(libraries.get("gbdt", []), values) if theirs]
            ratio = "" if library == "gbdt" or not ratios else f"    gbdt is {with_spread(ratios)} times that"
            print(f"    {library:10}{with_spread(values)}{ratio}")


def markdown(about, samples, growth, plot):
    """The page of the benchmark."""
    task, versions = about["task"], about["versions"]
    lines = [
        "# gbdt beside XGBoost and LightGBM", "",
        f"Made by `gbdt/testdata/peers.py`; do not edit. XGBoost {versions['xgboost']} (`hist`), LightGBM {versions['lightgbm']}, {versions['go']}, "
        f"on {about['machine']} with {about['processors']} processors. {about['data']}: {task['rows']:,} rows to learn from, {task['test_rows']:,} held out, {task['cols']} columns; "
        f"{task['contribution_rows']:,} of them explained; {task['rounds']} rounds, depth {task['depth']}, {task['bins']} bins, {task['threads']} threads, learning rate {task['learning_rate']}, "
        f"L2 {task['lambda']}. Medians of {about['turns']} turns [least, most]; each turn holds out other patients; a ratio is of the same turn.", "",
    ]
    if about["busy"]:
        lines += ["**The processors were busy: times and ratios below mean nothing.**", ""]
    lines += ["| | gbdt | other | gbdt : other |", "|---|---|---|---|"]
    for measured, libraries in samples.items():
        for library, values in libraries.items():
            ratios = [ours / theirs for ours, theirs in zip(libraries.get("gbdt", []), values) if theirs]
            if library != "gbdt":
                ours = with_spread(libraries["gbdt"]) if "gbdt" in libraries else ""
                lines.append(f"| {measured} | {ours} | {library} {with_spread(values)} | {with_spread(ratios) if ratios else ''} |")
    lines += ["", f"\"{MEMORY}\" reads and writes the same nodes, values and keys in the same order and decides nothing.", ""]
    if growth:
        lines += ["## How training grows", "", f"Seconds of {about['growth']['rounds']} rounds, binning included, on part of the same rows and columns.", ""]
        if plot:
            lines += [f"![Seconds against rows, columns and threads]({pathlib.Path(plot).name})", ""]
        lines += ["| | | gbdt | xgboost | lightgbm |", "|---|---|---|---|---|"]
        for series, libraries in growth.items():
            for factor in libraries["gbdt"]:
                name = f"{factor}" if series == "threads" else f"×{factor}"
                lines.append(f"| {series} | {name} | " + " | ".join(with_spread(libraries[library][factor]) for library in ("gbdt", *PEERS)) + " |")
        lines.append("")
    return "\n".join(lines)


HEADLINES = {
    "training, s": "training time", "peak memory, MiB": "peak memory",
    "prediction of all held-out rows, model of {peer}, µs a row": "prediction of many rows, the same model",
    "prediction of one row, model of {peer}, µs a row": "prediction of one row, the same model, from Python there",
}


def headlines(about, samples):
    """The ratios that matter most."""
    task, versions = about["task"], about["versions"]
    lines = [f"| gbdt : other, {task['rows']:,} rows, {task['cols']} columns, {task['rounds']} rounds | " + " | ".join(
        f"{name} {versions[peer]}" for peer, name in (("xgboost", "XGBoost"), ("lightgbm", "LightGBM"))) + " |", "|---|---|---|"]
    for measured, title in HEADLINES.items():
        cells = []
        for peer in PEERS:
            libraries = samples[measured.format(peer=peer)]
            cells.append(with_spread([ours / theirs for ours, theirs in zip(libraries["gbdt"], libraries[peer])]))
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    row = samples[row_measure(about["row_rounds"])]
    cells = with_spread([ours / theirs for ours, theirs in zip(row["gbdt"], row["xgboost"])])
    memory = with_spread([ours / alone for ours, alone in zip(row["gbdt"], row[MEMORY])])
    lines.append(f"| the same with {about['row_rounds']} rounds ({memory} times what memory alone takes) | {cells} | |")
    return "\n".join(lines) + "\n"


def loss_headline(summary):
    """The ratio of held-out losses, of whole groups drawn again and again."""
    lines = [f"| gbdt : other, {summary['rows']:,} rows of {summary['groups']:,} groups (patients), {summary['rounds']} rounds, each held out once in {summary['folds']} folds | XGBoost | LightGBM |",
             "|---|---|---|"]
    cells = ["{:.4f} ({:.4f} to {:.4f})".format(*summary["ratios"][peer]) for peer in PEERS]
    return "\n".join(lines + ["| held-out log-loss (95 % interval) | " + " | ".join(cells) + " |"]) + "\n"


def refill(path, name, text):
    """Writes the part of a page between two marks anew."""
    page, mark, end = path.read_text(encoding="utf-8"), f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, rest = page.split(mark)
    path.write_text(before + mark + "\n" + text + "\n" + end + rest.split(end)[1], encoding="utf-8")


def data_name(options):
    return f"synthetic {options.synthetic}" if options.synthetic else pathlib.Path(options.features or options.matrix or options.csv).name


def run(options):
    """All figures, and what they are of."""
    import lightgbm
    import xgboost

    shares, growth, data = [], {}, read_matrix(options)
    with tempfile.TemporaryDirectory() as scratch:
        directory = pathlib.Path(scratch)
        subprocess.run(["go", "test", "-c", "-o", str(directory / "gbdt.test"), "./gbdt"], cwd=ROOT, check=True)
        if options.losses:
            losses = measure_losses(options, directory, data)
            task = json.loads((directory / "task.json").read_text(encoding="utf-8"))
            return {"task": task, "data": data_name(options), "seed": options.seed}, losses, growth
        waiting = {}
        task, samples = measure(options, directory, data, shares, waiting)
        measure_rows(options, directory, data, samples, shares)
        if options.growth:
            growth = measure_growth(options, directory, data, shares, waiting)
    least = {"rows": growth_points(options, *data[0].shape)[0][2], "columns": growth_points(options, *data[0].shape)[0][3], "rounds": options.growth_rounds}
    about = {
        "data": data_name(options),
        "task": task, "turns": options.repeats, "seed": options.seed, "growth": least, "row_rounds": options.row_rounds, "waiting": waiting, "processors": os.cpu_count(), "machine": platform.machine(),
        "least_processor_share": min(shares), "busy": min(shares) < LEAST_SHARE,
        "versions": {"xgboost": xgboost.__version__, "lightgbm": lightgbm.__version__, "python": platform.python_version(),
                     "go": subprocess.run(["go", "env", "GOVERSION"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()},
    }
    return about, samples, growth


def tell(options, found, block, text):
    """Keeps the figures in JSON, and a block of the README."""
    print(text)
    if options.out:
        pathlib.Path(options.out).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    if options.readme:
        refill(pathlib.Path(options.readme), block, text)


def main():
    options = arguments()
    if options.stage:
        stage(options)
        return
    if options.large:
        found = measure_large(options)
        tell(options, found, "large", large_sentence(found))
        return
    about, samples, growth = run(options)
    print(json.dumps(about))
    if options.losses:
        summary = losses_summary(about, samples)
        text = losses_page(about, samples, summary)
        print(text)
        if options.markdown:
            pathlib.Path(options.markdown).write_text(text, encoding="utf-8")
        tell(options, summary, "log-loss", loss_headline(summary))
        return
    if about["busy"]:
        print("THE PROCESSORS WERE BUSY: the times and ratios below mean nothing")
    report(samples)
    if options.out:
        pathlib.Path(options.out).write_text(json.dumps(about | {"samples": samples, "growth_s": growth}, indent=1) + "\n", encoding="utf-8")
    if options.plot and growth:
        pathlib.Path(options.plot).write_text(growth_plot(growth), encoding="utf-8")
    if options.markdown:
        pathlib.Path(options.markdown).write_text(markdown(about, samples, growth, options.plot), encoding="utf-8")
    if options.readme:
        refill(pathlib.Path(options.readme), "benchmark", headlines(about, samples))
    for what, tolerance in TOLERANCES.items():
        worst = max(max(values) for values in samples[f"largest difference of {what}"].values())
        if not worst <= tolerance:
            sys.exit(f"{what} of the same model differ by {worst}, more than {tolerance}")


if __name__ == "__main__":
    main()
