"""Keeps what the fuzzers have found interesting: a small part of it, under testdata/fuzz, which `go test` then runs each time.

    python3 fuzz_keep.py [FUZZER]

`go test -fuzz` leaves hundreds of inputs in the build cache. Of these and of those kept before, this chooses for each fuzzer, one after
the other, the input that reaches most that neither the fuzzer's own seeds nor those chosen before reach: statements of this repository, and
how often, in powers of two, as the fuzzer counts. Of equals it takes the shortest, as long as there is one and they stay few and small. Seeds are made up, so that what grows from them is no patient's.
"""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODULE = "github.com/medtech-detect/sepsis"
MOST_FILES = 60
MOST_BYTES = 300 << 10
LONGEST = 32 << 10  # bytes of one input
MOST_SECONDS = 900  # of one fuzzer: one that trains a model first tries two inputs a second


def go(*command):
    return subprocess.run(["go", *command], check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout


def fuzzers():
    """All of this module: the folder of the package, and the name."""
    for source in sorted(ROOT.rglob("*_test.go")):
        for name in re.findall(r"^func (Fuzz\w+)\(f \*testing\.F\)", source.read_text(encoding="utf-8"), re.MULTILINE):
            yield source.parent.relative_to(ROOT), name


class Fuzzer:
    def __init__(self, folder, name, scratch):
        self.folder, self.name = folder, name
        self.place = scratch / f"{folder}-{name}".replace("/", "-")
        self.place.mkdir()
        for entry in (ROOT / folder).iterdir():  # what the test opens beside itself
            if entry.name != "testdata":
                (self.place / entry.name).symlink_to(entry)
        (self.place / "testdata").mkdir()
        if (ROOT / folder / "testdata").is_dir():
            for entry in (ROOT / folder / "testdata").iterdir():
                if entry.name != "fuzz":
                    (self.place / "testdata" / entry.name).symlink_to(entry)
        self.inputs = self.place / "testdata" / "fuzz" / name
        self.inputs.mkdir(parents=True)
        self.kept = ROOT / folder / "testdata" / "fuzz" / name
        own = [line for line in go("list", "-deps", f"./{folder}").split() if line.startswith(MODULE)]
        self.binary = self.place / "fuzzer.test"
        go("test", "-c", "-cover", "-covermode", "count", "-coverpkg", ",".join(own), "-o", str(self.binary), f"./{folder}")

    def candidates(self):
        """What was kept comes first, then the others in the order of their digests, which is as good as any."""
        cache = pathlib.Path(go("env", "GOCACHE").strip()) / "fuzz" / MODULE / self.folder / self.name
        found = {}
        for folder in (self.kept, cache):
            contents = [file.read_bytes() for file in folder.iterdir()] if folder.is_dir() else []
            found |= {content: None for content in sorted(contents, key=name_of) if len(content) <= LONGEST}
        return list(found)

    def reached(self, content=None):
        """What an input reaches, or the seeds: statements, each with the number of binary digits of how often. None when it is no input, or fails."""
        for old in self.inputs.iterdir():
            old.unlink()
        if content is not None:
            (self.inputs / "input").write_bytes(content)
        profile = self.place / "profile"
        # With an input, the seeds are not run: seed#0 and so on are other subtests.
        pattern = f"^{self.name}$" + ("" if content is None else "/^input$")
        ended = subprocess.run([self.binary, "-test.run", pattern, "-test.coverprofile", profile], cwd=self.place, stdout=subprocess.PIPE, text=True)
        if ended.returncode != 0:
            return None
        with open(profile, encoding="utf-8") as lines:
            next(lines)  # mode: count
            counts = (line.rsplit(" ", 2) for line in lines)
            return {(block, int(count).bit_length()) for block, _, count in counts if count != "0\n"}

    def choose(self):
        """The inputs to keep."""
        seeds = self.reached()
        if seeds is None:
            sys.exit(f"{self.name} fails with its own seeds")
        gains, candidates, until = {}, self.candidates(), time.monotonic() + MOST_SECONDS
        for at, content in enumerate(candidates):
            if time.monotonic() > until:
                print(f"{self.name}: {len(candidates) - at} of {len(candidates)} inputs were not tried, for lack of time", flush=True)
                break
            reached = self.reached(content)
            if reached is None:
                print(f"{self.name}: left out, since it fails or is of other arguments: {name_of(content)}", flush=True)
            elif reached - seeds:
                gains[content] = reached - seeds
        chosen = []
        while gains and len(chosen) < MOST_FILES:
            best = max(gains, key=lambda content: (len(gains[content]), -len(content)))
            if sum(map(len, chosen)) + len(best) > MOST_BYTES:
                del gains[best]
                continue
            chosen.append(best)
            new = gains[best]
            gains = {content: left for content, reached in gains.items() if (left := reached - new)}
        return chosen

    def keep(self):
        chosen = self.choose()
        shutil.rmtree(self.kept, ignore_errors=True)
        if chosen:
            self.kept.mkdir(parents=True)
        for content in chosen:
            (self.kept / name_of(content)).write_bytes(content)
        print(f"{self.folder} {self.name}: {len(chosen)} inputs, {sum(map(len, chosen)) / 1024:.1f} KiB", flush=True)


def name_of(content):
    """As `go test` names it."""
    return hashlib.sha256(content).hexdigest()[:16]


def main():
    os.environ.setdefault("CGO_ENABLED", "0")
    with tempfile.TemporaryDirectory() as scratch:
        for folder, name in fuzzers():
            if len(sys.argv) < 2 or sys.argv[1] == name:
                Fuzzer(folder, name, pathlib.Path(scratch)).keep()


if __name__ == "__main__":
    main()
