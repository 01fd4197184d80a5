"""Fails unless two JSON files hold the same, numbers within 1e-9: another processor may round otherwise.

    python same_numbers.py EXPECTED.json ACTUAL.json [PART…]

Parts of the whole that are named are not compared.
"""

import json
import math
import sys


def differences(expected, actual, place="$"):
    if isinstance(expected, dict) and isinstance(actual, dict) and expected.keys() == actual.keys():
        for key in expected:
            yield from differences(expected[key], actual[key], f"{place}.{key}")
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        for i, pair in enumerate(zip(expected, actual)):
            yield from differences(*pair, f"{place}[{i}]")
    elif isinstance(expected, float) and isinstance(actual, float):
        if not math.isclose(expected, actual, rel_tol=1e-9, abs_tol=1e-9):
            yield f"{place}: {actual!r}, expected {expected!r}"
    elif expected != actual:
        yield f"{place}: {actual!r}, expected {expected!r}"


with open(sys.argv[1], encoding="utf-8") as first, open(sys.argv[2], encoding="utf-8") as second:
    expected, actual = json.load(first), json.load(second)
for part in sys.argv[3:]:
    for whole in (expected, actual):
        whole.pop(part, None)
found = list(differences(expected, actual))
for difference in found:
    print(difference)
sys.exit(f"{len(found)} differences" if found else 0)
