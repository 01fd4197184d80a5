"""Measures the service beside the stack that one would otherwise serve the same model with (peer.py).

    python service.py --sepsis bin/sepsis [--json docs/service-benchmark.json --markdown docs/service-benchmark.md]
    python service.py --sepsis bin/sepsis --trial        a few seconds: does it run, do both give the same answers
    python service.py --render docs/service-benchmark.json --markdown docs/service-benchmark.md        the same figures, told again

With --keep-promises it ends with 1 when a promise is missed: when the median of a ratio is beyond it.

Two bodies: the present hour alone without explanation, and 48 hours with explanation, each of many made-up patients in turn. The
server runs on one processor, the load comes from another (taskset). Ours is served as it comes: audit log on and required. The
peer has the features of each patient computed beforehand, forecasts and the network's inputs included, finds them by patient_id, and
does no more than validate the same body with Pydantic and predict, with XGBoost and numpy; it gets as many workers as serve it best.
Before anything is measured both must give the same probabilities.

The promises are judged with that unequal work. The present hour is measured with equal work, too: where neither keeps a record, and
where both do, the peer in SQLite as well, on the disk before it answers.

How many requests a second: `wrk`, as many as are answered. Latency: `sepsis bench` at given rates, whose requests come as independent
callers' do (a Poisson process) and count from when they were due; the same rates for both, shares of what the peer bears. Each
measurement is a server of its own, newly started, and the two take turns, so that what disturbs the machine disturbs both; medians of
the rounds [least, most], and a ratio is of the same round.

Needs Linux with two processors, wrk, and what requirements.txt pins.
"""

import argparse
import dataclasses
import importlib.metadata
import json
import math
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile

import numpy
import pyarrow.parquet
import xgboost

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / ".ci"))
import host  # noqa: E402: what scripts ask of their machine stands there
SERVER_CPU, LOAD_CPU = "0", "1"
HOURS = 48
# The bodies, by whether an explanation is asked for.
EXPLAIN = {"flat": "false", "history": "true"}


@dataclasses.dataclass(frozen=True)
class Case:
    words: str
    form: str
    recording: tuple[str, ...]  # who keeps a record of each prediction
    loads: tuple[float, ...]  # rates at which latency is measured, as shares of what the peer bears
    promised: dict[str, float] = dataclasses.field(default_factory=dict)  # ratios of ours to the peer's


PRESENT = "the present hour, no explanation"
CASES = {
    "flat": Case(f"{PRESENT}; ours keeps records, the peer none", "flat", ("ours",), (0.5, 0.7, 0.9), {"rate": 8, "p99": 1 / 5}),
    "without_records": Case(f"{PRESENT}; neither keeps records", "flat", (), (0.7,)),
    "with_records": Case(f"{PRESENT}; both keep records", "flat", ("ours", "peer"), (0.7,)),
    "history": Case(f"{HOURS} hours, with explanation; ours keeps records, the peer none", "history", ("ours",), (0.7,), {"rate": 10}),
}
STARTING = 120  # seconds
# The margins of XGBoost are float32, ours float64.
AGREEMENT = 1e-5


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--sepsis", type=lambda path: pathlib.Path(path).resolve(), help="the binary")
    what.add_argument("--render", type=pathlib.Path, help="what was measured, as --json wrote it; nothing is measured")
    parser.add_argument("--model", type=pathlib.Path, default=HERE.parent / "model" / "default.sepsis", help="the bundle that is in it")
    parser.add_argument("--patients", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=10, help="of one measurement; of rates, on the server's processor")
    parser.add_argument("--warmup", type=int, default=3, help="seconds before it")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="of the peer, of which the best number is taken")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--markdown", type=pathlib.Path)
    parser.add_argument("--trial", action="store_true")
    parser.add_argument("--keep-promises", action="store_true", help="fail when one is missed")
    options = parser.parse_args()
    if options.trial:
        options.patients, options.rounds, options.seconds, options.warmup, options.workers, options.connections = 20, 1, 1, 1, [1], 4
    return options


# Patients --------------------------------------------------------------------------------------------------------------


def get(address, timeout=30):
    with urllib.request.urlopen(address, timeout=timeout) as response:
        return response.read()


