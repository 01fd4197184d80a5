"""Measures what a prediction costs the service, and writes what AWS instances can do and cost: docs/capacity.md and docs/capacity.json.

    python capacity.py [--docs docs] [--prices deploy/prices.json] [--requests 400]     measure and write
    python capacity.py --docs docs --again [--prices FILE]                               write again from docs/capacity.json, without measuring
    python capacity.py --docs docs --check                                               fail when docs/capacity.md is not what --again would write

bin/sepsis runs on one core, with its audit log in SQLite; another core asks. What counts is the processor time of the service, which
other work on the machine changes little, not the clock. Prices of your contract and region: copy deploy/prices.json and change them.
"""

import argparse
import contextlib
import datetime
import http.client
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import costs
import host

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "bin/sepsis"
ROUNDS = 5
HISTORY = 48  # hours
LOADS = {  # name: (what it is, hours sent, explained)
    "flat": ("the present hour alone", 1, False),
    "flat_explained": ("the present hour alone, explained", 1, True),
    "history": ("48 hours", HISTORY, False),
    "history_explained": ("48 hours, explained", HISTORY, True),
}
SIZING = "history_explained"
BEDS = [20, 100, 500]


def get(port, path):
    """The JSON of an answer; None while there is none."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return json.load(answer)
    except OSError:
        return None


@contextlib.contextmanager
def service(folder):
    """A service on one core: its process and port."""
    port = host.free_port()
    cores = sorted(os.sched_getaffinity(0))
    with open(folder / "log", "wb") as log, subprocess.Popen(
        [PROGRAM, "serve", "--listen", f"127.0.0.1:{port}", "--data-dir", folder], stderr=log, env=os.environ | {"GOMAXPROCS": "1"},
    ) as process:
        os.sched_setaffinity(process.pid, cores[-1:])
        os.sched_setaffinity(0, cores[:1])
        try:
            deadline = time.monotonic() + 120
            while get(port, "/variables") is None:
                if time.monotonic() > deadline:
                    sys.exit("the service does not answer")
                time.sleep(0.1)
            yield process, port
        finally:
            os.sched_setaffinity(0, cores)
            process.terminate()
            process.wait()


def stays(folder):
    """Synthetic stays of at least the history's hours, as rows of the Challenge's columns."""
    subprocess.run([PROGRAM, "data", "synth", "--stays", "100", "--out", folder], stdout=subprocess.DEVNULL, check=True)
    for file in sorted(folder.rglob("*.psv")):
        header, *rows = [line.split("|") for line in file.read_text(encoding="utf-8").split()]
        if len(rows) >= HISTORY:
            yield [dict(zip(header, row, strict=True)) for row in rows[:HISTORY]]


def body(rows, hours, names):
    """The last hours of a stay as the API takes it."""
    observations = [
        {"icu_hour": float(row["ICULOS"])} | {names[column]: float(value) for column, value in row.items() if column in names and value != "NaN"}
        for row in rows[-hours:]
    ]
    patient = {"age": float(rows[0]["Age"]), "sex": ["female", "male"][int(float(rows[0]["Gender"]))]}
    if hours == 1:
        return json.dumps(patient | observations[0]).encode()
    return json.dumps(patient | {"observations": observations}).encode()


def processor(process):
    """Seconds of processor time that a process has taken."""
    with open(f"/proc/{process.pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process):
    """The most resident memory so far, in MiB."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return int(next(line.split()[1] for line in status if line.startswith("VmHWM:"))) / 1024


def ask(port, path, bodies, number):
    """Asks so many times over one connection, all of which must be answered; where the disk dawdles (503), again."""
    connection, asked = http.client.HTTPConnection("127.0.0.1", port, timeout=60), 0
    while asked < number:
        connection.request("POST", path, bodies[asked % len(bodies)], {"Content-Type": "application/json"})
        answer = connection.getresponse()
        said = answer.read()
        if answer.status == 200:
            asked += 1
        elif answer.status == 503:
            time.sleep(1)
        else:
            sys.exit(f"status {answer.status}: {said.decode()}")
    connection.close()


