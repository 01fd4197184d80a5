"""Makes src/sepsis_client/measurements.py from the service's OpenAPI document.

    curl -s localhost:8080/openapi.json | python tools/measurements.py > src/sepsis_client/measurements.py
"""

from __future__ import annotations

import json
import sys
from typing import Any

HEAD = '''"""The measurements that can be sent. Made by tools/measurements.py from the OpenAPI document; do not edit."""

from __future__ import annotations

from .quantity import Measurement, Question


class Measurements(Question):
    """What can be measured. A plain number is in the unit that is named here; None: not measured."""
'''


def module(document: dict[str, Any]) -> str:
    """The text of the module."""
    schemas = document["components"]["schemas"]
    names = [name for name in schemas["Observation"]["properties"] if name != "icu_hour"]
    fields = [f'\n    {name}: Measurement = None\n    """{schemas[name]["description"]}"""' for name in names]
    return HEAD + "".join(fields) + "\n"


if __name__ == "__main__":
    sys.stdout.write(module(json.load(sys.stdin)))
