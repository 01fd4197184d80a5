"""Tests what evaluation_cost.py writes down, with a program that does nothing.

    python3 .ci/test_evaluation_cost.py
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import evaluation_cost

SCRIPT = pathlib.Path(evaluation_cost.__file__)
# Keeps a result, as sepsis evaluate does, unless there is one; fails if it is told to.
PROGRAM = """#!/bin/sh
[ "$1" = version ] && { echo 'sepsis v0'; exit; }
for word; do [ "$word" = --fail ] && exit 3; out=$word; done
[ "$1" = evaluate ] && mkdir -p "$out/cache" && { [ -e "$out/cache/data.json" ] || echo '{}' > "$out/cache/data.json"; }
exit 0
"""
STEPS = [
    {"step": "compare", "seconds": 600.0, "processor_seconds": 1100.0, "peak_mib": 4096},
    {"step": "evaluate", "seconds": 1800.0, "processor_seconds": 3000.0, "peak_mib": 6144},
    {"step": evaluation_cost.AGAIN, "seconds": 10.4, "processor_seconds": 9.0, "peak_mib": 512},
]


class Costs(unittest.TestCase):
    """What is written down, and when."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)
        self.program = self.folder / "sepsis"
        self.program.write_text(PROGRAM, encoding="utf-8")
        self.program.chmod(0o755)

    def make(self, *more):
        return subprocess.run([sys.executable, SCRIPT, self.program, "--data", "a.zip", "b.zip", "--out", self.folder / "out",
                               "--json", self.folder / "cost.json", "--markdown", self.folder / "cost.md", *more], check=False, capture_output=True, text=True)

    def test_the_sums_are_held_to_their_bounds(self):
        held = {what: found <= most for what, found, most in evaluation_cost.judged(STEPS)}
        self.assertEqual(list(held.values()), [True, True, False])  # 2,400 of 2,700 s, 6 of 8 GiB, 10.4 of 10 s

    def test_the_document_has_each_step_and_each_bound(self):
        text = evaluation_cost.markdown({"machine": evaluation_cost.machine(self.program), "options": "", "steps": STEPS})
        for line in ("| `sepsis evaluate` | 1,800.0 | 3,000.0 | 6,144 |", "| time of a whole evaluation, s | 2,400.0 | ≤ 2,700 | held |",
                     "| time of another one with nothing changed, s | 10.4 | ≤ 10 | missed |"):
            self.assertIn(line, text)

    def test_a_whole_run_is_written_down(self):
        done = self.make()
        self.assertEqual(done.returncode, 0, done.stderr)
        cost = json.loads((self.folder / "cost.json").read_text(encoding="utf-8"))
        self.assertEqual([s["step"] for s in cost["steps"]], ["compare", "evaluate", evaluation_cost.AGAIN])
        self.assertIn("sepsis v0", (self.folder / "cost.md").read_text(encoding="utf-8"))

    def test_a_run_that_used_earlier_results_is_not(self):
        kept = self.folder / "out" / "cache" / "data.json"
        kept.parent.mkdir(parents=True)
        kept.write_text("{}", encoding="utf-8")
        os.utime(kept, (1, 1))
        done = self.make()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Not written down: data.json", done.stdout)
        self.assertFalse((self.folder / "cost.json").exists())

    def test_a_command_that_fails_ends_it(self):
        self.assertEqual(self.make("--options=--fail").returncode, 3)
        self.assertFalse((self.folder / "cost.json").exists())


if __name__ == "__main__":
    unittest.main()
