"""Asks a real Prometheus, which watches a real service, every question of the rules and of the dashboard.

    python monitoring.py FOLDER

A question must be understood, and what it names must be in the table of series in docs/operations.md, which a Go test holds
against the service; what can have an answer with a handful of predictions must have one.
"""

import json
import pathlib
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import host

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = pathlib.Path(sys.argv[1])
# The patient of README.md, for whom there is an alert.
PATIENT = {"age": 67, "sex": "female", "icu_hour": 30, "heart_rate": 118, "temperature": 38.9, "respiratory_rate": 26,
           "systolic_bp": 88, "mean_arterial_pressure": 61, "lactate": {"value": 37, "unit": "mg/dL"}, "wbc": 16.4}
# Needs days of data, or outcomes, or a fault, or TLS.
SILENT = ("sepsis_drift", "sepsis_live", "sepsis_tls", "5..")


def ask(url, **query):
    """The JSON at an address, also when it is refused."""
    try:
        with urllib.request.urlopen(f"{url}?{urllib.parse.urlencode(query)}", timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        return json.load(refused)


def wait_for(url):
    """Waits until an address answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=2)
            return
        except OSError:
            time.sleep(0.2)
    sys.exit(f"{url} does not answer")


def key(role):
    """A new key, as its holder gets it."""
    made = subprocess.run(
        [ROOT / "bin/sepsis", "key", "create", "--data-dir", FOLDER / "data", "--name", role, "--role", role],
        stdout=subprocess.PIPE, text=True, check=True)
    return made.stdout.split()[-1]


def predict(service, caller):
    """A handful of predictions, and a refusal."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {caller}"}
    for body in (PATIENT, PATIENT, {"age": 54, "heart_rate": 9000}):
        request = urllib.request.Request(service + "/predict/patient", json.dumps(body).encode(), headers)
        try:
            urllib.request.urlopen(request, timeout=10)
        except urllib.error.HTTPError as refused:
            if refused.code != 422:
                raise


def questions():
    """All expressions: of the dashboard, and of the rules."""
    dashboard = json.loads((ROOT / "deploy/monitoring/dashboard.json").read_text(encoding="utf-8"))
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"].replace("$__rate_interval", "1m")
    rules = (ROOT / "deploy/monitoring/alerts.yml").read_text(encoding="utf-8")
    for name, expression in re.findall(r"- alert: (\w+)\n\s+expr: (.+)", rules):
        yield name, expression


def series():
    """The series that the service has, and the labels of each, from the documentation."""
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(sepsis_\w+)` \| \w+ \| (.*?) \|", text, re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


def unknown(expression, known):
    """What an expression names and the service does not have."""
    for name, selector in re.findall(r"(sepsis_\w+)(?:\{(.*?)\})?", expression):
        base = re.sub(r"_(bucket|sum|count)$", "", name)
        if base not in known:
            yield name
            continue
        for label in re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", selector):
            if label not in known[base]:
                yield f"{name}{{{label}}}"


def prometheus_config(service):
    """The committed configuration, with the address of this service and without patience."""
    text = (ROOT / "deploy/monitoring/prometheus.yml").read_text(encoding="utf-8")
    text = text.replace("sepsis:8080", service.removeprefix("http://")).replace("10s", "1s")
    text = text.replace("/etc/prometheus/metrics.key", str(FOLDER / "metrics.key"))
    (FOLDER / "metrics.key").write_text(key("metrics"), encoding="utf-8")
    (FOLDER / "prometheus.yml").write_text(text, encoding="utf-8")
    (FOLDER / "alerts.yml").write_text((ROOT / "deploy/monitoring/alerts.yml").read_text(encoding="utf-8"), encoding="utf-8")
    return FOLDER / "prometheus.yml"


def check(prometheus):
    """Asks everything."""
    known, asked = series(), 0
    if not known:
        sys.exit("docs/operations.md has no table of series")
    for title, expression in questions():
        answer = ask(prometheus + "/api/v1/query", query=expression)
        if answer["status"] != "success":
            sys.exit(f"{title}: {answer['error']} in {expression}")
        if missing := list(unknown(expression, known)):
            sys.exit(f"{title}: the service has no {missing}")
        quiet = any(word in expression for word in SILENT) or re.search(r" [<>=]=? ?[\d.]+$", expression)
        if not quiet and not answer["data"]["result"]:
            sys.exit(f"{title}: nothing to show for {expression}")
        asked += 1
    return asked


def main():
    """One service, one Prometheus."""
    service, prometheus = (f"http://127.0.0.1:{host.free_port()}" for _ in range(2))
    commands = [
        [ROOT / "bin/sepsis", "serve", "--listen", service.removeprefix("http://"), "--data-dir", FOLDER / "data",
         "--require-keys"],
        ["prometheus", f"--config.file={prometheus_config(service)}", f"--storage.tsdb.path={FOLDER / 'tsdb'}",
         f"--web.listen-address={prometheus.removeprefix('http://')}", "--log.level=error"],
    ]
    caller = key("predict")
    processes = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for command in commands]
    try:
        wait_for(service + "/health")
        wait_for(prometheus + "/-/ready")
        deadline = time.monotonic() + 90
        # A rate needs two readings, and something that happened between them.
        while time.monotonic() < deadline:
            predict(service, caller)
            result = ask(prometheus + "/api/v1/query", query="sum(rate(sepsis_refused_requests_total[1m])) > 0")["data"]["result"]
            if result:
                break
            time.sleep(1)
        print(f"{check(prometheus)} questions of dashboard and rules are answered")
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


main()
