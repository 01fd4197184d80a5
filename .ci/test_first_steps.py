"""Tests that the totals of first_steps.py are of whole ways.

    python3 .ci/test_first_steps.py
"""

import unittest

import first_steps


class Table(unittest.TestCase):
    """What stands in docs/first-steps.md."""

    rows = [(first_steps.SHARED, "clone", 1.0), (first_steps.SHARED, "compile", 100.0), ("binary", "start", 2.0), ("image", "build", 3.0), ("image", "start", 4.0)]

    def totals(self):
        return [line.split("|")[1:4:2] for line in first_steps.table(self.rows).splitlines() if line.startswith("| **")]

    def test_every_way_begins_with_nothing(self):
        self.assertEqual(self.totals(), [[" **binary** ", " **103.0** "], [" **image** ", " **108.0** "]])

    def test_every_step_stands_once(self):
        self.assertEqual(first_steps.table(self.rows).count("| compile |"), 1)

    def test_says_of_what_and_when(self):
        self.assertRegex(first_steps.origin(0.25), r"^Commit [0-9a-f]{7,}, \d{4}-\d\d-\d\d; .* with a load of 0\.2 before")

    def test_steps_that_are_shared_come_first(self):
        ways = [way for way, _, _ in first_steps.STEPS]
        self.assertEqual(ways[:2], [first_steps.SHARED] * 2)
        self.assertNotIn(first_steps.SHARED, ways[2:])


if __name__ == "__main__":
    unittest.main()