def measure(load, requests):
    """One load on a service of its own."""
    _, hours, explained = LOADS[load]
    path = f"/predict/patient?explain={str(explained).lower()}"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        made = list(stays(folder / "stays"))
        with service(folder) as (process, port):
            names = {variable["challenge"]: variable["name"] for variable in get(port, "/variables")["variables"]}
            bodies = [body(rows, hours, names) for rows in made]
            ask(port, path, bodies, requests // 5)
            seconds = []
            for _ in range(ROUNDS):
                began = processor(process)
                ask(port, path, bodies, requests)
                seconds.append((processor(process) - began) / requests)
            resident = memory(process)
        # Now that it has ended, the store is in one file.
        store, log = (folder / "sepsis.db").stat().st_size, (folder / "log").stat().st_size
    asked = requests * ROUNDS + requests // 5
    return {
        "seconds": statistics.median(seconds), "least_seconds": min(seconds), "most_seconds": max(seconds), "requests": requests * ROUNDS,
        "body_bytes": round(statistics.mean(map(len, bodies))), "record_bytes": round(store / asked),
        "log_bytes": round(log / asked), "mib": round(resident),
    }


def table(heads, rows):
    """A table in Markdown."""
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [heads, ["---"] * len(heads), *rows]) + "\n"


def money(amount, digits=0):
    """An amount; a dash where it is not known."""
    return "–" if amount is None else f"{amount:,.{digits}f}"


def loads_table(measured):
    """What a request costs the service."""
    rows = []
    for name, (what, *_) in LOADS.items():
        m = measured["loads"][name]
        rows.append([
            what, f"{m['body_bytes'] / 1024:.1f}", f"{1000 * m['seconds']:.2f}", f"{1000 * m['least_seconds']:.2f} to {1000 * m['most_seconds']:.2f}",
            f"{1 / m['seconds']:,.0f}", f"{m['record_bytes'] / 1024:.1f}", f"{m['log_bytes']}", f"{m['mib']}"])
    return table(["a request has", "KiB sent", "ms of a processor", "in five rounds", "a second, of one processor alone", "KiB in the audit log",
                  "bytes of log", "MiB at most"], rows)


def instances_table(measured, prices):
    """What instances can answer."""
    rows = []
    for name, instance in prices["instances"].items():
        answers = {load: costs.rate(instance, measured["loads"][load]["seconds"]) for load in ("flat", SIZING)}
        hour = instance["hour"]
        rows.append([
            name, f"{instance['vcpu']}", f"{instance['gib']}", f"{min(instance['baseline'], costs.BUSY):.0%}", f"{answers['flat']:,.0f}",
            f"{answers[SIZING]:,.0f}", f"{costs.beds(answers[SIZING]):,}", f"{costs.beds(answers[SIZING], 60):,}",
            money(hour, 4), money(None if hour is None else hour * costs.HOURS)])
    return table(["instance", "processors", "GiB", "of their time", "flat, a second", "48 hours explained, a second", "beds, evenly over the hour",
                  "beds, all in one minute", "an hour", "a month"], rows)


def costs_table(measured, prices):
    """What hospitals cost."""
    load, shape, rows = measured["loads"][SIZING], costs.defaults(), []
    for number in BEDS:
        for name, instance in prices["instances"].items():
            cells = [f"{number}", f"{number}", f"{costs.predictions(number):,}", name]
            for form in ("simple", "full"):
                cost = costs.month(form, number, instance, load, prices, shape)
                cells += [money(cost), money(costs.for_a_thousand(cost, number), 2)]
            rows.append([*cells, f"{costs.store_gib(number, load['record_bytes']):.1f}"])
    simple, full = (form + (", **unverified**" if unverified(form, load, prices, shape) else "") for form in ("simple", "full"))
    return table(["beds", "asked an hour", "predictions a month", "instance", f"{simple}, a month", f"{simple}, for 1,000", f"{full}, a month",
                  f"{full}, for 1,000", "GiB of audit log after a year"], rows)


def unverified(form, load, prices, shape):
    """Whether what a form costs is made of a price that nobody can look up."""
    items = [prices["items"][item] for item, _ in costs.quantities(form, BEDS[0], load, shape)] + list(prices["instances"].values())
    return any(entry["source"] in prices.get("unverified", []) for entry in items)


def prices_table(prices):
    """The list itself."""
    rows = [[f"`{name}`, an hour", money(entry["hour"], 4), source(entry, prices)] for name, entry in prices["instances"].items()]
    rows += [[f"`{name}`", f"{entry['price']:g}", source(entry, prices)] for name, entry in prices["items"].items()]
    return table(["what", prices["currency"], "source"], rows)


