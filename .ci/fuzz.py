"""Runs every fuzzer of this module, or those that are named, for a while, and writes down what ran.

    python3 fuzz.py TIME [FUZZER ...] [--markdown docs/fuzzing.md]

TIME is as `go test -fuzztime` takes it: 30s, 10m. Ends with 1 when one of them found something; the input is then below testdata/fuzz of
its package, for `go test` to run each time, and the others have run all the same.
"""

import argparse
import os
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


def document(rows, length, names, commit, day):
    table = [f"| `{folder}` | `{name}` | {executions:,} | {elapsed} | {'nothing' if sound else '**a failing input**'} | {inputs} |"
             for folder, name, executions, elapsed, sound, inputs in rows]
    only = f' FUZZERS="{" ".join(names)}"' if names else ""
    return "\n".join([
        "# Fuzzing", "",
        f"Made by `make fuzz FUZZTIME={length}{only}` (`.ci/fuzz.py`); do not edit. Commit {commit}, {day}, {output('go', 'env', 'GOVERSION')}, {os.cpu_count()} processors. The time has the "
        "running of the inputs that were there before, which are no executions. "
        "The last column counts the inputs that stand in `testdata/fuzz` and run with each `go test`, beside the seeds in the code; a fuzzer without any reaches with its seeds alone all that "
        "`make fuzz-keep` knew of, or has not been kept from yet.", "",
        "| package | fuzzer | executions | time | found | inputs kept |", "|---|---|---:|---:|---|---:|", *table, "",
    ])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("time")
    parser.add_argument("fuzzers", nargs="*")
    parser.add_argument("--markdown", type=pathlib.Path)
    options = parser.parse_args()
    commit, day = output("git", "describe", "--always", "--dirty"), time.strftime("%Y-%m-%d", time.gmtime())
    rows = []
    for folder, name in chosen(options.fuzzers):
        print(f"{folder} {name}", flush=True)
        rows.append((folder, name, *fuzz(folder, name, options.time), kept(folder, name)))
    text = document(rows, options.time, options.fuzzers, commit, day)
    print(text)
    if options.markdown:
        options.markdown.write_text(text, encoding="utf-8")
    if not all(sound for *_, sound, _ in rows):
        sys.exit(1)


main()
