"""Tables in and out, with pandas (``pip install sepsis-client[pandas]``).

A table in has a row for each patient and hour: ``patient_id``, ``icu_hour``, ``age``, what else describes the stay, and
a column for each measurement. An empty cell is: not measured.
"""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterator, Mapping
from typing import Any, cast

import pandas as pd

from .answers import Prediction, Refusal
from .client import Client
from .measurements import Measurements
from .patient import Observation, Patient
from .quantity import Quantity

MEASUREMENTS = tuple(Measurements.model_fields)
OF_STAY = ("age", "sex", "icu_unit", "hours_in_hospital_before_icu")
COLUMNS = ("patient_id", "icu_hour", *OF_STAY, *MEASUREMENTS)
REQUIRED = ("patient_id", "icu_hour", "age")


def patients(table: pd.DataFrame, *, units: Mapping[str, str] | None = None) -> Iterator[Patient]:
    """The patients of a table, in the order in which they first appear; the hours of each are sorted.

    ``units``: of columns that are not in the variable's own unit, such as ``{"lactate": "mg/dL"}``.
    A column that is not known, or a description of the stay that changes within it, is a ValueError.
    """
    _check(table, units or {})
    for name, rows in table.groupby("patient_id", sort=False):
        yield _patient(name, rows.sort_values("icu_hour", kind="stable"), units or {})


def predict(
    client: Client, table: pd.DataFrame, *, units: Mapping[str, str] | None = None, batch: int = 100,
) -> pd.DataFrame:
    """A row for each patient, by patient_id. Where a patient was refused, ``problems`` says why and the rest is empty."""
    asked = list(patients(table, units=units))
    answers = client.predict_many(asked, batch=batch)
    rows = [_row(cast(str, patient.patient_id), answer) for patient, answer in zip(asked, answers, strict=True)]
    return pd.DataFrame(rows).set_index("patient_id") if rows else pd.DataFrame()


def trajectories(
    client: Client, table: pd.DataFrame, *, units: Mapping[str, str] | None = None, batch: int = 100,
) -> pd.DataFrame:
    """A row for each patient and hour: what could have been said then. The first patient who is refused is raised."""
    rows: list[dict[str, Any]] = []
    asked = list(patients(table, units=units))
    answers = client.predict_many(asked, trajectory=True, batch=batch)
    for patient, answer in zip(asked, answers, strict=True):
        if isinstance(answer, Refusal):
            raise ValueError(f"patient {patient.patient_id}: {_problems(answer)}")
        rows += [{"patient_id": patient.patient_id, **moment.model_dump()} for moment in answer.trajectory]
    return pd.DataFrame(rows)


def _check(table: pd.DataFrame, units: Mapping[str, str]) -> None:
    for name in REQUIRED:
        if name not in table.columns:
            raise ValueError(f"the table has no column {name}")
    for name in [*table.columns, *units]:
        if name not in COLUMNS:
            near = difflib.get_close_matches(str(name), COLUMNS, n=1)
            raise ValueError(f"unknown column {name}" + (f"; did you mean {near[0]}?" if near else ""))
    if table["patient_id"].isna().any():
        raise ValueError("a row has no patient_id")


def _patient(name: Hashable, rows: pd.DataFrame, units: Mapping[str, str]) -> Patient:
    stay = {column: _constant(name, rows, column) for column in OF_STAY if column in rows.columns}
    numbers = {column: value if isinstance(value, str) else _number(value) for column, value in stay.items()}
    records = rows.drop(columns=["patient_id", *stay]).to_dict(orient="records")
    return Patient.model_validate({
        **numbers, "patient_id": str(name), "observations": [_observation(name, record, units) for record in records],
    })


def _constant(name: Hashable, rows: pd.DataFrame, column: str) -> Any:
    values = rows[column].dropna().unique()
    if len(values) > 1:
        raise ValueError(f"patient {name}: {column} changes within the stay")
    return values[0] if len(values) else None


def _observation(name: Hashable, record: Mapping[Hashable, Any], units: Mapping[str, str]) -> Observation:
    if _number(record["icu_hour"]) is None:
        raise ValueError(f"patient {name}: a row has no icu_hour")
    fields: dict[str, Any] = {}
    for column, cell in record.items():
        value = _number(cell)
        if value is not None:
            fields[str(column)] = Quantity(value=value, unit=units[str(column)]) if column in units else value
    return Observation.model_validate(fields)


def _number(cell: Any) -> float | None:
    return None if pd.isna(cell) else float(cell)


def _row(name: str, answer: Prediction | Refusal) -> dict[str, Any]:
    if isinstance(answer, Refusal):
        return {"patient_id": name, "problems": _problems(answer)}
    return {
        "patient_id": name, "id": answer.id, "prediction": answer.prediction, "probability": answer.probability,
        "alert": answer.alert, "risk_band": answer.risk_band, "reliability": answer.reliability.level,
        **{score: value.value for score, value in answer.scores.items()},
        "warnings": len(answer.warnings), "problems": None,
    }


def _problems(answer: Refusal) -> str:
    return "; ".join(str(problem) for problem in answer.errors) or answer.title
