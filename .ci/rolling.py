"""Three instances behind HAProxy with one PostgreSQL, updated to another version and back, under load.

    python rolling.py FOLDER

FOLDER has the programs `old` and `new`; SEPSIS_TEST_POSTGRES names the database. Fails when a request fails, when an
answered prediction is not in the audit log, or when the instances do not run what they should.
"""

import asyncio
import json
import os
import pathlib
import secrets
import signal
import subprocess
import sys
import time

import host
import httpx
from sepsis_client import AsyncClient, Observation, Patient, Retry, SepsisError

FOLDER = pathlib.Path(sys.argv[1])
ROOT = pathlib.Path(__file__).resolve().parent.parent
DATABASE = os.environ["SEPSIS_TEST_POSTGRES"]
NAMES = ("one", "two", "three")
CALLERS = 8
PAUSE = 0.02  # seconds between two requests of a caller: some 200 requests a second in all
DRAIN = "2s"


class Instances:
    """The three instances, by address."""

    def __init__(self):
        """Picks their ports; nothing runs yet."""
        self.urls = [f"http://127.0.0.1:{host.free_port()}" for _ in NAMES]
        self.key = FOLDER / "hash.key"
        self.key.write_text(secrets.token_hex(32))
        self.key.chmod(0o600)

    def file(self, url):
        """Where the number of an instance's process is kept."""
        return FOLDER / f"{url.rsplit(':', 1)[1]}.pid"

    def start(self, url, version):
        """Starts an instance."""
        with open(FOLDER / "instances.log", "ab") as log:
            process = subprocess.Popen(
                [str(FOLDER / version), "serve", "--listen", url.removeprefix("http://"), "--database-url", DATABASE,
                 "--audit-hash-key-file", str(self.key), "--drain-delay", DRAIN, "--require-keys", "--rate", "0"],
                stderr=log, start_new_session=True,
            )
        self.file(url).write_text(str(process.pid))
        return process


def start_balancer(urls):
    """Starts HAProxy with the configuration that is committed, and gives its process and address."""
    front = f"127.0.0.1:{host.free_port()}"
    environment = os.environ | {"HAPROXY_SOCKET": str(FOLDER / "haproxy.sock"), "SEPSIS_FRONT": front} | {
        f"SEPSIS_{name.upper()}": url.removeprefix("http://") for name, url in zip(NAMES, urls, strict=True)}
    config = ROOT / "deploy/rolling/haproxy.cfg"
    subprocess.run(["haproxy", "-c", "-q", "-f", str(config)], env=environment, check=True)
    return subprocess.Popen(["haproxy", "-f", str(config)], env=environment), f"http://{front}"


def wait_for(url, status=200, deadline=60):
    """Waits until an address says how it is, and gives its answer."""
    end = time.monotonic() + deadline
    while time.monotonic() < end:
        try:
            answer = httpx.get(url + "/readyz")
            if answer.status_code == status:
                return answer
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    sys.exit(f"{url} does not answer {status}")


def patient(number):
    """Made-up patients, of whom some have a history."""
    if number % 3:
        return Patient(age=40 + number % 50, icu_hour=1 + number % 60, heart_rate=60 + number % 90, temperature=36 + number % 4)
    return Patient(age=40 + number % 50, observations=[
        Observation(icu_hour=hour, heart_rate=60 + (number + hour) % 90, lactate=1 + hour % 5) for hour in range(1, 25)])


def api_key():
    """A key of the callers, kept in the database like everything else."""
    made = subprocess.run(
        [str(FOLDER / "old"), "key", "create", "--database-url", DATABASE, "--name", "ward", "--role", "predict"],
        stdout=subprocess.PIPE, text=True, check=True)
    return made.stdout.split()[-1]


