"""Tables in and out."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from typing import Any

import httpx
import pandas as pd
import pytest
from ending import Ending

from sepsis_client import Client, Observation, Patient, Quantity, Retry, SepsisError, frames

TABLE = pd.DataFrame({
    "patient_id": ["b", "a", "b", "a"],
    "icu_hour": [2, 1, 1, 2],
    "age": [54, 67, 54, 67],
    "sex": ["male", None, "male", None],
    "heart_rate": [80.0, 97.0, 74.0, math.nan],
    "lactate": [math.nan, 37.0, math.nan, 9.0],
})


def test_rows_become_patients() -> None:
    first, second = frames.patients(TABLE, units={"lactate": "mg/dL"})
    assert (first.patient_id, first.age, first.sex) == ("b", 54, "male")
    assert [(seen.icu_hour, seen.heart_rate, seen.lactate) for seen in first.observations or []] == [
        (1, 74, None), (2, 80, None)]
    assert (second.patient_id, second.sex) == ("a", None)
    assert [seen.lactate for seen in second.observations or []] == [
        Quantity(value=37, unit="mg/dL"), Quantity(value=9, unit="mg/dL")]


def test_an_empty_table_has_no_patients() -> None:
    assert list(frames.patients(TABLE.iloc[:0])) == []


@pytest.mark.parametrize("table, message", [
    (TABLE.drop(columns="age"), "no column age"),
    (TABLE.rename(columns={"heart_rate": "hart_rate"}), "did you mean heart_rate"),
    (TABLE.assign(age=[54, 67, 55, 67]), "patient b: .*age changes within the stay: 54.0, 55.0"),
    (TABLE.assign(icu_hour=[2, 1, math.nan, 2]), r"patient b: body.observations\[1\].icu_hour \(missing_field\)"),
    (pd.concat([TABLE, TABLE[["age"]]], axis=1), "column age is there twice"),
    (TABLE.assign(patient_id=pd.Series(["b", None, "b", "a"])), "a row has no patient_id"),
])
def test_what_cannot_be_read_is_named(table: pd.DataFrame, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(frames.patients(table))


WRONG_CELLS: list[tuple[str, object, str]] = [
    ("age", math.nan, r"body\.age \(missing_field\)"),
    ("age", math.inf, r"body\.age \(wrong_type\): .* a valid number, not 'inf'"),
    ("age", "old", r"body\.age \(wrong_type\): .* a valid number, not 'old'"),
    ("sex", "m", r"body\.sex \(wrong_type\): .*'m'"),
    ("icu_hour", "third", r"body\.observations\[1\]\.icu_hour \(wrong_type\): .* a valid number, not 'third'"),
    ("heart_rate", "nan or so", r"body\.observations\[1\]\.heart_rate \(wrong_type\): .* a valid number, not 'nan or so'"),
    ("heart_rate", -math.inf, r"body\.observations\[1\]\.heart_rate \(wrong_type\): .* a valid number, not '-inf'"),
    ("heart_rate", 10**400, r"body\.observations\[1\]\.heart_rate \(wrong_type\)"),
    ("heart_rate", True, r"body\.observations\[1\]\.heart_rate \(wrong_type\): .* a valid number, not True"),
    ("heart_rate", [80], r"body\.observations\[1\]\.heart_rate \(wrong_type\): .* a valid number, not '\[80\]'"),
    *[("heart_rate", text, rf"body\.observations\[1\]\.heart_rate \(wrong_type\): .* a valid number, not {re.escape(repr(text))}")
      for text in ("8_0", "+80", "080", ".8e2", "0x50", "\u0668\u0660", "true", '"80"', "NaN x")],
    ("lactate", "low", r"body\.observations\[1\]\.lactate \(wrong_type\): .* a valid number, not 'low'"),
]
"""A column, what its cell in row 0 (patient b) must not be, and what is said of it."""


def with_cell(column: str, cell: object) -> pd.DataFrame:
    cells = TABLE[column].astype(object).to_list()
    everywhere = column in ("age", "sex")
    cells = [cell if at == 0 or (everywhere and at == 2) else other for at, other in enumerate(cells)]
    return TABLE.assign(**{column: pd.Series(cells, dtype=object)})


@pytest.mark.parametrize("column, cell, said", WRONG_CELLS)
def test_a_wrong_cell_is_named(column: str, cell: object, said: str) -> None:
    with pytest.raises(ValueError, match="patient b: " + said):
        list(frames.patients(with_cell(column, cell), units={"lactate": "mg/dL"}))


@pytest.mark.parametrize("column, cell, said", WRONG_CELLS)
def test_a_wrong_cell_does_not_stop_the_other_patients(client: Client, column: str, cell: object, said: str) -> None:
    answered = frames.predict(client, with_cell(column, cell), units={"lactate": "mg/dL"})
    assert re.search(said, str(answered.loc["b", "problems"]))
    assert answered["probability"].isna().to_dict() == {"b": True, "a": False}
    assert answered.loc["a", "prediction"] in ("Positive", "Negative")
    course = frames.trajectories(client, with_cell(column, cell), units={"lactate": "mg/dL"})
    assert list(course["patient_id"]) == ["b", "a", "a"]
    assert re.search(said, str(course["problems"].iloc[0]))
    assert list(course["probability"].isna()) == [True, False, False]


def test_every_wrong_cell_of_a_patient_is_named() -> None:
    with pytest.raises(ValueError, match=r"body\.age .*; body\.observations\[0\]\.heart_rate .*\[1\]\.heart_rate "):
        list(frames.patients(with_cell("age", "old").assign(heart_rate="high")))


def test_numbers_may_stand_there_as_text() -> None:
    as_text = {"heart_rate": ["80", " 9.7e1 ", "74.0", None], "age": [Decimal(54), 67, Decimal(54), 67]}
    table = TABLE.assign(**{column: pd.Series(cells, dtype=object) for column, cells in as_text.items()})
    assert list(frames.patients(table)) == list(frames.patients(TABLE))


def test_nobody_is_asked_for_a_table_of_which_no_row_can_be_read() -> None:
    client = Client(transport=httpx.MockTransport(lambda request: httpx.Response(500)))
    answered = frames.predict(client, TABLE.assign(age=math.inf))
    assert answered["problems"].str.contains("age").all()
    assert answered.dtypes.to_dict() == frames.predict(client, TABLE.iloc[:0]).dtypes.to_dict()


@pytest.mark.parametrize("ids", [
    pd.Series([17, 3, 17, 3]), pd.Series([17, 3, 17, 3], dtype="Int64"), pd.Series([17, 3, 17, 3], dtype=object),
    pd.Series([17, 3, 17, 3], dtype=pd.CategoricalDtype([3, 5, 17])),
])
def test_answers_are_found_by_the_ids_of_the_table(client: Client, ids: pd.Series[Any]) -> None:
    table = TABLE.assign(patient_id=ids)
    assert [patient.patient_id for patient in frames.patients(table)] == ["17", "3"]
    answered = frames.predict(client, table)
    assert answered.index.dtype == ids.dtype
    assert list(answered.index) == [17, 3]
    assert answered.loc[17, "prediction"] in ("Positive", "Negative")
    joined = table.merge(answered[["probability"]], left_on="patient_id", right_index=True)
    assert len(joined) == len(table)
    course = frames.trajectories(client, table)
    assert course["patient_id"].dtype == ids.dtype
    assert len(table.merge(course, on=["patient_id", "icu_hour"])) == len(table)


def test_an_empty_table_gives_the_same_columns(client: Client) -> None:
    for ask in (frames.predict, frames.trajectories):
        empty, full = ask(client, TABLE.iloc[:0]), ask(client, TABLE)
        assert len(empty) == 0
        assert empty.dtypes.to_dict() == full.dtypes.to_dict()
        assert (empty.index.name, list(empty.columns)) == (full.index.name, list(full.columns))


def test_the_same_answer_as_for_the_patient_alone(client: Client) -> None:
    answered = frames.predict(client, TABLE)
    assert list(answered.index) == ["b", "a"]
    for patient in frames.patients(TABLE):
        assert answered.loc[str(patient.patient_id), "probability"] == client.predict(patient).probability
    assert answered["problems"].isna().all()


def test_a_refused_patient_does_not_stop_the_others(client: Client) -> None:
    answered = frames.predict(client, TABLE.assign(heart_rate=[80.0, 9000.0, 74.0, 70.0]))
    assert list(answered["probability"].isna()) == [False, True]
    assert "heart_rate" in str(answered.loc["a", "problems"])
    assert answered.loc["b", "prediction"] in ("Positive", "Negative")


def test_a_refused_patient_does_not_stop_the_courses_of_the_others(client: Client) -> None:
    course = frames.trajectories(client, TABLE.assign(heart_rate=[9000.0, 97.0, 74.0, 70.0]))
    assert list(course["patient_id"]) == ["b", "a", "a"]
    assert "heart_rate" in str(course["problems"].iloc[0])
    refused = [True, False, False]
    assert list(course["problems"].notna()) == refused
    assert list(course["icu_hour"].isna()) == list(course["probability"].isna()) == refused
    assert course.dtypes.to_dict() == frames.trajectories(client, TABLE).dtypes.to_dict()


@pytest.mark.parametrize("units, message", [
    ({"hours_in_hospital_before_icu": "d"}, "hours_in_hospital_before_icu is no measurement"),
    ({"icu_hour": "min"}, "icu_hour is no measurement"),
    ({"lactat": "mg/dL"}, "unknown column lactat; did you mean lactate"),
])
def test_a_unit_that_would_not_be_sent_is_refused(units: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(frames.patients(TABLE, units=units))


def test_columns_in_the_index_are_told() -> None:
    with pytest.raises(ValueError, match=r"no column patient_id; it is the table's index, .*reset_index"):
        list(frames.patients(TABLE.set_index(["patient_id", "icu_hour"])))


def test_trajectories(client: Client) -> None:
    course = frames.trajectories(client, TABLE)
    assert list(zip(course["patient_id"], course["icu_hour"], strict=True)) == [("b", 1), ("b", 2), ("a", 1), ("a", 2)]
    alone = client.predict(Patient(age=54, sex="male", observations=[Observation(icu_hour=1, heart_rate=74)]))
    assert course["probability"].iloc[0] == alone.probability
    assert course["reliability"].iloc[0] == alone.reliability.level


def test_a_low_risk_that_cannot_be_relied_on_says_so_at_each_hour(client: Client) -> None:
    table = pd.DataFrame({"patient_id": "a", "icu_hour": [1, 2], "age": 54, "lactate": [1.0, 2.0]})  # no vital sign
    course = frames.trajectories(client, table)
    assert list(course["risk_band"]) == ["low", "low"]
    assert list(course["reliability"]) == ["indeterminate", "indeterminate"]
    assert list(frames.predict(client, table)["reliability"]) == ["indeterminate"]


def beds(size: int) -> pd.DataFrame:
    """A ward of which each seventh bed cannot be sent."""
    return pd.DataFrame({
        "patient_id": [f"bed {i}" for i in range(size)], "icu_hour": 1,
        "age": pd.Series(["old" if i % 7 == 3 else 54 for i in range(size)], dtype=object), "heart_rate": 80.0,
    })


def test_an_error_keeps_the_rows_that_were_answered() -> None:
    service, table = Ending(None, (503, 4)), beds(30)
    with pytest.raises(SepsisError) as raised:
        frames.predict(service.client(retry=Retry(attempts=1)), table, batch=10)
    error, kept = raised.value, raised.value.frame
    assert kept is not None
    assert list(kept.index) == list(table["patient_id"][:len(kept)])
    assert list(kept.index[kept["probability"].notna()]) == service.recorded
    assert len(service.recorded) == 14
    assert error.answered == len(kept)
    rest = table[~table["patient_id"].isin(kept.index)]
    others = frames.predict(service.client(), rest)
    assert list(pd.concat([kept, others]).index) == list(table["patient_id"])
    assert len(service.recorded) == len(set(service.recorded))
    assert kept.dtypes.to_dict() == others.dtypes.to_dict()


def test_an_error_before_any_answer_keeps_a_frame_without_rows() -> None:
    with pytest.raises(SepsisError) as raised:
        frames.predict(Ending((401, 0)).client(), TABLE)
    kept = raised.value.frame
    assert kept is not None
    assert (len(kept), list(kept.columns)) == (0, list(frames.PREDICTIONS))


def test_an_error_keeps_the_courses_that_were_answered() -> None:
    with pytest.raises(SepsisError) as raised:
        frames.trajectories(Ending(None, (401, 4)).client(), beds(30).assign(age=54), batch=10)
    kept = raised.value.frame
    assert kept is not None
    assert list(kept["patient_id"]) == [f"bed {i}" for i in range(14)]
    assert raised.value.answered == 14
    assert list(kept.columns) == ["patient_id", *frames.MOMENTS]
