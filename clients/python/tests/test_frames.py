"""Tables in and out."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from sepsis_client import Client, Observation, Patient, Quantity, frames

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
    (TABLE.assign(age=[54, 67, 55, 67]), "patient b: age changes"),
    (TABLE.assign(icu_hour=[2, 1, math.nan, 2]), "patient b: a row has no icu_hour"),
    (TABLE.assign(patient_id=pd.Series(["b", None, "b", "a"])), "a row has no patient_id"),
])
def test_what_cannot_be_read_is_named(table: pd.DataFrame, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        list(frames.patients(table))


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


def test_trajectories(client: Client) -> None:
    course = frames.trajectories(client, TABLE)
    assert list(zip(course["patient_id"], course["icu_hour"], strict=True)) == [("b", 1), ("b", 2), ("a", 1), ("a", 2)]
    alone = client.predict(Patient(age=54, sex="male", observations=[Observation(icu_hour=1, heart_rate=74)]))
    assert course["probability"].iloc[0] == alone.probability
