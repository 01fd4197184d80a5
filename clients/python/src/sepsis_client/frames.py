"""Tables in and out, with pandas (the extra ``pandas`` of this package).

A table in has a row for each patient and hour: ``patient_id``, ``icu_hour``, ``age``, what else describes the stay, and
a column for each measurement. An empty cell is: not measured. A table out has the columns and types that are named
here, however many patients there are.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from numbers import Real
from reprlib import repr as shortened
from typing import Any

import pandas as pd
from pydantic import TypeAdapter, ValidationError

from .answers import Prediction, Problem, Refusal
from .client import Client
from .errors import SepsisError
from .measurements import Measurements
from .patient import Patient

MEASUREMENTS = tuple(Measurements.model_fields)
OF_STAY = ("age", "sex", "icu_unit", "hours_in_hospital_before_icu")
COLUMNS = ("patient_id", "icu_hour", *OF_STAY, *MEASUREMENTS)
REQUIRED = ("patient_id", "icu_hour", "age")

SCORES = ("news2", "sirs", "qsofa", "sofa")
PREDICTIONS = {
    "id": "string", "prediction": "string", "probability": "float64", "alert": "boolean", "risk_band": "string",
    "reliability": "string", **dict.fromkeys(SCORES, "Int64"), "warnings": "Int64", "problems": "string",
}
"""The columns of :func:`predict` and their types, which can all be missing."""
MOMENTS = {
    "icu_hour": "Int64", "probability": "float64", "prediction": "string", "alert": "boolean", "risk_band": "string",
    "reliability": "string", "problems": "string",
}
"""The columns of :func:`trajectories` after patient_id, and their types."""

_NUMBER = TypeAdapter(float)


def patients(table: pd.DataFrame, *, units: Mapping[str, str] | None = None) -> Iterator[Patient]:
    """The patients of a table, in the order in which they first appear; the hours of each are sorted.

    ``units``: of columns that are not in the variable's own unit, such as ``{"lactate": "mg/dL"}``.
    A ValueError says which column is not known, or of the first patient who cannot be read, which cells are wrong.
    """
    for name, asked in _stays(table, units or {}):
        yield _readable(name, asked)


def predict(
    client: Client, table: pd.DataFrame, *, units: Mapping[str, str] | None = None, batch: int = 100,
) -> pd.DataFrame:
    """A row for each patient, by the table's own patient_id; the columns are those of :data:`PREDICTIONS`.

    Where the service refused a patient, or the rows could not even be sent, ``problems`` says why and the rest is
    missing; the others are answered.

    A :class:`~sepsis_client.SepsisError` that comes in the middle has the rows until then as its ``frame``. These patients
    are on record: ask again with ``table[~table["patient_id"].isin(error.frame.index)]``.
    """
    stays = list(_stays(table, units or {}))
    names: list[Hashable] = []
    rows: list[dict[str, Any]] = []

    def frame() -> pd.DataFrame:
        answered = pd.DataFrame(rows, columns=list(PREDICTIONS)).astype(PREDICTIONS)
        return answered.set_index(_names(table, names))

    with _kept(frame, names):
        for name, answer in _answers(client, stays, trajectory=False, batch=batch):
            rows.append(_row(answer))
            names.append(name)
    return frame()


def trajectories(
    client: Client, table: pd.DataFrame, *, units: Mapping[str, str] | None = None, batch: int = 100,
) -> pd.DataFrame:
    """A row for each patient and hour: what could have been said then; the columns are patient_id and :data:`MOMENTS`.

    A patient who is refused, or whose rows could not even be sent, has one row, without ``icu_hour``: ``problems`` says why,
    and the rest is missing; the others are answered.

    A :class:`~sepsis_client.SepsisError` that comes in the middle has the rows until then as its ``frame``.
    """
    stays = list(_stays(table, units or {}))
    names: list[Hashable] = []
    moments: list[dict[str, Any]] = []

    def frame() -> pd.DataFrame:
        course = pd.DataFrame(moments, columns=list(MOMENTS)).astype(MOMENTS)
        course.insert(0, "patient_id", _names(table, names))
        return course

    with _kept(frame, names):
        for name, answer in _answers(client, stays, trajectory=True, batch=batch):
            rows = _course(answer)
            moments += rows
            names += [name] * len(rows)
    return frame()


def _answers(
    client: Client, stays: list[tuple[Hashable, Patient | Refusal]], *, trajectory: bool, batch: int,
) -> Iterator[tuple[Hashable, Prediction | Refusal]]:
    """What is answered to each patient, in their order; those who could not be sent are refused here."""
    asked = (patient for _, patient in stays if isinstance(patient, Patient))
    answers = client.predict_many(asked, trajectory=trajectory, batch=batch)
    for name, patient in stays:
        yield name, patient if isinstance(patient, Refusal) else next(answers)


@contextmanager
def _kept(frame: Callable[[], pd.DataFrame], names: list[Hashable]) -> Iterator[None]:
    """Gives an error what was answered before it, so that nobody has to be asked, and recorded, twice."""
    try:
        yield
    except SepsisError as error:
        error.frame = frame()
        error.answered = len(dict.fromkeys(names))  # of the table, also those who could not be sent
        raise


def _check(table: pd.DataFrame, units: Mapping[str, str]) -> None:
    for name in REQUIRED:
        if name not in table.columns:
            cure = "; it is the table's index, of which reset_index() makes columns" if name in table.index.names else ""
            raise ValueError(f"the table has no column {name}{cure}")
    for name in units:
        if name in COLUMNS and name not in MEASUREMENTS:
            raise ValueError(f"{name} is no measurement, and cannot be sent in another unit: convert the column")
    for name in [*table.columns, *units]:
        if name not in COLUMNS:
            near = difflib.get_close_matches(str(name), COLUMNS, n=1)
            raise ValueError(f"unknown column {name}" + (f"; did you mean {near[0]}?" if near else ""))
    if not table.columns.is_unique:
        raise ValueError(f"the column {table.columns[table.columns.duplicated()][0]} is there twice")
    if table["patient_id"].isna().any():
        raise ValueError("a row has no patient_id")


def _stays(table: pd.DataFrame, units: Mapping[str, str]) -> Iterator[tuple[Hashable, Patient | Refusal]]:
    """Each patient_id as the table has it, with the patient, or why the rows are none."""
    _check(table, units)
    for name, rows in table.groupby("patient_id", sort=False, observed=True):
        records = [_known(record) for record in rows.drop(columns="patient_id").to_dict(orient="records")]
        yield name, _patient(str(name), records, units)


def _known(record: Mapping[Hashable, Any]) -> dict[str, Any]:
    """What a row holds, without its empty cells."""
    cells = {str(column): _cell(cell) for column, cell in record.items()}
    return {column: cell for column, cell in cells.items() if cell is not None}


def _cell(cell: Any) -> Any:
    """A cell, as a number if it says one: one wrong word makes a whole column of a file text. None: it is empty.

    A text says one where JSON would: Python alone also reads 8_0.
    """
    if not pd.api.types.is_scalar(cell):
        return shortened(cell)
    if pd.isna(cell):
        return None
    if isinstance(cell, bool) or not isinstance(cell, (Real, Decimal, str)):
        return cell
    try:
        number = _NUMBER.validate_json(cell, strict=True) if isinstance(cell, str) else float(cell)
    except ValueError:
        return str(cell)
    except OverflowError:
        number = math.inf
    return number if math.isfinite(number) else str(number)


def _patient(name: str, records: list[dict[str, Any]], units: Mapping[str, str]) -> Patient | Refusal:
    stay = {column: [record.pop(column) for record in records if column in record] for column in OF_STAY}
    problems = [_changes(column, values) for column, values in stay.items() if any(value != values[0] for value in values)]
    records.sort(key=_hour)
    fields = {column: values[0] for column, values in stay.items() if values}
    try:
        patient = Patient.model_validate(
            {**fields, "patient_id": name, "observations": [_quantified(record, units) for record in records]})
    except ValidationError as error:
        return _refusal(problems + _faults(error))
    return _refusal(problems) if problems else patient


def _changes(column: str, values: list[Any]) -> Problem:
    seen = ", ".join(shortened(value) for value in dict.fromkeys(values))
    return Problem(location=f"body.{column}", code="changes_within_stay", message=f"{column} changes within the stay: {seen}")


def _hour(record: Mapping[str, Any]) -> float:
    """Where a row stands in time; one that does not say it stands last, until it is refused."""
    hour = record.get("icu_hour")
    return float(hour) if isinstance(hour, Real) else math.inf


def _quantified(record: Mapping[str, Any], units: Mapping[str, str]) -> dict[str, Any]:
    return {column: {"value": value, "unit": units[column]} if column in units else value for column, value in record.items()}


def _faults(error: ValidationError) -> list[Problem]:
    """A problem for each wrong cell. A measurement may be a number or a quantity: the reading that went deeper tells."""
    found: dict[str, Any] = {}
    for fault in error.errors(include_url=False, include_context=False):
        place = _place(fault["loc"])
        if place not in found or len(fault["loc"]) > len(found[place]["loc"]):
            found[place] = fault
    return [_problem(place, fault) for place, fault in found.items()]


def _place(steps: tuple[int | str, ...]) -> str:
    """The place of a cell, as the service writes it."""
    place = "body"
    for step in steps:
        place += f"[{step}]" if isinstance(step, int) else f".{step}"
        if step in COLUMNS:
            break
    return place


def _problem(place: str, fault: Mapping[str, Any]) -> Problem:
    if fault["type"] == "missing":
        return Problem(location=place, code="missing_field", message=fault["msg"])
    sent = fault["input"]
    return Problem(location=place, code="wrong_type", message=f"{fault['msg']}, not {shortened(sent)}", value=sent)


def _refusal(problems: list[Problem]) -> Refusal:
    """What the service would say to rows that cannot be sent."""
    return Refusal(type="about:blank", title="Unprocessable Content", status=422, errors=problems)


def _readable(name: Hashable, asked: Patient | Refusal) -> Patient:
    if isinstance(asked, Refusal):
        raise ValueError(f"patient {name}: {_problems(asked)}")
    return asked


def _names(table: pd.DataFrame, names: list[Hashable]) -> pd.Index[Any]:
    """Patients' ids of the type that they have in the table, so that the answers can be joined to it."""
    return pd.Index(names, dtype=table["patient_id"].dtype, name="patient_id")


def _row(answer: Prediction | Refusal) -> dict[str, Any]:
    if isinstance(answer, Refusal):
        return {"problems": _problems(answer)}
    return {
        "id": answer.id, "prediction": answer.prediction, "probability": answer.probability, "alert": answer.alert,
        "risk_band": answer.risk_band, "reliability": answer.reliability.level,
        **{score: value.value for score, value in answer.scores.items()}, "warnings": len(answer.warnings),
    }


def _course(answer: Prediction | Refusal) -> list[dict[str, Any]]:
    if isinstance(answer, Refusal):
        return [{"problems": _problems(answer)}]
    return [moment.model_dump() for moment in answer.trajectory]


def _problems(answer: Refusal) -> str:
    return "; ".join(str(problem) for problem in answer.errors) or answer.detail or answer.title