def post(address, body):
    """The status and the answer."""
    request = urllib.request.Request(address, body.encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.loads(response.read())
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.loads(refusal.read())


def read_stay(path):
    """The hours of a stay in the Challenge's form, each as what was measured, by column."""
    lines = path.read_text(encoding="ascii").splitlines()
    columns = lines[0].split("|")
    return [{c: v for c, v in zip(columns, line.split("|")) if v != "NaN"} for line in lines[1:]]


def snapshot(hours):
    """The last hour with the latest values of the day before, as a caller sends it who keeps no history."""
    return {c: v for hour in hours[-24:] for c, v in hour.items()}


def write_stay(path, columns, hours):
    rows = ["|".join(hour.get(c, "NaN") for c in columns) for hour in hours]
    path.write_text("\n".join(["|".join(columns), *rows, ""]), encoding="ascii")


def number(text):
    value = float(text)
    return int(value) if value.is_integer() else value


def body_of(patient, hours, measurements):
    """The request for a stay: flat when it has one hour."""
    first = hours[0]
    body = {"patient_id": patient, "age": number(first["Age"])}
    if "Gender" in first:
        body["sex"] = "male" if number(first["Gender"]) == 1 else "female"
    if first.get("Unit1") == "1" or first.get("Unit2") == "1":
        body["icu_unit"] = "medical" if first.get("Unit1") == "1" else "surgical"
    if "HospAdmTime" in first:
        body["hours_in_hospital_before_icu"] = -number(first["HospAdmTime"])
    observations = [
        {"icu_hour": number(hour["ICULOS"])} | {measurements[c]: number(v) for c, v in hour.items() if c in measurements} for hour in hours
    ]
    return body | observations[0] if len(observations) == 1 else body | {"observations": observations}


class Patients:
    """Made-up ones, in each form: the bodies of requests, and the rows that the trees see."""

    def __init__(self, options, scratch, ours):
        synthetic = scratch / "synthetic"
        run(options.sepsis, "data", "synth", "--stays", str(2 * options.patients), "--out", str(synthetic))
        self.variables = json.loads(get(ours.address + "/variables"))["variables"]
        measurements = {variable["challenge"]: variable["name"] for variable in self.variables}
        self.bodies = {form: {} for form in EXPLAIN}
        cohort = scratch / "cohort"
        for stay in sorted(synthetic.rglob("*.psv")):
            hours = read_stay(stay)
            if len(hours) < HOURS or min(map(len, self.bodies.values())) >= options.patients:
                continue
            columns = stay.read_text(encoding="ascii").split("\n", 1)[0].split("|")
            for form, part in (("flat", [snapshot(hours[:HOURS])]), ("history", hours[:HOURS])):
                patient = f"{form}-{stay.stem}"
                body = json.dumps(body_of(patient, part, measurements))
                status, _ = post(ours.address + f"/predict/patient?explain={EXPLAIN[form]}", body)
                if status != 200 or len(self.bodies[form]) >= options.patients:
                    continue  # values of different hours may contradict each other
                self.bodies[form][patient] = body
                folder = cohort / form
                folder.mkdir(parents=True, exist_ok=True)
                write_stay(folder / f"{patient}.psv", columns, part)
        features = scratch / "features.parquet"
        run(options.sepsis, "features", "--data", str(cohort), "--folds", "2", "--out", str(features))
        self.names, self.rows = last_hours(features)
        for form, bodies in self.bodies.items():
            (scratch / f"{form}.ndjson").write_text("\n".join(bodies.values()) + "\n", encoding="utf-8")


def last_hours(path):
    """The names of the features, and the features of each stay's last hour."""
    file = pyarrow.parquet.ParquetFile(path)
    names = [column["name"] for column in json.loads(file.metadata.metadata[b"sepsis.schema"])["features"]]
    table = file.read()
    matrix = numpy.column_stack([table[name].to_numpy().astype(numpy.float32) for name in names])
    rows, latest = {}, {}
    for at, (stay, hour, *made_up) in enumerate(zip(*(table[name].to_pylist() for name in ("stay_id", "row_hour", "row_snapshot", "row_bedside")))):
        if not any(made_up) and hour >= latest.get(stay, 0):
            rows[stay], latest[stay] = matrix[at], hour
    return names, rows


def prepare_peer(options, scratch, patients):
    """Writes what the peer opens. Forecasts stand in the rows as numbers, as the features do."""
    folder = scratch / "peer"
    folder.mkdir()
    order = [patient for bodies in patients.bodies.values() for patient in bodies]
    features = numpy.vstack([patients.rows[patient] for patient in order])
    columns = dict(zip(patients.names, features.T))
    with zipfile.ZipFile(options.model) as bundle:
        manifest, trees = json.loads(bundle.read("bundle.json")), bundle.read("trees.json")
        for forecaster in manifest["forecasters"]:
            name = forecaster["column"]
            columns[name] = margins(bundle.read(name + ".json"), features)
            usual = forecaster["usual"]
            columns[name + "_share"] = numpy.interp(columns[name], usual, numpy.linspace(0, 1, len(usual))).astype(numpy.float32)
        network = json.loads(bundle.read("network.json"))
    (folder / "trees.json").write_bytes(trees)
    (folder / "network.json").write_text(json.dumps(network), encoding="utf-8")
    numpy.save(folder / "inputs.npy", network_inputs(network["inputs"], features))
    seen = json.loads(trees)["learner"]["feature_names"]
    numpy.save(folder / "rows.npy", numpy.ascontiguousarray(numpy.column_stack([columns[name] for name in seen])))
    sources = sources_of(seen, [variable["name"] for variable in patients.variables])
    told = sorted(set(sources))
    (folder / "peer.json").write_text(json.dumps({
        "patients": order, "network_share": manifest["network_share"], "single_hour": manifest.get("single_hour", 0),
        "single": (columns["hours_observed"] <= 1).tolist(), "variables": patients.variables, "calibration": manifest["calibration"],
        "threshold": manifest["operating_point"]["threshold"], "model": {key: manifest[key] for key in ("name", "version")},
        "sources": told, "source_of": [told.index(source) for source in sources],
    }), encoding="utf-8")
    return folder


def margins(trees, features):
    booster = xgboost.Booster()
    booster.load_model(bytearray(trees))
    return booster.inplace_predict(features, predict_type="margin", validate_features=False)


def network_inputs(how, features):
    """What the network's first layer sees of each row: a score of each feature, and whether some are known."""
    known = ~numpy.isnan(features)
    inputs = numpy.zeros((len(features), features.shape[1] + len(how["indicators"])), dtype=numpy.float32)
    for column, (cuts, scores) in enumerate(zip(how["cuts"], how["scores"])):
        if scores:
            bins = numpy.searchsorted(numpy.array(cuts, dtype=numpy.float32), features[:, column], side="right")
            inputs[:, column] = numpy.where(known[:, column], numpy.array(scores, dtype=numpy.float32)[numpy.minimum(bins, len(scores) - 1)], 0)
    inputs[:, features.shape[1]:] = known[:, how["indicators"]]
    return inputs


def sources_of(features, variables):
    """The measurement whose name a feature begins with, and else the feature itself."""
    longest = sorted(variables, key=len, reverse=True)
    return [next((v for v in longest if f == v or f.startswith(v + "_")), f) for f in features]


# Servers ---------------------------------------------------------------------------------------------------------------


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


class Server:
    """A process, with those that it starts, on the server's processor."""

    def __init__(self, name, command, environment=None):
        self.name, self.port = name, host.free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            ["taskset", "-c", SERVER_CPU, *command(self.port)], env=os.environ | (environment or {}), stdout=self.log, stderr=self.log, process_group=0,
        )

    def __enter__(self):
        until = time.monotonic() + STARTING
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if get(self.address + "/health", 5) == b"OK":
                    return self
            except OSError:
                time.sleep(0.02)
        self.log.seek(0)
        said = self.log.read()
        self.__exit__()
        sys.exit(f"{self.name} did not start:\n{said}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=STARTING)
        self.log.close()

    def seconds(self):
        """Of the processor, that all its processes have used."""
        ticks = 0
        for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = status.read_text(encoding="ascii", errors="replace").rsplit(")", 1)[1].split()
            except OSError:
                continue  # it has ended
            if int(fields[2]) == self.process.pid:  # the process group
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


class Benchmark:
    def __init__(self, options, scratch):
        self.options, self.scratch = options, scratch
        with self.ours() as ours:
            self.version = json.loads(get(ours.address + "/openapi.json"))["info"]["version"]
            self.patients = Patients(options, scratch, ours)
        self.folder = prepare_peer(options, scratch, self.patients)
        self.workers = options.workers[0]

    def ours(self, records=True):
        data = tempfile.mkdtemp(dir=self.scratch)
        audit = "required" if records else "off"
        return Server("sepsis", lambda port: [self.options.sepsis, "serve", "--listen", f"127.0.0.1:{port}", "--data-dir", data, "--audit", audit])

    def peer(self, records=False, workers=None):
        python = pathlib.Path(sys.executable)
        record = {"BENCH_PEER_RECORD": tempfile.mkdtemp(dir=self.scratch) + "/records.db"} if records else {}
        return Server("the peer", lambda port: [
            python, "-m", "uvicorn", "peer:app", "--app-dir", HERE, "--host", "127.0.0.1", "--port", str(port), "--workers", str(workers or self.workers),
            "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning",
            "--timeout-keep-alive", "75",  # else it closes connections that the load is about to use
        ], {"BENCH_PEER": str(self.folder), "OMP_NUM_THREADS": "1"} | record)

    def agree(self):
        """The largest difference of probabilities between the two, over all patients."""
        furthest = 0
        with self.ours() as ours, self.peer(workers=1) as peer:
            how = json.loads(get(peer.address + "/how"))["margin"]
            for form, bodies in self.patients.bodies.items():
                for body in bodies.values():
                    answers = [post(f"{server.address}/predict/patient?explain={EXPLAIN[form]}", body) for server in (ours, peer)]
                    if any(status != 200 for status, _ in answers):
                        sys.exit(f"refused: {answers}")
                    furthest = max(furthest, abs(answers[0][1]["probability"] - answers[1][1]["probability"]))
        if furthest > AGREEMENT:
            sys.exit(f"the two do not serve the same model: probabilities differ by {furthest}")
        return furthest, how

    def most(self, server, form):
        """Requests a second, as many as are answered."""
        script = self.scratch / "load.lua"
        script.write_text(WRK, encoding="ascii")
        target = f"{server.address}/predict/patient?explain={EXPLAIN[form]}"

        def wrk():
            command = ["taskset", "-c", LOAD_CPU, "wrk", "-t1", f"-c{self.options.connections}", "-d2s", "--timeout", "30s", "-s", str(script), target]
            environment = os.environ | {"BODIES": str(self.scratch / f"{form}.ndjson")}
            printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout
            if wrong := re.search(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", printed):
                sys.exit(f"{server.name}: {wrong[0]}")
            return int(re.search(r"(\d+) requests in", printed)[1])

        self.loaded(server, wrk, self.options.warmup)
        answered, took, used = self.loaded(server, wrk, self.options.seconds)
        return {"rate": answered / took, "share": used / took, "rate_of_cpu": answered / used}

    @staticmethod
    def loaded(server, wrk, seconds):
        """Puts load on a server until it has used so many seconds of its processor, so that a busy machine measures no colder a server."""
        answered, used, began = 0, server.seconds(), time.monotonic()
        while server.seconds() < used + 0.9 * seconds:  # it may wait for its disk
            answered += wrk()
        return answered, time.monotonic() - began, server.seconds() - used

    def latency(self, server, form, rate):
        """Percentiles in milliseconds, at a rate."""
        report = json.loads(subprocess.run([
            "taskset", "-c", LOAD_CPU, self.options.sepsis, "bench", "--url", server.address, "--bodies", str(self.scratch / f"{form}.ndjson"),
            "--explain" if EXPLAIN[form] == "true" else "--no-explain", "--rate", f"{rate:.0f}", "--arrivals", "random", "--concurrency", str(self.options.connections),
            "--duration", f"{self.options.seconds}s", "--warmup", f"{self.options.warmup}s", "--format", "json",
        ], check=True, stdout=subprocess.PIPE, text=True).stdout)
        return {"p50": report["latency_ms"]["p50"], "p99": report["latency_ms"]["p99"], "unsent": report["unsent"]}

    def choose_workers(self):
        """As many as give most answers to the flat form."""
        found = {}
        for workers in self.options.workers:
            with self.peer(workers=workers) as peer:
                found[workers] = self.most(peer, "flat")["rate"]
            print(f"the peer with {workers} workers: {found[workers]:.0f} a second", flush=True)
        self.workers = max(found, key=found.get)
        return found

    def rounds(self, what, case, measure):
        """What is measured of both, in turn; who begins changes from round to round."""
        found = {"ours": [], "peer": []}
        for at in range(self.options.rounds):
            for side in ("ours", "peer") if at % 2 == 0 else ("peer", "ours"):
                with getattr(self, side)(records=side in case.recording) as server:
                    found[side].append(measure(server))
                print(f"{what}, round {at + 1}, {side}: {found[side][-1]}", flush=True)
        return found

    def latencies(self, name, case, borne):
        """At each share of the rate that the peer bears."""
        found = []
        for share in case.loads:
            rate = round(share * statistics.median(r["rate"] for r in borne))
            at_rate = self.rounds(f"{name} at {rate} a second", case, lambda server: self.latency(server, case.form, rate))
            found.append({"share": share, "offered": rate} | at_rate)
        return found

    def measure(self):
        difference, how = self.agree()
        result = {"machine": machine(self.options, self.version), "largest_difference": difference, "margin": how, "cases": {}}
        result["workers"] = self.choose_workers()
        for name, case in CASES.items():
            throughput = self.rounds(name, case, lambda server: self.most(server, case.form))
            size = statistics.mean(len(body) for body in self.patients.bodies[case.form].values())
            result["cases"][name] = {"bytes": round(size), "throughput": throughput, "latency": self.latencies(name, case, throughput["peer"])}
        return result


WRK = """
local requests, at = {}, 0
function init(arguments)
    wrk.headers["Content-Type"] = "application/json"
    for line in io.lines(os.getenv("BODIES")) do requests[#requests + 1] = wrk.format("POST", nil, nil, line) end
end
function request()
    at = at % #requests + 1
    return requests[at]
end
"""


# What is told ----------------------------------------------------------------------------------------------------------


def machine(options, version):
    packages = ("fastapi", "pydantic", "uvicorn", "uvloop", "httptools", "orjson", "xgboost", "numpy")
    return {
        "processor": host.processor(), "processors": os.cpu_count(), "system": platform.system(),
        "sepsis": version, "go": subprocess.run(["go", "version", options.sepsis], check=True, stdout=subprocess.PIPE, text=True).stdout.split()[-1],
        "python": platform.python_version(), "packages": {name: importlib.metadata.version(name) for name in packages},
        "patients": options.patients, "rounds": options.rounds, "seconds": options.seconds, "connections": options.connections,
    }


def spread(values, digits=3):
    def short(value):
        return f"{value:,.0f}" if value >= 1000 else f"{value:.{digits}g}"

    return f"{short(statistics.median(values))} [{short(min(values))}, {short(max(values))}]"


def ratios(found, key):
    # A trial on a busy machine may end before the peer's first answer.
    return [ours[key] / peer[key] if peer[key] else math.nan for ours, peer in zip(found["ours"], found["peer"])]


def lines_of(case):
    """What was measured of a case: what, in words, key, of both, and by how much to multiply it."""
    yield "requests a second", "rate", case["throughput"], 1
    yield "requests a second of processor time", "rate_of_cpu", case["throughput"], 1
    yield "share of the processor that the server had, %", "share", case["throughput"], 100
    for found in case["latency"]:
        for key in ("p50", "p99"):
            yield f"{key} at {found['offered']:,} requests a second ({found['share']:.0%} of what the peer bears), ms", key, found, 1


def verdict(name, key, case):
    """What is promised of a figure, and whether the median of its ratio keeps it, of latency at every load; nothing when nothing is."""
    bound = CASES[name].promised.get(key)
    if bound is None:
        return ""
    if key == "rate":
        sign, held = "≥", statistics.median(ratios(case["throughput"], key)) >= bound
    else:
        sign, held = "at each load ≤", all(statistics.median(ratios(found, key)) <= bound for found in case["latency"])
    return f"{sign} {bound:g}: {'held' if held else 'missed'}"


def rows_of(name, case):
    """Lines of the table: what, ours, the peer's, ratio, promise and verdict."""
    yield f"| **{CASES[name].words}** ({case['bytes']:,} bytes) | | | | |"
    for what, key, found, scale in lines_of(case):
        values = [spread([r[key] * scale for r in found[side]]) for side in ("ours", "peer")]
        ratio = "" if key == "share" else spread(ratios(found, key))
        yield f"| {what} | {values[0]} | {values[1]} | {ratio} | {verdict(name, key, case)} |"


def markdown(result):
    m = result["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in m["packages"].items())
    workers = ", ".join(f"{count}: {rate:,.0f} a second" for count, rate in result["workers"].items())
    table = [line for name, case in result["cases"].items() for line in rows_of(name, case)]
    return "\n".join([
        "# The service beside FastAPI and XGBoost", "",
        f"Made by `make bench-service` (`bench/service.py`, `bench/peer.py`); do not edit. sepsis {m['sepsis']}, {m['go']}; Python {m['python']}, {versions}. {m['processor']}, "
        f"{m['processors']} processors: the server on one, the load from another. {m['patients']} made-up patients in each form, {m['connections']} connections, "
        f"{m['rounds']} rounds of {m['seconds']} s of the server's processor in turn; medians [least, most], and a ratio is of the same round.", "",
        "| | sepsis | FastAPI, XGBoost | ratio | promised of its median |", "|---|---|---|---|---|", *table, "",
        "Ours is served as it comes: every answer waits until its record is on the disk (`--audit=required`; `off` where it keeps no records), and it computes features, "
        "forecasts, bedside scores, warnings and reliability, and checks that the body is coherent.",
        "The peer serves the same model, and what this sees of a patient was computed beforehand, forecasts included: it validates the same body with Pydantic, finds the patient's row and "
        "predicts. It checks types, names and ranges alone, and records nothing, except where both do: then a row of SQLite, those that come together in one commit, on the disk "
        "before their answers, as ours. It has one thread, uvloop, httptools and orjson, predicts by the faster of XGBoost's ways "
        f"(`{result['margin']}`) and has as many workers as serve it best on its processor ({workers}).",
        f"Both gave the same probabilities (largest difference {result['largest_difference']:.1g}).", "",
        "Latency is measured at rates that are the same for both, and counts from when a request was due; requests come as those of independent callers do, several at once "
        "by chance (a Poisson process). Other work may have run on the machine: the ratios say more than the figures, and requests a second of processor time, "
        "which others do not take away, more than those of the clock.", "",
    ])


def judge(result):
    """What a trial may not find: that ours is no faster."""
    for name, case in result["cases"].items():
        if statistics.median(ratios(case["throughput"], "rate_of_cpu")) < 1:
            sys.exit(f"{name}: a request takes more processor time than with the peer")


def missed(result):
    """The promises that are."""
    return [f"{CASES[name].words}: {what}: promised {told}" for name, case in result["cases"].items() for what, key, _, _ in lines_of(case)
            if (told := verdict(name, key, case)).endswith("missed")]


def measured(options):
    """What is measured now."""
    for tool in ("wrk", "taskset"):
        if not shutil.which(tool):
            sys.exit(f"needs {tool}")
    if os.cpu_count() < 2:
        sys.exit("needs two processors: one for the server, one for the load")
    with tempfile.TemporaryDirectory() as scratch:
        return Benchmark(options, pathlib.Path(scratch)).measure()


def main():
    options = arguments()
    result = json.loads(options.render.read_text(encoding="utf-8")) if options.render else measured(options)
    text = markdown(result)
    print(text)
    if options.trial:
        judge(result)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if options.markdown:
        options.markdown.write_text(text, encoding="utf-8")
    if options.keep_promises and (wrong := missed(result)):
        sys.exit("\n".join(wrong))


main()
