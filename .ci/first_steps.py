"""A new user's way from nothing to a prediction, timed step by step: with the binary, the image and the Python client.

    python first_steps.py [--docs docs/first-steps.md]

Begins with a clone of HEAD, and with Go's and pip's caches empty, as on a bare machine with Go, Python, git, curl and, for the
image, buildah, which stands in for Docker: from the Dockerfile's last stage, around the binary that was built before. Clone and
compilation are needed by every way and done once: they count in the total of each. With --docs the table replaces what stands in
that file between <!-- figures --> and <!-- /figures -->. Fails when a step does.
"""

import argparse
import datetime
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIGURES = re.compile(r"(<!-- figures -->\n).*?(<!-- /figures -->)", re.DOTALL)
ASK = """curl --fail --silent --show-error localhost:18080/predict/patient -H 'Content-Type: application/json' -H 'Accept: text/plain' \
    -d '{"age": 67, "icu_hour": 30, "heart_rate": 118, "temperature": 38.9, "systolic_bp": 88}'"""
UNTIL_HEALTHY = """for _ in $(seq 600); do curl --fail --silent localhost:18080/health >/dev/null && exit; sleep 0.1; done; exit 1"""
ASK_IN_PYTHON = """client/bin/python -c '
from sepsis_client import Client, Patient
with Client("http://localhost:18080") as client:
    print(client.predict(Patient(age=67, icu_hour=30, heart_rate=118, temperature=38.9, systolic_bp=88)).prediction)'"""
BUILDAH = "buildah --root $PWD/root --runroot $PWD/runroot --storage-driver vfs"

SHARED = "all three"

# (way, step, commands; "&" first: a service that goes on until the way ends)
STEPS = [
    (SHARED, "clone", f"git clone --quiet {ROOT} sepsis"),
    (SHARED, "compile the binary, dependencies included", "cd sepsis && make build"),
    ("binary", "start until healthy", "& exec sepsis/bin/sepsis serve --listen 127.0.0.1:18080 --data-dir data"),
    ("binary", "a prediction", ASK),
    ("image", "build the image around the binary", "cd sepsis && mkdir bin/image && cp bin/sepsis /etc/ssl/certs/ca-certificates.crt bin/image/ && "
     f"{BUILDAH.replace('$PWD', '..')} bud --quiet --isolation chroot --build-arg FROM_STAGE=prebuilt --tag sepsis ."),
    ("image", "start a container until healthy", f"& exec {BUILDAH} run --isolation chroot --env SEPSIS_LISTEN=127.0.0.1:18080 "
     f"\"$({BUILDAH} from --pull-never sepsis)\" -- /usr/bin/sepsis serve"),
    ("image", "a prediction", ASK),
    ("Python client", "install it", "python3 -m venv client && client/bin/pip install --quiet --disable-pip-version-check --no-cache-dir ./sepsis/clients/python"),
    ("Python client", "start the service until healthy", "& exec sepsis/bin/sepsis serve --listen 127.0.0.1:18080 --data-dir data"),
    ("Python client", "a prediction", ASK_IN_PYTHON),
]


def run(commands, folder, environment):
    """Runs commands, which must succeed, and gives what they print."""
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", commands], cwd=folder, env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        sys.exit(f"{commands}\n{done.stdout}")
    return done.stdout


def start(commands, folder, environment):
    """Starts a service, and waits until it is healthy."""
    with open(folder / "service.log", "ab") as log:
        service = subprocess.Popen(["bash", "-euo", "pipefail", "-c", commands], cwd=folder, env=environment, stdout=log, stderr=log)
    run(UNTIL_HEALTHY, folder, environment)
    if service.poll() is not None:
        sys.exit((folder / "service.log").read_text(encoding="utf-8"))
    return service


def walk(folder, environment):
    """All steps, with the seconds of each."""
    services, way = [], None
    try:
        for of, step, commands in STEPS:
            if of != way:
                end(services)
                way = of
            began = time.monotonic()
            if commands.startswith("& "):
                services.append(start(commands[2:], folder, environment))
            else:
                printed = run(commands, folder, environment)
                if step == "a prediction" and printed.strip() not in ("Positive", "Negative"):
                    sys.exit(f"{of}: no prediction but {printed}")
            yield of, step, time.monotonic() - began
    finally:
        end(services)


def end(services):
    """Ends the services, and waits for their end."""
    while services:
        service = services.pop()
        service.terminate()
        service.wait()


def table(rows):
    """The steps as Markdown, and the total of each way from nothing: what all ways share, and its own steps."""
    lines = ["| way | step | seconds |", "|---|---|---|"]
    lines += [f"| {way} | {step} | {seconds:.1f} |" for way, step, seconds in rows]
    for way in dict.fromkeys(way for way, _, _ in rows if way != SHARED):
        total = sum(seconds for of, _, seconds in rows if of in (SHARED, way))
        lines.append(f"| **{way}** | from nothing to a prediction, clone and compilation included | **{total:.1f}** |")
    return "\n".join(lines) + "\n"


def origin(load):
    """Of what, when and on what the seconds are; the load is what the machine had to do before (average of a minute)."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    return (f"Commit {commit}, {datetime.date.today().isoformat()}; {os.cpu_count()} cores, {platform.machine()}, {platform.system()}, "
            f"with a load of {load:.1f} before the first step.")


def main():
    """Walks, prints, and fills in."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--docs", type=pathlib.Path)
    chosen = parser.parse_args()
    measured = origin(os.getloadavg()[0])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        environment = os.environ | {"GOMODCACHE": str(folder / "modules"), "GOCACHE": str(folder / "cache"), "GOFLAGS": "-modcacherw"}
        rows = []
        for row in walk(folder, environment):
            print(f"{row[0]}: {row[1]}: {row[2]:.1f} s", flush=True)
            rows.append(row)
    figures = f"{table(rows)}\n{measured}\n"
    print(figures)
    if chosen.docs:
        text = chosen.docs.read_text(encoding="utf-8")
        chosen.docs.write_text(FIGURES.sub(lambda marks: marks[1] + figures + marks[2], text), encoding="utf-8")


if __name__ == "__main__":
    main()
