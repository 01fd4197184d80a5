"""Runs an unpacked image as `docker run --read-only` would, and asks it for its health and for a prediction.

    python image.py IMAGE.json ROOT

IMAGE.json is what `buildah inspect --type image` prints, ROOT where its files are. The process is the image's own
command with the image's own environment and user, in a root file system that is mounted read-only but for the volume.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

MOST_BYTES = 40 << 20
PATIENT = {"age": 67, "heart_rate": 118, "temperature": 38.9, "systolic_bp": 88, "lactate": {"value": 37, "unit": "mg/dL"}}
ADDRESS = "http://127.0.0.1:8080"


def size(root):
    """The bytes of all files."""
    return sum(os.lstat(os.path.join(folder, name)).st_size for folder, _, names in os.walk(root) for name in names)


def require(holds, what):
    """Ends the check when something does not hold."""
    if not holds:
        sys.exit(f"image: {what}")


def check_config(config):
    """What the image says of itself."""
    require(config["User"] == "65532:65532", f"user {config['User']}")
    require(list(config["Volumes"]) == ["/var/lib/sepsis"], f"volumes {config['Volumes']}")
    require(config["Healthcheck"]["Test"] == ["CMD", "/usr/bin/sepsis", "health"], "health check")
    for label in ("title", "description", "source", "licenses", "version"):
        require(config["Labels"].get(f"org.opencontainers.image.{label}"), f"no label {label}")
    require(config["Labels"]["org.opencontainers.image.version"] == "ci", "the version is not the one that was passed")


def inside(config, root, arguments):
    """The command that runs arguments as a container would."""
    script = (
        'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" '
        '&& mount -t tmpfs -o uid=65532,gid=65532,mode=0700 tmpfs "$0/var/lib/sepsis" && cd / '
        '&& exec chroot --userspec="$1" "$0" "${@:2}"'
    )
    # As `docker run --env SEPSIS_INSECURE_OPEN=true`: the image itself opens the service to nobody.
    return ["env", "-i", *config["Env"], "PATH=" + os.environ["PATH"], "SEPSIS_INSECURE_OPEN=true",
            "unshare", "--mount", "bash", "-c", script, root, config["User"], *arguments]


def answers(deadline):
    """Waits until the service answers at all."""
    while time.monotonic() < deadline:
        try:
            return urllib.request.urlopen(ADDRESS + "/health", timeout=2).read()
        except urllib.error.HTTPError as refused:
            return refused.read()
        except OSError:
            time.sleep(0.05)
    sys.exit("image: the service does not answer")


def owner(process):
    """The user ids of a process: real, effective, saved and of files."""
    with open(f"/proc/{process}/status", encoding="ascii") as status:
        return next(line.split()[1:] for line in status if line.startswith("Uid:"))


def check_service(config, root, process):
    """Asks the running service."""
    said = answers(time.monotonic() + 20)
    require(process.poll() is None, "the service ended")
    require(said == b"OK", f"health says {said!r}")
    require(set(owner(process.pid)) == {"65532"}, f"runs as {owner(process.pid)}")
    health = subprocess.run(inside(config, root, config["Healthcheck"]["Test"][1:]), stdout=subprocess.PIPE, check=True)
    require(health.stdout == b"OK\n", f"the health check says {health.stdout!r}")
    request = urllib.request.Request(ADDRESS + "/predict/patient", json.dumps(PATIENT).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as response:
        answer = json.load(response)
    require(answer["prediction"] in ("Positive", "Negative"), f"answer {answer}")
    print(f"OK, and {answer['prediction']} with {answer['probability']:.4f}, read-only and as user 65532")


def main():
    """Checks one image."""
    with open(sys.argv[1], encoding="utf-8") as file:
        config = json.load(file)["Docker"]["config"]
    root = sys.argv[2]
    check_config(config)
    require(size(root) <= MOST_BYTES, f"{size(root)} bytes, of {MOST_BYTES}")
    print(f"{size(root) / 2**20:.1f} MiB of 40")
    try:
        urllib.request.urlopen(ADDRESS, timeout=1)
        sys.exit(f"{ADDRESS} answers already: another server runs there")
    except OSError:
        pass
    # exec all the way: the process is the service itself.
    with subprocess.Popen(inside(config, root, config["Entrypoint"] + config["Cmd"])) as process:
        try:
            check_service(config, root, process)
        finally:
            process.terminate()


main()