class Load:
    """Callers that ask without a pause worth the name, and never a second time."""

    def __init__(self, url, key):
        """Asks nobody yet."""
        self.key = key
        self.url, self.answered, self.failed, self.done = url, [], [], False

    async def call(self, client, first):
        """One caller."""
        number = first
        while not self.done:
            number += CALLERS
            try:
                self.answered.append((await client.predict(patient(number))).id)
            except SepsisError as error:
                self.failed.append(str(error))
            await asyncio.sleep(PAUSE)

    async def run(self, under_load):
        """Calls for as long as something else runs in a thread."""
        async with AsyncClient(self.url, api_key=self.key, retry=Retry(attempts=1)) as client:
            callers = [asyncio.create_task(self.call(client, first)) for first in range(CALLERS)]
            try:
                await asyncio.to_thread(under_load)
            finally:
                self.done = True
                await asyncio.gather(*callers)


def restart_command(version):
    """A script that ends an instance and starts a version in its place, as roll.sh wants it."""
    script = FOLDER / f"restart-{version}"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{__file__}" "{FOLDER}" restart {version} "$1"\n')
    script.chmod(0o755)
    return str(script)


def roll(instances, version):
    """Updates all instances with the script that is committed, and checks what runs then."""
    subprocess.run(
        [str(ROOT / "deploy/rolling/roll.sh"), restart_command(version), *instances.urls],
        env=os.environ | {"SEPSIS": str(FOLDER / version), "SETTLE": "2"}, check=True,
    )
    for url in instances.urls:
        running = httpx.get(url + "/openapi.json").json()["info"]["version"]
        if running != version:
            sys.exit(f"{url} runs {running}, not {version}")


def restart(instances, version, url):
    """Ends the process at an address as systemd would, waits for its end, and starts another."""
    process = int(instances.file(url).read_text())
    os.kill(process, signal.SIGTERM)
    while running(process):
        time.sleep(0.05)
    instances.start(url, version)


def running(process):
    """Whether a process has not ended; one that nobody has waited for yet has."""
    try:
        status = pathlib.Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


def recorded():
    """The ids in the audit log."""
    out = FOLDER / "export.ndjson"
    subprocess.run([str(FOLDER / "old"), "audit", "export", "--database-url", DATABASE, "--out", str(out)], check=True)
    return {json.loads(line)["id"] for line in out.read_text(encoding="utf-8").splitlines()}


def check(load):
    """Everything that must hold."""
    kept, answered = recorded(), set(load.answered)
    print(f"{len(load.answered)} answered, {len(load.failed)} failed, {len(answered - kept)} answered and not in the audit log, "
          f"{len(kept - answered)} in it and not answered")
    for problem in load.failed[:5]:
        print(problem)
    if load.failed or answered - kept or len(answered) != len(load.answered):
        sys.exit("the rolling update lost something")
    if len(answered) < 1000:
        sys.exit("too little load to prove anything")


def main():
    """Update and way back, under load."""
    instances = Instances()
    (FOLDER / "urls.json").write_text(json.dumps([instances.urls, str(instances.key)]))
    balancer, front = start_balancer(instances.urls)
    try:
        if "Retry-After" not in wait_for(front, 503).headers:
            sys.exit("a balancer without instances does not say that nothing was done")
        for url in instances.urls:
            instances.start(url, "old")
        for url in instances.urls:
            wait_for(url)
        wait_for(front)
        load = Load(front, api_key())

        def there_and_back():
            roll(instances, "new")
            roll(instances, "old")

        began = time.monotonic()
        asyncio.run(load.run(there_and_back))
        print(f"{time.monotonic() - began:.0f} s, {len(load.answered) / (time.monotonic() - began):.0f} answers a second")
        check(load)
    finally:
        balancer.terminate()
        for started in filter(pathlib.Path.exists, map(instances.file, instances.urls)):
            os.kill(int(started.read_text()), signal.SIGKILL)


def main_restart(version, url):
    """What the script of restart_command calls."""
    instances = Instances.__new__(Instances)
    instances.urls, key = json.loads((FOLDER / "urls.json").read_text())
    instances.key = pathlib.Path(key)
    restart(instances, version, url)


if len(sys.argv) > 2:
    main_restart(sys.argv[3], sys.argv[4])
else:
    main()
