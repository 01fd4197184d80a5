"""Numbers that are not Python's own."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sepsis_client import Observation, Patient, Quantity


@pytest.mark.parametrize("number", [80, 80.0, Fraction(80), Decimal(80), np.int64(80), np.uint8(80), np.float32(80)])
def test_a_number_of_any_library_is_a_number(number: Any) -> None:
    def patient(value: Any) -> Patient:
        seen = Observation(icu_hour=value, heart_rate=value, lactate=Quantity(value=value, unit="mg/dL"))
        return Patient(age=value, observations=[seen])

    assert patient(number).model_dump_json() == patient(80).model_dump_json()


@pytest.mark.parametrize("other", [
    True, np.True_, np.array([80]), "80", np.float32("nan"), np.float32("inf"), Fraction(10**400), Decimal("sNaN"), 80 + 0j,
])
@pytest.mark.parametrize("field", ["age", "heart_rate"])
def test_what_is_no_number_is_refused(field: str, other: Any) -> None:
    with pytest.raises(ValidationError):
        Patient.model_validate({"age": 54, field: other})


def test_the_client_does_not_import_numpy_itself() -> None:
    subprocess.run([sys.executable, "-c", "import sepsis_client, sys; sys.exit('numpy' in sys.modules)"], check=True)
