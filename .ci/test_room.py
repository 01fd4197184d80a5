"""Tests of room.py.

    python3 .ci/test_room.py
"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import room

DISKS = {"tree": 1, "temporary": 1, "cache": 2}
FREE = {"tree": 5 * room.GIB, "temporary": 5 * room.GIB, "cache": 3 * room.GIB}


class Room(unittest.TestCase):
    """Two file systems: one with tree and temporary files, one with the cache."""

    def judged(self, *wanted):
        return room.judge(list(wanted), DISKS.get, FREE.get)

    def test_what_is_on_one_disk_is_needed_together(self):
        self.assertTrue(self.judged(("tree", 3.0))[1])
        lines, enough = self.judged(("tree", 3.0), ("temporary", 2.5))
        self.assertFalse(enough)
        self.assertEqual(lines[0], "tree, temporary: 5.0 GiB are free, 5.5 GiB are needed")
        self.assertIn("make clean", lines[-1])

    def test_other_disks_are_of_no_use(self):
        self.assertFalse(self.judged(("tree", 1.0), ("cache", 3.5))[1])
        self.assertTrue(self.judged(("tree", 5.0), ("cache", 3.0))[1])

    def test_a_folder_that_is_yet_to_be_made(self):
        with tempfile.TemporaryDirectory() as folder:
            below = pathlib.Path(folder) / "not" / "yet"
            self.assertEqual(room.device(below), room.device(folder))
            self.assertGreater(room.free(below), 0)

    def test_the_command(self):
        def run(*arguments):
            return subprocess.run([sys.executable, room.__file__, *arguments], capture_output=True, text=True, check=False)
        passed = run(".=0", "/tmp=0")
        self.assertEqual((passed.returncode, passed.stderr), (0, ""))
        self.assertIn("are free", passed.stdout)
        refused = run(".=1e9")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("nothing was begun", refused.stderr)
        self.assertIn("python room.py", run("4").stderr)


if __name__ == "__main__":
    unittest.main()
