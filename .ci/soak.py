"""Serves many requests and checks that the service starts fast, stays small, and does not grow.

    python3 soak.py SEPSIS [--requests N] [--seconds S] [--audit-wait TIME] [--json FILE --markdown FILE]

Starts the binary five times, with a new audit log, and takes the median time to the first OK. Then `wrk` sends made-up patients over
and over, recorded: most in the flat form without explanation, one of a hundred with 48 hours and explanation, one of a hundred a batch. It ends when
so many requests were answered, or so many seconds have gone; what the service says of itself at /metrics is noted on the way.
Needs wrk. Prints what was found; ends with 1 when something is over its bound.
"""

import argparse
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import host

# The promises (docs/operations.md).
FIRST_OK_MS = 300
RESIDENT_MIB = 150
# Between a tenth of the way and the end. The heap breathes by some MiB with the garbage collector.
GROWTH = {"resident": 16, "goroutines": 5, "files": 5}
ROUND_SECONDS = 10
CONNECTIONS = 32

# The mix, as shares of a hundred requests; the rest is flat.
HISTORIES, BATCHES = 1, 1
HOURS, BATCH = 48, 10

FLAT = {
    "age": 67, "sex": "female", "icu_hour": 30, "heart_rate": 118, "temperature": 38.9, "respiratory_rate": 26,
    "systolic_bp": 88, "mean_arterial_pressure": 61, "lactate": {"value": 37, "unit": "mg/dL"}, "wbc": 16.4,
}