def source(entry, prices):
    """Where a price is from, and whether nobody can look it up there."""
    if entry["source"] is None:
        return "**none found: give it yourself**"
    return f"{entry['source']}, **unverified**" if entry["source"] in prices.get("unverified", []) else entry["source"]


def document(measured, prices):
    """docs/capacity.md."""
    shape = costs.defaults()
    sources = "\n".join(f"- *{name}*: {text}." for name, text in prices["sources"].items())
    return f"""# Capacity and costs on AWS

Written by `.ci/capacity.py`; do not change it here. Measured on {measured['date']} with {measured['version']} on one core of {measured['processor']}
({measured['machine']}, one of {measured['cores']}), while other work kept a load of {measured['load']}: on a quiet machine a prediction costs less.

**The prices are list prices, On-Demand, {prices['region']}, {prices['currency']} without tax, noted by {prices['noted']} from the sources named below, which have them
from AWS; AWS itself was not asked. Those marked unverified in [the list](#the-prices) stand in no source, and so sums made of them are marked, too: take none as an offer.**

For your own: copy `deploy/prices.json`, put in the prices that the AWS Pricing Calculator or your contract says, with region, currency, day and source (`hour` of an instance with its processors, memory and, of a
burstable one, the share of its time that it may use for ever; `null` where you know none), take what is yours out of `unverified`, and `python3 .ci/capacity.py --docs docs --again --prices FILE`
writes this page again.

## What a prediction costs the service

Synthetic stays over one connection, audit log in SQLite. Counted is the processor time of the service, in which the audit log is included and TLS is not.

{loads_table(measured)}
## What an instance answers

Assumed: a processor (vCPU) of the instance is as fast as the measured core, which of an Intel vCPU that shares its core with another is hopeful; and {costs.BUSY:.0%} of its time is used, so that
peaks, updates and the loss of another instance have room. A burstable instance (t4g) is counted with the {0.2:.0%} that it may use for ever. Memory is no limit anywhere.
A bed is occupied, and asked about once an hour with 48 hours of history, explained: evenly over the hour, or all beds within the same minute.

{instances_table(measured, prices)}
So one of the smallest instances serves any hospital, and further ones are for availability.

## What a hospital costs

A hospital sends one request an hour for each occupied bed. The simple form: one instance with {shape['volume_gib']} GiB. The full form: {shape['instances']} instances in {shape['zones']} zones, balancer,
PostgreSQL (db.t4g.medium in two zones, {shape['database_gib']} GiB), a way out in each zone. Both with their log for a year, alarms and secrets.
Not counted: {'; '.join(prices['not_counted'])}.

{costs_table(measured, prices)}
The store's volume: take twice what the last column says for the days that you keep.

## The prices

{prices_table(prices)}
{sources}
"""


def measured_now(requests):
    """All loads, and where they were measured."""
    loads = {}
    for load in LOADS:
        loads[load] = measure(load, requests)
        print(f"{load}: {1000 * loads[load]['seconds']:.2f} ms of processor time", flush=True)
    return {
        "date": datetime.date.today().isoformat(), "version": re.sub(r"-\d+-g", "-", host.version(PROGRAM)), "processor": host.processor(), "machine": platform.machine(),
        "cores": os.cpu_count(), "load": round(os.getloadavg()[0]), "loads": loads,
    }


def main():
    """Measures or reads, and writes or compares."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--docs", type=pathlib.Path)
    parser.add_argument("--prices", type=pathlib.Path, default=ROOT / "deploy/prices.json")
    parser.add_argument("--requests", type=int, default=400)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args()
    prices = json.loads(chosen.prices.read_text(encoding="utf-8"))
    if chosen.again or chosen.check:
        measured = json.loads((chosen.docs / "capacity.json").read_text(encoding="utf-8"))
    else:
        measured = measured_now(chosen.requests)
    text = document(measured, prices)
    if chosen.check:
        if (chosen.docs / "capacity.md").read_text(encoding="utf-8") != text:
            sys.exit("docs/capacity.md is not what its figures and prices give: .ci/capacity.py --docs docs --again")
    elif chosen.docs:
        (chosen.docs / "capacity.json").write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
        (chosen.docs / "capacity.md").write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
