"""Runs a command and fails when it takes longer, or more memory, than it may.

    python bounded.py SECONDS GIB COMMAND ...
"""

import resource
import subprocess
import sys
import time

seconds, gib, command = float(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
start = time.monotonic()
code = subprocess.run(command, check=False).returncode
elapsed = time.monotonic() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20  # Linux counts KiB
print(f"{elapsed:.0f} s of {seconds:.0f}, {peak:.2f} GiB of {gib:g}")
if code:
    sys.exit(code)
if elapsed > seconds or peak > gib:
    sys.exit("over the bound")
