"""Runs the commands of README.md as written, in a fresh clone, and compares what they print.

Comments in README.md, which readers do not see, say what is run:

    <!-- ci: quickstart -->
        Before a ```sh block: run it with bash, which must succeed. A ```text block that follows, before
        another block or heading, is what it must print to standard output, exactly.
    <!-- ci: quickstart server http://localhost:8080/health -->
        Before a ```sh block that does not end, such as `make run`: run it in the background, and go on
        when the address answers 200.
    <!-- ci: placeholder 01JD… = [0-9A-Z]{26} -->
        Wherever the text on the left stands in a ```text block, whatever matches the regular expression
        on the right may be printed.

What is committed is checked: the clone is of HEAD. Prints one line that ends as those of `go test` do.
"""

import difflib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
SECONDS_PER_BLOCK = 900  # the first one downloads and compiles everything

MARK = re.compile(r"<!-- ci: quickstart(?: server (?P<url>\S+))? -->\s*")
FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
PLACEHOLDER = re.compile(r"<!-- ci: placeholder (?P<text>.+?) = (?P<pattern>.+?) -->")


def blocks(readme):
    """The commands to run, in order: (commands, expected output or None, address of the server or None)."""
    for mark in MARK.finditer(readme):
        commands = FENCE.match(readme, mark.end())
        if not commands or commands["language"] != "sh":
            sys.exit(f"README.md: no ```sh block right after {mark[0].strip()}")
        yield commands["body"], output_shown(readme[commands.end():]), mark["url"]


def output_shown(rest):
    """The ```text block that belongs to the commands before the rest of the text, if there is one."""
    following = FENCE.search(rest)
    if not following or following["language"] != "text" or re.search("^#", rest[:following.start()], re.MULTILINE):
        return None
    return following["body"]


def matches(shown, printed, placeholders):
    pattern = re.escape(shown.rstrip())
    for text, replacement in placeholders:
        pattern = pattern.replace(re.escape(text), f"(?:{replacement})")
    return re.fullmatch(pattern, printed.rstrip())


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def start(commands, url, clone):
    """Runs commands in the background until the address answers."""
    if answers(url):
        sys.exit(f"{url} answers already: another server runs there")
    server = subprocess.Popen(["bash", "-euo", "pipefail", "-c", commands], cwd=clone, start_new_session=True)
    deadline = time.monotonic() + SECONDS_PER_BLOCK
    while not answers(url):
        if server.poll() is not None or time.monotonic() > deadline:
            stop(server)
            sys.exit(f"README.md: {url} does not answer after:\n{commands}")
        time.sleep(0.2)
    return server


def stop(server):
    """Ends a server and what it started."""
    try:
        os.killpg(server.pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    try:
        server.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def run(commands, shown, clone, placeholders):
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=clone, stdout=subprocess.PIPE, text=True, timeout=SECONDS_PER_BLOCK, check=False,
    )
    if done.returncode != 0:
        sys.exit(f"README.md: exit status {done.returncode} of:\n{commands}\n{done.stdout}")
    if shown is not None and not matches(shown, done.stdout, placeholders):
        lines = difflib.unified_diff(
            shown.rstrip().splitlines(), done.stdout.rstrip().splitlines(), "README.md", "printed", lineterm="",
        )
        sys.exit(f"README.md: what is printed differs after:\n{commands}\n" + "\n".join(lines))


def check(clone):
    readme = (clone / "README.md").read_text(encoding="utf-8")
    placeholders = [(p["text"], p["pattern"]) for p in PLACEHOLDER.finditer(readme)]
    found = list(blocks(readme))
    if not found:
        sys.exit("README.md: nothing is marked with <!-- ci: quickstart -->")
    servers = []
    try:
        for commands, shown, url in found:
            print(commands.rstrip(), flush=True)
            if url:
                servers.append(start(commands, url, clone))
            else:
                run(commands, shown, clone, placeholders)
    finally:
        for server in servers:
            stop(server)


def main():
    began = time.monotonic()
    if subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout:
        print("note: what is not committed is not part of this check", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        clone = pathlib.Path(folder) / "sepsis"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        if not (clone / "README.md").exists():
            sys.exit("README.md is not committed")
        check(clone)
    print(f"ok  \tREADME.md\t{time.monotonic() - began:.3f}s")


main()
