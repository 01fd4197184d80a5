"""Runs every fuzzer of this module, or those that are named, for a while, and writes down what ran.

    python3 fuzz.py TIME [FUZZER ...] [--markdown docs/fuzzing.md]

TIME is as `go test -fuzztime` takes it: 30s, 10m. Ends with 1 when one of them found something; the input is then below testdata/fuzz of
its package, for `go test` to run each time, and the others have run all the same.
"""

import argparse
import pathlib
import re
import subprocess
import sys
import time

from fuzz_keep import ROOT, fuzzers

TOLD = re.compile(r"^fuzz: elapsed: (\S+), (?:execs: (\d+) )?", re.MULTILINE)


def fuzz(folder, name, length):
    """Executions, how long, and whether it found nothing. What it prints is shown on the way."""
    lines = []
    command = ["go", "test", "-run", "^$", "-fuzz", f"^{name}$", "-fuzztime", length, "-fuzzminimizetime", "10x", f"./{folder}"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    told = TOLD.findall("".join(lines))
    return max((int(count) for _, count in told if count), default=0), told[-1][0] if told else "0s", process.returncode == 0


def kept(folder, name):
    """Inputs that `make fuzz-keep` and findings have left, which `go test` runs each time."""
    place = ROOT / folder / "testdata" / "fuzz" / name
    return len(list(place.iterdir())) if place.is_dir() else 0


def output(*command):
    return subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout.strip()


def chosen(names):
    """The fuzzers with these names; all when there are none."""
    every = list(fuzzers())
    if unknown := set(names) - {name for _, name in every}:
        sys.exit(f"no fuzzer is called {', '.join(sorted(unknown))}: choose from {', '.join(name for _, name in every)}")
    return [(folder, name) for folder, name in every if not names or name in names]


# A line of the table: package, fuzzer, and the rest.
ROW = re.compile(r"^\| `([^`]+)` \| `(Fuzz\w+)` \|.*$", re.MULTILINE)


def document(rows, before):
    """The table with a line for each fuzzer there is: of what ran now, else of what an earlier run has left in the text before, and of what never ran."""
    lines = {(folder, name): line[0] for line in ROW.finditer(before) for folder, name in [line.groups()]} | rows
    never = "| `{}` | `{}` | none written down | | | | | | {} |"
    table = [lines.get((str(folder), name)) or never.format(folder, name, kept(folder, name)) for folder, name in fuzzers()]
    return "\n".join([
        "# Fuzzing", "",
        "Made by `make fuzz FUZZTIME=10m`, or with `FUZZERS=\"FuzzRead FuzzParseStay\"` for some (`.ci/fuzz.py`); do not edit. Each line is of the last run of its fuzzer, with its commit, "
        "day and Go. The time has the running of the inputs that were there before, which are no executions. "
        "The last column counts the inputs that stand in `testdata/fuzz` and run with each `go test`, beside the seeds in the code; a fuzzer without any reaches with its seeds alone all that "
        "`make fuzz-keep` knew of, or has not been kept from yet.", "",
        "| package | fuzzer | commit | day | Go | executions | time | found | inputs kept |", "|---|---|---|---|---|---:|---:|---|---:|", *table, "",
    ])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("time")
    parser.add_argument("fuzzers", nargs="*")
    parser.add_argument("--markdown", type=pathlib.Path)
    options = parser.parse_args()
    run = f"{output('git', 'describe', '--always', '--dirty')} | {time.strftime('%Y-%m-%d', time.gmtime())} | {output('go', 'env', 'GOVERSION')}"
    rows, sound = {}, True
    for folder, name in chosen(options.fuzzers):
        print(f"{folder} {name}", flush=True)
        executions, elapsed, passed = fuzz(folder, name, options.time)
        found, sound = "nothing" if passed else "**a failing input**", sound and passed
        rows[str(folder), name] = f"| `{folder}` | `{name}` | {run} | {executions:,} | {elapsed} | {found} | {kept(folder, name)} |"
    before = options.markdown.read_text(encoding="utf-8") if options.markdown and options.markdown.exists() else ""
    text = document(rows, before)
    print(text)
    if options.markdown:
        options.markdown.write_text(text, encoding="utf-8")
    if not sound:
        sys.exit(1)


main()
