"""Serves many requests and checks that the service starts fast, stays small, and does not grow.

    python3 soak.py SEPSIS REQUESTS SECONDS

Starts the binary five times, with a new audit log, and takes the median time to the first OK. Then `wrk` sends one patient over
and over, recorded and without explanation, until so many
requests were answered, or so many seconds have gone; what the service says of itself at /metrics is noted on the way.
Needs wrk. Prints what was found; ends with 1 when something is over its bound.
"""

import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

# The promises (docs/operations.md).
FIRST_OK_SECONDS = 0.300
RESIDENT_MIB = 150
# Between a tenth of the way and the end. The heap breathes by some MiB with the garbage collector.
GROWTH_MIB = 16
GROWTH_GOROUTINES = 5
GROWTH_FILES = 5
ROUND_SECONDS = 10
CONNECTIONS = 32

PATIENT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"age": 67, "sex": "female", "icu_hour": 30, "heart_rate": 118, "temperature": 38.9, "respiratory_rate": 26, ' ..
    '"systolic_bp": 88, "mean_arterial_pressure": 61, "lactate": {"value": 37, "unit": "mg/dL"}, "wbc": 16.4}'
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(binary, scratch):
    """The process, its address, and the seconds until /health said OK."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    began = time.monotonic()
    data = tempfile.mkdtemp(dir=scratch)
    process = subprocess.Popen([binary, "serve", "--listen", f"127.0.0.1:{port}", "--data-dir", data, "--audit-wait", "30s"], stderr=subprocess.DEVNULL)
    while time.monotonic() < began + 30:
        try:
            with urllib.request.urlopen(address + "/health", timeout=5) as answer:
                if answer.read() == b"OK":
                    return process, address, time.monotonic() - began
        except OSError:
            time.sleep(0.002)
    process.kill()
    sys.exit("the service did not start within 30 seconds")


def stop(process):
    process.terminate()
    if process.wait(timeout=60) != 0:
        sys.exit(f"the service ended with {process.returncode}")


def state(address):
    """What the service says of itself, at rest."""
    with urllib.request.urlopen(address + "/metrics", timeout=30) as answer:
        text = answer.read().decode()

    def value(series):
        return float(re.search(rf"^{series} (\S+)$", text, re.MULTILINE)[1])

    statuses = dict(re.findall(r'^sepsis_http_requests_total{route="POST /predict/patient",status="(\d+)"} (\S+)$', text, re.MULTILINE))
    return {
        "answered": int(float(statuses.pop("200", 0))), "failed": statuses,
        "resident": value("process_resident_memory_bytes") / 2**20, "goroutines": value("go_goroutines"), "files": value("process_open_fds"),
    }


def load(address, script):
    """One round. wrk counts what did not go well."""
    printed = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{ROUND_SECONDS}s", "--timeout", "30s", "-s", script, address + "/predict/patient?explain=false"],
        check=True, stdout=subprocess.PIPE, text=True,
    ).stdout
    # A round ends in the middle of requests, which wrk does not count as errors.
    bad = re.search(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", printed)
    return bad[0] if bad else None


def told(moment, seconds):
    print(f"{seconds:5.0f} s {moment['answered']:9,} answered, {moment['resident']:6.1f} MiB, {moment['goroutines']:3.0f} goroutines, {moment['files']:3.0f} files", flush=True)


def soak(address, requests, seconds):
    """The states after the first tenth and at the end, and what went wrong."""
    wrong, early, rounds = [], None, 0
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(PATIENT)
        script.flush()
        began = time.monotonic()
        while True:
            if bad := load(address, script.name):
                wrong.append(bad)
            rounds += 1
            time.sleep(1)  # connections of the round are closed
            now, elapsed = state(address), time.monotonic() - began
            told(now, elapsed)
            done = now["answered"] >= requests or elapsed >= seconds
            if early is None and (now["answered"] >= requests / 10 or elapsed >= seconds / 10 or done):
                early = now
            if done:
                return early, now, wrong, rounds


def judge(early, late, wrong, rounds, requests):
    """What is over its bound."""
    if late["answered"] < requests:
        print(f"{late['answered']:,} of {requests:,} requests in the time that there is")
    # A round ends in the middle of requests: status 499.
    if float(late["failed"].get("499", 0)) <= CONNECTIONS * rounds:
        late["failed"].pop("499", None)
    if late["failed"]:
        wrong.append(f"statuses other than 200: {late['failed']}")
    if late["resident"] > RESIDENT_MIB:
        wrong.append(f"{late['resident']:.1f} MiB of memory, over {RESIDENT_MIB}")
    for what, bound in (("resident", GROWTH_MIB), ("goroutines", GROWTH_GOROUTINES), ("files", GROWTH_FILES)):
        if late[what] - early[what] > bound:
            wrong.append(f"{what} grew from {early[what]:.1f} to {late[what]:.1f}, by more than {bound}")
    return wrong


def main():
    binary, requests, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    with tempfile.TemporaryDirectory() as scratch:
        wrong = measure(binary, requests, seconds, scratch)
    sys.exit("\n".join(wrong) if wrong else 0)


def measure(binary, requests, seconds, scratch):
    """What went wrong. Each start has an audit log of its own in the scratch folder."""
    starts = []
    for _ in range(5):
        process, address, took = start(binary, scratch)
        starts.append(took)
        stop(process)
    print(f"first OK after {statistics.median(starts) * 1000:.0f} ms (median of {', '.join(f'{s * 1000:.0f}' for s in starts)})", flush=True)
    process, address, _ = start(binary, scratch)
    try:
        wrong = judge(*soak(address, requests, seconds), requests)
    finally:
        stop(process)
    if statistics.median(starts) > FIRST_OK_SECONDS:
        wrong.append(f"first OK after more than {FIRST_OK_SECONDS * 1000:.0f} ms")
    return wrong


main()
