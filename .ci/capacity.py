"""Measures what one instance can do, and writes the table of docs/deploy-aws.md.

    python capacity.py [--docs docs/deploy-aws.md] [--seconds 10] [--instance-hour PRICE --gib-month PRICE]

Runs bin/sepsis with its audit log in SQLite, and `sepsis bench` beside it on the same machine, so that the load takes a part of the
processors, too. Prices, in any currency, are those of your contract and region: with them the table has what a million predictions
cost. With --docs the table replaces what stands in that file between <!-- figures --> and <!-- /figures -->.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "bin/sepsis"
FIGURES = re.compile(r"(<!-- figures -->\n).*?(<!-- /figures -->)", re.DOTALL)
LOADS = [
    ("the present hour alone, without explanation", ["--form", "flat", "--no-explain"]),
    ("the present hour alone, explained", ["--form", "flat", "--explain"]),
    ("a stay with its history, without explanation", ["--form", "history", "--no-explain"]),
    ("a stay with its history, explained", ["--form", "history", "--explain"]),
]


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(url):
    """Waits until the service is healthy."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url + "/health", timeout=2)
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("the service does not become healthy")


def stored(folder):
    """The bytes of the audit log's files."""
    return sum(file.stat().st_size for file in folder.glob("sepsis.db*"))


def memory(process):
    """Resident memory of a process, in MiB."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return int(next(line.split()[1] for line in status if line.startswith("VmRSS:"))) / 1024


def measure(options, seconds):
    """One load on a service of its own: what the bench found, bytes for each record, and memory."""
    with tempfile.TemporaryDirectory() as name:
        folder, url = pathlib.Path(name), f"http://127.0.0.1:{free_port()}"
        with subprocess.Popen([PROGRAM, "serve", "--listen", url.removeprefix("http://"), "--data-dir", folder], stderr=subprocess.DEVNULL) as service:
            try:
                wait_for(url)
                before = stored(folder)
                bench = subprocess.run(
                    [PROGRAM, "bench", "--url", url, "--format", "json", "--warmup", "0s", "--duration", f"{seconds}s", *options],
                    stdout=subprocess.PIPE, check=True)
                resident = memory(service)
            finally:
                service.terminate()
                service.wait()
        found = json.loads(bench.stdout)
        if set(found["outcomes"]) != {"200"}:
            sys.exit(f"not everything was answered: {found['outcomes']}")
        return found, (stored(folder) - before) / found["requests"], resident


def row(what, found, size, resident, prices):
    """A row of the table."""
    cells = [what, f"{found['rate']:.0f}", f"{found['latency_ms']['p50']:.1f}", f"{found['latency_ms']['p99']:.1f}", f"{size / 1024:.1f}", f"{resident:.0f}"]
    if prices:
        cells.append(f"{prices.instance_hour * 1e6 / (found['rate'] * 3600) + prices.gib_month * size * 1e6 / 2**30:.4f}")
    return "| " + " | ".join(cells) + " |"


def table(prices, seconds):
    """All loads as Markdown."""
    heads = ["a request is", "predictions a second", "ms, median", "ms, 99 of 100", "KiB in the audit log", "MiB resident"]
    if prices:
        heads.append("a million, with its record for a month")
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    for what, options in LOADS:
        lines.append(row(what, *measure(options, seconds), prices))
        print(lines[-1], flush=True)
    load = os.getloadavg()[0]
    return "\n".join(lines) + f"\n\nService and load together on {os.cpu_count()} cores ({platform.machine()}), of which other work kept a load of {load:.0f} at the end.\n"


def main():
    """Measures, prints, and fills in."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--docs", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--instance-hour", type=float)
    parser.add_argument("--gib-month", type=float)
    chosen = parser.parse_args()
    prices = chosen if chosen.instance_hour is not None and chosen.gib_month is not None else None
    filled = table(prices, chosen.seconds)
    if chosen.docs:
        text = chosen.docs.read_text(encoding="utf-8")
        chosen.docs.write_text(FIGURES.sub(lambda marks: marks[1] + filled + marks[2], text), encoding="utf-8")


main()
