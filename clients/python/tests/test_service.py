"""Against the real service."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from pydantic import ValidationError

from sepsis_client import AsyncClient, Client, InvalidPatient, NotFound, Observation, Patient, Prediction


def test_health(client: Client) -> None:
    assert client.health().status == "OK"


def test_variables_are_what_a_patient_can_have(client: Client) -> None:
    vocabulary = client.variables()
    named = {entry.name for entry in vocabulary.variables} | {entry.name for entry in vocabulary.stay}
    assert named == Patient.model_fields.keys() - {"patient_id", "observations"}


def test_model_card_is_of_the_model_that_answers(client: Client, ill: Patient) -> None:
    card = client.model_card()
    assert client.predict(ill).model.name == card["name"]


def test_a_patient_in_a_prediction_out(client: Client, ill: Patient) -> None:
    # The figures are those that README.md shows, which CI compares with what the service prints.
    answer = client.predict(ill)
    assert answer.prediction == "Positive"
    assert answer.alert
    assert answer.probability == pytest.approx(0.0870, abs=5e-5)
    assert answer.scores["news2"].value == 9
    assert "consciousness" in answer.scores["news2"].missing
    assert answer.reliability.reasons[0].code == "no_history"
    assert answer.trajectory == []


def test_explanation_adds_up(client: Client, ill: Patient) -> None:
    answer = client.predict(ill)
    assert answer.base_value is not None
    assert answer.base_value + sum(part.contribution for part in answer.explanation) == pytest.approx(answer.raw_output, abs=1e-9)
    lactate = next(part for part in answer.explanation if part.name == "lactate")
    assert (lactate.unit, lactate.hours_ago) == ("mmol/L", 0)
    without = client.predict(ill, explain=False)
    assert (without.explanation, without.raw_output, without.probability) == ([], None, answer.probability)


def test_a_what_if_is_recorded_as_one(service: str, client: Client, ill: Patient) -> None:
    supposed, many = client.predict(ill, hypothetical=True), list(client.predict_many([ill], hypothetical=True))
    for answer, hypothetical in ((client.predict(ill), False), (supposed, True), (many[0], True)):
        assert isinstance(answer, Prediction)
        recorded = httpx.get(f"{service}/predictions/{answer.id}").json()
        assert recorded["hypothetical"] is hypothetical


def test_history_and_trajectory(client: Client, with_history: Patient) -> None:
    answer = client.predict(with_history, trajectory=True)
    assert answer.patient_id == "bed 7"
    assert [moment.icu_hour for moment in answer.trajectory] == [1, 2, 3]
    assert answer.trajectory[-1].probability == answer.probability


def test_what_cannot_be_true_is_raised_with_place_and_cure(client: Client) -> None:
    impossible = Patient(age=54, temperature=101.3, systolic_bp=80, diastolic_bp=90)
    with pytest.raises(InvalidPatient) as raised:
        client.predict(impossible)
    found = {problem.location: problem for problem in raised.value.problems}
    assert found["body.temperature"].code == "out_of_range"
    assert found["body.temperature"].value == 101.3
    assert "[degF]" in (found["body.temperature"].hint or "")
    assert found["body.diastolic_bp"].code == "diastolic_above_systolic"
    assert "body.temperature (out_of_range)" in str(raised.value)


@pytest.mark.parametrize("field, value", [("hart_rate", 80), ("heart_rate", "80"), ("heart_rate", float("nan"))])
def test_what_is_no_patient_at_all_is_never_sent(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        Patient.model_validate({"age": 54, field: value})


def test_an_observation_needs_its_hour() -> None:
    with pytest.raises(ValidationError):
        Observation.model_validate({"heart_rate": 80})


def test_an_outcome_is_told(client: Client, ill: Patient) -> None:
    prediction = client.predict(ill)
    told = client.tell_outcome(prediction.id, septic=True, onset_hours=3.5)
    assert (told.septic, told.onset_hours) == (True, 3.5)
    with pytest.raises(InvalidPatient) as raised:
        client.tell_outcome(prediction.id, septic=False, onset_hours=1)
    assert raised.value.problems[0].code == "onset_without_sepsis"
    with pytest.raises(NotFound):
        client.tell_outcome("01JD9Z0000000000000000000A", septic=False)


def test_async_gives_the_same(service: str, client: Client, ill: Patient, with_history: Patient) -> None:
    async def ask() -> list[float]:
        async with AsyncClient(service) as asynchronous:
            assert (await asynchronous.health()).status == "OK"
            assert (await asynchronous.variables()) == client.variables()
            assert (await asynchronous.model_card()) == client.model_card()
            answers = await asyncio.gather(asynchronous.predict(ill), asynchronous.predict(with_history))
            return [answer.probability for answer in answers]

    assert asyncio.run(ask()) == [client.predict(patient).probability for patient in (ill, with_history)]
