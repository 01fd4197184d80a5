"""Many patients at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from sepsis_client import AsyncClient, Client, Patient, Prediction, Refusal, UnexpectedAnswer, wire


def ward(size: int) -> Iterator[Patient]:
    """Patients of whom each has a pulse of its own; every seventh cannot be."""
    for i in range(size):
        yield Patient(age=54, patient_id=f"bed {i}", heart_rate=9000 if i % 7 == 3 else 60 + i % 60)


def test_answers_come_in_order_and_a_refusal_stops_nobody(client: Client) -> None:
    answers = list(client.predict_many(ward(45), batch=10))
    assert len(answers) == 45
    for i, answer in enumerate(answers):
        if i % 7 == 3:
            assert isinstance(answer, Refusal)
            assert answer.errors[0].code == "out_of_range"
            assert answer.line == i + 1
        else:
            assert isinstance(answer, Prediction)
            assert answer.patient_id == f"bed {i}"


def test_async_batch(service: str, client: Client) -> None:
    async def ask() -> list[Prediction | Refusal]:
        async with AsyncClient(service) as asynchronous:
            return [answer async for answer in asynchronous.predict_many(ward(12), batch=5)]

    def essence(answers: list[Prediction | Refusal]) -> list[float | int | None]:
        return [answer.probability if isinstance(answer, Prediction) else answer.line for answer in answers]

    assert essence(asyncio.run(ask())) == essence(list(client.predict_many(ward(12))))


def test_only_as_many_patients_are_taken_as_are_sent() -> None:
    taken: list[int] = []

    def endless() -> Iterator[Patient]:
        for i in range(10**9):
            taken.append(i)
            yield Patient(age=54, heart_rate=80)

    first = next(wire.batches(endless(), size=10, most_bytes=1 << 20))
    assert len(first.lines) == 10
    assert len(taken) == 11


def test_a_body_is_bounded_in_bytes() -> None:
    length = len(wire.encode(Patient(age=54, heart_rate=80)))
    patients = [Patient(age=54, heart_rate=80)] * 5
    assert [len(batch.lines) for batch in wire.batches(patients, size=10, most_bytes=2 * length)] == [2, 2, 1]


@pytest.mark.parametrize("most_bytes", [1])
def test_a_patient_who_is_longer_goes_alone(most_bytes: int) -> None:
    assert [len(batch.lines) for batch in wire.batches([Patient(age=54)] * 2, size=10, most_bytes=most_bytes)] == [1, 1]


def test_nobody_is_asked_for_nobody() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(500))
    assert list(Client(transport=transport).predict_many([])) == []


def test_an_answer_that_broke_off_is_no_answer() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=""))
    with pytest.raises(UnexpectedAnswer, match="0 answers to 2 patients"):
        list(Client(transport=transport).predict_many([Patient(age=54, heart_rate=80)] * 2))