def history():
    """A patient whose hours get worse."""
    hours = [{"icu_hour": h, "heart_rate": 80 + h % 7 + h // 2, "temperature": 37 + h % 5 / 10 + h / 50, "respiratory_rate": 15 + h // 5,
              "systolic_bp": 125 - h // 2, "mean_arterial_pressure": 85 - h // 3} for h in range(1, HOURS + 1)]
    hours[-1] |= {"lactate": {"value": 37, "unit": "mg/dL"}, "wbc": 16.4}
    return {"age": 67, "sex": "female", "observations": hours}


# Path and body of each kind.
KINDS = {
    "flat": ("/predict/patient?explain=false", json.dumps(FLAT)),
    "history": ("/predict/patient?explain=true", json.dumps(history())),
    "batch": ("/predict/patients?explain=false", json.dumps([FLAT | {"heart_rate": 100 + at} for at in range(BATCH)])),
}


def script():
    """What wrk runs: the kinds in turn, spread over a hundred."""
    formatted = "".join(f"    made.{kind} = wrk.format('POST', '{path}', nil, [==[{body}]==])\n" for kind, (path, body) in KINDS.items())
    return f"""
local made, at = {{}}, 0
function init(arguments)
    wrk.headers["Content-Type"] = "application/json"
{formatted}end
function request()
    at = at % 100 + 1
    if at <= {HISTORIES} then return made.history end
    if at > 50 and at <= 50 + {BATCHES} then return made.batch end
    return made.flat
end
"""


def start(binary, scratch, options):
    """The process, its address, and the seconds until /health said OK."""
    port = host.free_port()
    address = f"http://127.0.0.1:{port}"
    began = time.monotonic()
    data = tempfile.mkdtemp(dir=scratch)
    process = subprocess.Popen([binary, "serve", "--listen", f"127.0.0.1:{port}", "--data-dir", data, *options], stderr=subprocess.DEVNULL)
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

    found = re.findall(r'^sepsis_http_requests_total\{route="POST /predict/(patients?)",status="(\d+)"\} (\S+)$', text, re.MULTILINE)
    answered = {route: int(float(count)) for route, status, count in found if status == "200"}
    failed = {}
    for _, status, count in found:
        if status != "200":
            failed[status] = failed.get(status, 0) + int(float(count))
    return {
        "answered": sum(answered.values()), "batches": answered.get("patients", 0), "failed": failed,
        "resident": value("process_resident_memory_bytes") / 2**20, "goroutines": value("go_goroutines"), "files": value("process_open_fds"),
    }


def try_out(address):
    """Each kind once: all of it must be predicted, because the statuses of a batch stand within its answer."""
    for kind, (path, body) in KINDS.items():
        request = urllib.request.Request(address + path, body.encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            count = answer.read().decode().count('"probability":')
        if count < (BATCH if kind == "batch" else 1):
            sys.exit(f"{kind}: {count} predictions")


def load(address, script):
    """One round. wrk counts what did not go well."""
    printed = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{ROUND_SECONDS}s", "--timeout", "30s", "-s", script, address],
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
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as lua:
        lua.write(script())
        lua.flush()
        try_out(address)
        began = time.monotonic()
        while True:
            if bad := load(address, lua.name):
                wrong.append(bad)
            rounds += 1
            time.sleep(1)  # connections of the round are closed
            now, elapsed = state(address), time.monotonic() - began
            now["seconds"] = elapsed
            told(now, elapsed)
            done = now["answered"] >= requests or elapsed >= seconds
            if early is None and (now["answered"] >= requests / 10 or elapsed >= seconds / 10 or done):
                early = now
            if done:
                # A round ends in the middle of requests: status 499.
                if now["failed"].get("499", 0) <= CONNECTIONS * rounds:
                    now["failed"].pop("499", None)
                return early, now, wrong


def judge(result):
    """What is over its bound."""
    early, late, wrong = result["early"], result["late"], list(result["wrong"])
    if late["failed"]:
        wrong.append(f"statuses other than 200: {late['failed']}")
    if late["resident"] > RESIDENT_MIB:
        wrong.append(f"{late['resident']:.1f} MiB of memory, over {RESIDENT_MIB}")
    for what, bound in GROWTH.items():
        if late[what] - early[what] > bound:
            wrong.append(f"{what} grew from {early[what]:.1f} to {late[what]:.1f}, by more than {bound}")
    if statistics.median(result["starts_ms"]) > FIRST_OK_MS:
        wrong.append(f"first OK after more than {FIRST_OK_MS} ms")
    return wrong


def measure(options, scratch):
    """What was found. Each start has an audit log of its own in the scratch folder."""
    serve = ["--audit-wait", options.audit_wait] if options.audit_wait else []
    starts = []
    for _ in range(5):
        process, address, took = start(options.sepsis, scratch, serve)
        starts.append(took * 1000)
        stop(process)
    print(f"first OK after {statistics.median(starts):.0f} ms (median of {', '.join(f'{s:.0f}' for s in starts)})", flush=True)
    process, address, _ = start(options.sepsis, scratch, serve)
    try:
        early, late, wrong = soak(address, options.requests, options.seconds)
    finally:
        stop(process)
    if late["answered"] < options.requests:
        print(f"{late['answered']:,} of {options.requests:,} requests in the time that there is")
    return {"machine": machine(options), "starts_ms": starts, "wanted": options.requests, "early": early, "late": late, "wrong": wrong}


def machine(options):
    return {
        "sepsis": host.version(options.sepsis), "processor": host.processor(), "processors": os.cpu_count(), "system": platform.system(),
        "day": time.strftime("%Y-%m-%d", time.gmtime()), "load_before": os.getloadavg()[0], "audit_wait": options.audit_wait or "default",
    }


def markdown(result):
    """The document."""
    m, early, late = result["machine"], result["early"], result["late"]
    wait = "the default `--audit-wait`" if m["audit_wait"] == "default" else f"`--audit-wait {m['audit_wait']}`"
    failed = sum(late["failed"].values())
    wrong = judge(result)

    def row(what, value, bound="", held=None):
        return f"| {what} | {value} | {bound} | {'' if held is None else 'held' if held else 'missed'} |"

    def grown(what, key, digits=0):
        by = late[key] - early[key]
        return row(f"{what}, from the first tenth to the end", f"{early[key]:.{digits}f} to {late[key]:.{digits}f}", f"by ≤ {GROWTH[key]}", by <= GROWTH[key])

    median = statistics.median(result["starts_ms"])
    return "\n".join([
        "# A soak", "",
        f"Made by `make soak` (`.ci/soak.py`); do not edit. {m['sepsis']}, {m['day']}, {m['processor']}, {m['processors']} processors, {m['system']}, load average {m['load_before']:.2f} before. "
        f"`sepsis serve` with {wait}, the audit log required and on a disk; {CONNECTIONS} connections of `wrk` on the same machine. Of a hundred requests {100 - HISTORIES - BATCHES} are of the flat form "
        f"without explanation, {HISTORIES} has {HOURS} hours and is explained, {BATCHES} is a batch of {BATCH} patients.", "",
        "| | found | bound | |", "|---|---:|---:|---|",
        row(f"first OK after the start, median of {len(result['starts_ms'])}, ms", f"{median:.0f} [{min(result['starts_ms']):.0f}, {max(result['starts_ms']):.0f}]", f"≤ {FIRST_OK_MS}", median <= FIRST_OK_MS),
        row("requests answered", f"{late['answered']:,}", f"{result['wanted']:,}", late["answered"] >= result["wanted"]),
        row("of them batches", f"{late['batches']:,}"),
        row("answered with another status than 200", f"{failed:,}", "0", failed == 0),
        row("seconds", f"{late['seconds']:,.0f}"),
        row("resident memory at the end, MiB", f"{late['resident']:.1f}", f"≤ {RESIDENT_MIB}", late["resident"] <= RESIDENT_MIB),
        grown("resident memory, MiB", "resident", 1), grown("goroutines", "goroutines"), grown("open files", "files"), "",
        *([f"Over its bound: {'; '.join(wrong)}.", ""] if wrong else []),
    ])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sepsis", help="the binary")
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=3600, help="after which it ends with fewer")
    parser.add_argument("--audit-wait", help="of sepsis serve; its default without")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--markdown", type=pathlib.Path)
    return parser.parse_args()


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as scratch:
        result = measure(options, scratch)
    if options.json:
        options.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if options.markdown:
        options.markdown.write_text(markdown(result), encoding="utf-8")
    wrong = judge(result)
    sys.exit("\n".join(wrong) if wrong else 0)


main()
