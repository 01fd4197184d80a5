"""Makes the evidence and writes down what it cost: time and memory of the whole evaluation, and of one more with nothing changed.

    python3 evaluation_cost.py SEPSIS --data ZIP ... --out DIR [--adr FILE] [--json FILE --markdown FILE] [--options "--sample 300"]

Runs `sepsis compare`, `sepsis evaluate`, and `sepsis evaluate` once more, which takes every result from DIR/cache. The report holds no cost, because the same
data and program give the same report, byte for byte; what a run costs differs. A run that found results of an earlier one in DIR/cache was not a whole one:
then nothing is written down (remove DIR/cache to measure). Ends with the status of a command that fails; a bound that is missed is written down as such.
"""

import argparse
import json
import os
import pathlib
import platform
import shlex
import subprocess
import sys
import time

import host

# The promises, on two processors.
SECONDS = 45 * 60  # of compare and evaluate together
AGAIN_SECONDS = 10
GIB = 8
AGAIN = "evaluate again"
CLOCK = 1  # seconds by which a file's time may lag behind this process's clock


def run(name, command):
    """Runs a command, and gives what it cost. This process is far smaller than it."""
    start = time.monotonic()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(os.waitstatus_to_exitcode(status))
    return {"step": name, "seconds": round(time.monotonic() - start, 1), "processor_seconds": round(usage.ru_utime + usage.ru_stime, 1), "peak_mib": round(usage.ru_maxrss / 1024)}


def commands(options):
    """The steps by their names."""
    sepsis, families = str(options.sepsis), str(options.out / "families.json")
    data = [word for path in options.data for word in ("--data", str(path))]
    more = shlex.split(options.options)
    evaluate = [sepsis, "evaluate", *data, *more, "--families", families, "--out", str(options.out)]
    adr = ["--adr", str(options.adr)] if options.adr else []
    return [("compare", [sepsis, "compare", *data, *more, "--out", families, *adr]), ("evaluate", evaluate), (AGAIN, evaluate)]


def reused(cache, started):
    """The results in the cache that are older than the run: those of other programs are cleared away by it, so these were used."""
    return sorted(path.name for path in cache.glob("*.json") if path.stat().st_mtime < started - CLOCK)


def machine(sepsis):
    """What was measured, where and when."""
    return {
        "sepsis": host.version(sepsis), "processor": host.processor(), "processors": os.cpu_count(), "system": platform.system(),
        "day": time.strftime("%Y-%m-%d", time.gmtime()), "load_before": round(os.getloadavg()[0], 2),
    }


def judged(steps):
    """Each bound: what it is of, what was found, and the most that there may be."""
    whole, again = [s for s in steps if s["step"] != AGAIN], [s for s in steps if s["step"] == AGAIN]
    return [
        ("time of a whole evaluation, s", sum(s["seconds"] for s in whole), SECONDS),
        ("most memory, GiB", max(s["peak_mib"] for s in steps) / 1024, GIB),
        ("time of another one with nothing changed, s", sum(s["seconds"] for s in again), AGAIN_SECONDS),
    ]


def markdown(result):
    """The document."""
    m = result["machine"]
    options = f" Options: `{result['options']}`." if result["options"] else ""
    return "\n".join([
        "# What an evaluation costs", "",
        f"Made by `make evidence` (`.ci/evaluation_cost.py`); do not edit. {m['sepsis']}, {m['day']}, {m['processor']}, {m['processors']} processors, {m['system']}, "
        f"load average {m['load_before']:.2f} before.{options}", "",
        "| command | seconds | of processors | most memory, MiB |", "|---|---:|---:|---:|",
        *(f"| `sepsis {s['step']}` | {s['seconds']:,.1f} | {s['processor_seconds']:,.1f} | {s['peak_mib']:,} |" for s in result["steps"]), "",
        "| | found | bound | |", "|---|---:|---:|---|",
        *(f"| {what} | {found:,.1f} | ≤ {most:,} | {'held' if found <= most else 'missed'} |" for what, found, most in judged(result["steps"])), "",
    ])


def main():
    """Runs the steps, and writes down what they cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sepsis", type=pathlib.Path, help="the binary")
    parser.add_argument("--data", type=pathlib.Path, nargs="+", required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder of the report, with its cache")
    parser.add_argument("--adr", type=pathlib.Path)
    parser.add_argument("--options", default="", help="of both commands, for trial")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--markdown", type=pathlib.Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    result = {"machine": machine(options.sepsis), "options": options.options, "steps": []}
    started = time.time()
    old = []
    for name, command in commands(options):
        result["steps"].append(run(name, command))
        if name != AGAIN:
            old = reused(options.out / "cache", started)
    text = markdown(result)
    print(text)
    if old:
        print(f"Not written down: {', '.join(old)} are of an earlier run, so this was not a whole one. Remove {options.out / 'cache'} to measure.")
        return
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if options.markdown:
        options.markdown.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
