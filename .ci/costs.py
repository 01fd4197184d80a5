"""What the two forms of docs/deploy-aws.md can answer and cost: sums alone, no measuring.

Units: processor seconds, hours, GiB, and the currency of the price list. A price that is null is not known, and so is what is made of it.
"""

import math
import pathlib
import re

TERRAFORM = pathlib.Path(__file__).resolve().parent.parent / "deploy/terraform"
ZONES = 2  # of the full form, as docs/deploy-aws.md has it
HOURS = 730  # in a month, as AWS counts
BUSY = 0.5  # of a processor's time: the other half is for peaks, updates and the loss of an instance
BALANCER_CONNECTIONS = 25  # new ones a second in one unit of the balancer (LCU)
ROOT_GIB = 8  # of the image of Amazon Linux 2023
QUEUE_GIB = 10  # the full form's volume for what waits while the database is away
ALARMS = {"simple": 4, "full": 7}
SECRETS = {"simple": 1, "full": 2}
LOG_MONTHS = 12  # the log is kept for 365 days


def default(form, name):
    """The default of a variable of a Terraform form."""
    text = (TERRAFORM / form / "variables.tf").read_text(encoding="utf-8")
    return re.search(rf'variable "{name}" \{{.*?default\s*=\s*"?([^"\n]+)"?', text, re.DOTALL)[1]


def defaults():
    """What Terraform sets up when nothing else is said."""
    return {
        "volume_gib": int(default("simple", "volume_gib")), "database_gib": int(default("full", "database_gib")),
        "instances": int(default("full", "instances")), "zones": ZONES,
    }


def rate(instance, seconds):
    """Requests a second that an instance answers for as long as it likes: half of its processors' time, and of a burstable one its baseline."""
    return instance["vcpu"] * min(instance["baseline"], BUSY) / seconds


def beds(requests, within=3600.0):
    """Occupied beds that can be asked about once an hour: evenly, or all within so many seconds."""
    return math.floor(requests * within)


def predictions(number):
    """Predictions a month of so many occupied beds, each asked about once an hour."""
    return number * HOURS


def log_gib(number, log_bytes):
    """GiB of log a month."""
    return predictions(number) * log_bytes / 2**30


def store_gib(number, record_bytes, months=12):
    """GiB that the audit log has grown to after some months."""
    return predictions(number) * record_bytes * months / 2**30


def quantities(form, number, measured, shape):
    """What a month is billed for, as (item, how much), beside the instances."""
    logs = log_gib(number, measured["log_bytes"])
    common = [("log_gib", logs), ("log_gib_month", logs * LOG_MONTHS), ("alarm_month", ALARMS[form]), ("secret_month", SECRETS[form])]
    if form == "simple":
        return [("volume_gib_month", ROOT_GIB + shape["volume_gib"]), *common]
    a_second = number / 3600
    return [
        ("volume_gib_month", shape["instances"] * (ROOT_GIB + QUEUE_GIB)), *common,
        ("balancer_hour", HOURS), ("balancer_unit_hour", HOURS * max(1.0, a_second / BALANCER_CONNECTIONS)),
        ("nat_hour", HOURS * shape["zones"]), ("nat_gib", logs), ("address_hour", HOURS * shape["zones"]),
        ("database_hour", HOURS), ("database_gib_month", shape["database_gib"]),
    ]


def month(form, number, instance, measured, prices, shape):
    """What a month costs for so many occupied beds; None where a price is not known."""
    if instance["hour"] is None:
        return None
    total = HOURS * instance["hour"] * (1 if form == "simple" else shape["instances"])
    for item, quantity in quantities(form, number, measured, shape):
        price = prices["items"][item]["price"]
        if price is None:
            return None
        total += price * quantity
    return total


def for_a_thousand(cost, number):
    """What a thousand predictions cost."""
    return None if cost is None else 1000 * cost / predictions(number)
