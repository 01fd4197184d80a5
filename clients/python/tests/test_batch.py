"""Many patients at once."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from conftest import serving
from ending import ANSWER, Ending, problem

from sepsis_client import (
    ApiError,
    AsyncClient,
    Client,
    ConnectionFailed,
    Forbidden,
    Patient,
    Prediction,
    RateLimited,
    Refusal,
    Retry,
    SepsisError,
    Unauthenticated,
    Unavailable,
    Unconfirmed,
    UnexpectedAnswer,
    wire,
)


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


def take(answers: Iterator[Prediction | Refusal]) -> tuple[list[Prediction | Refusal], SepsisError]:
    """What was answered until there was an error, and that."""
    taken: list[Prediction | Refusal] = []
    with pytest.raises(SepsisError) as raised:
        for answer in answers:
            taken.append(answer)
    return taken, raised.value


ONCE = Retry(attempts=1)
ENDS = [(401, Unauthenticated), (403, Forbidden), (429, RateLimited), (500, ApiError), (503, Unavailable)]


@pytest.mark.parametrize("status, kind", ENDS)
@pytest.mark.parametrize("answered", [0, 30])
def test_what_came_before_the_end_is_given_and_then_what_ended_it(status: int, kind: type[ApiError], answered: int) -> None:
    service = Ending((status, answered))
    taken, error = take(service.client(retry=ONCE).predict_many(ward(43)))
    assert [answer.line for answer in taken] == list(range(1, answered + 1))
    assert type(error) is kind
    assert error.answered == answered
    assert "Said by the service." in str(error)
    assert f"patients answered before: {answered}; the first without an answer: number {answered + 1}" in str(error)


def test_places_are_those_among_all() -> None:
    taken, error = take(Ending((401, 7)).client().predict_many(ward(43), batch=10))
    assert (len(taken), error.answered) == (7, 7)
    taken, error = take(Ending(None, (401, 7)).client().predict_many(ward(43), batch=10))
    assert [answer.line for answer in taken] == list(range(1, 18))
    assert error.answered == 17


@pytest.mark.parametrize("status", [401, 403, 429])
def test_the_last_patient_may_be_the_one_who_was_not_read(status: int) -> None:
    taken, error = take(Ending((status, 4)).client(retry=ONCE).predict_many(ward(5)))
    assert (len(taken), error.answered) == (4, 4)


@pytest.mark.parametrize("status", [422, 503])
def test_what_may_be_of_the_last_patient_is_theirs(status: int) -> None:
    service = Ending((status, 4))
    answers = list(service.client().predict_many(ward(5)))
    assert isinstance(answers[-1], Refusal)
    assert service.asked == [5]


def test_an_end_after_the_last_patient_ends_nothing() -> None:
    service = Ending((503, 5))
    assert [answer.line for answer in service.client().predict_many(ward(8), batch=5)] == list(range(1, 9))
    assert service.asked == [5, 3]


def everybody(service: Ending) -> list[Prediction | Refusal]:
    return list(service.client().predict_many(ward(43)))


def everybody_asynchronously(service: Ending) -> list[Prediction | Refusal]:
    async def ask() -> list[Prediction | Refusal]:
        async with service.asynchronous() as client:
            return [answer async for answer in client.predict_many(ward(43))]

    return asyncio.run(ask())


@pytest.mark.parametrize("ask", [everybody, everybody_asynchronously])
def test_who_was_not_read_is_asked_for_again_and_nobody_twice(ask: Callable[[Ending], list[Prediction | Refusal]]) -> None:
    service = Ending((503, 30), (429, 3))
    answers = ask(service)
    assert [answer.line for answer in answers] == list(range(1, 44))
    assert service.recorded == [f"bed {i}" for i in range(43)]
    assert service.asked == [43, 13, 10]
    assert service.waits == [0.2, 0.4]


def test_async_gives_what_came_before_the_end() -> None:
    taken: list[int | None] = []

    async def ask() -> None:
        async with Ending((401, 30)).asynchronous() as client:
            async for answer in client.predict_many(ward(43)):
                taken.append(answer.line)

    with pytest.raises(Unauthenticated) as raised:
        asyncio.run(ask())
    assert taken == list(range(1, 31))
    assert raised.value.answered == 30


@pytest.mark.parametrize("status", [401, 403, 500])
def test_an_end_that_would_come_again_is_final(status: int) -> None:
    service = Ending((status, 30))
    take(service.client().predict_many(ward(43)))
    assert service.asked == [43]


def test_asking_for_the_others_ends_some_time() -> None:
    service = Ending(*[(503, 1)] * 10)
    taken, error = take(service.client().predict_many(ward(43)))
    assert service.asked == [43, 42, 41, 40]
    assert (len(taken), error.answered) == (4, 4)


@pytest.mark.parametrize("second, kind", [
    (httpx.Response(503, json=problem(503)), Unconfirmed), (httpx.Response(502), UnexpectedAnswer),
    (httpx.Response(401, json=problem(401)), Unauthenticated), (httpx.ReadTimeout("too late"), ConnectionFailed),
])
def test_an_error_for_a_whole_body_says_who_was_answered_before(
        second: httpx.Response | Exception, kind: type[SepsisError]) -> None:
    service, asked = Ending(), []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if len(asked) == 1:
            return service.answer(request)
        if isinstance(second, Exception):
            raise second
        return second

    taken, error = take(Client(transport=httpx.MockTransport(answer)).predict_many(ward(43), batch=10))
    assert type(error) is kind
    assert (len(taken), error.answered, len(asked)) == (10, 10, 2)


@pytest.mark.parametrize("third", ["{", "[]", json.dumps({**ANSWER, "line": 4}), ""])
def test_answers_before_one_that_is_none_are_given(third: str) -> None:
    text = "\n".join([json.dumps({**ANSWER, "line": 1}), json.dumps({**ANSWER, "line": 2}), third])
    taken, error = take(Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, text=text))).predict_many(ward(4)))
    assert isinstance(error, UnexpectedAnswer)
    assert (len(taken), error.answered) == (2, 2)


def test_more_answers_than_patients_are_not_understood() -> None:
    text = "\n".join([json.dumps(ANSWER)] * 3)
    client = Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, text=text)))
    assert isinstance(take(client.predict_many(ward(2)))[1], UnexpectedAnswer)


def test_the_real_service_ends_a_batch_of_too_many(tmp_path: Path) -> None:
    made = subprocess.run(
        [os.environ["SEPSIS_BINARY"], "key", "create", "--data-dir", str(tmp_path), "--name", "test", "--role", "predict"],
        stdout=subprocess.PIPE, text=True, check=True)
    limited = serving("--data-dir", str(tmp_path), "--require-keys", "--rate", "0.01", "--burst", "30")
    with limited as url, Client(url, api_key=made.stdout.split()[-1]) as client:
        taken, error = take(client.predict_many(ward(43)))
    assert isinstance(error, RateLimited)
    assert [answer.line for answer in taken] == list(range(1, 31))
    assert error.answered == 30
