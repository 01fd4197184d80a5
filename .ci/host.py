"""The machine that a script runs on, and the program that it measures there."""

import pathlib
import platform
import re
import socket
import subprocess


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processor():
    """What the processor calls itself."""
    found = re.search(r"model name\s*: (.+)", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return found[1] if found else platform.machine()


def version(program):
    """What a program of this repository says that it is."""
    return subprocess.run([program, "version"], check=True, stdout=subprocess.PIPE, text=True).stdout.split("\n")[0]
