"""When requests are repeated, with a service that fails on demand."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from mocked import Mocked

from sepsis_client import (
    Client,
    ConnectionFailed,
    Forbidden,
    NotFound,
    Patient,
    RateLimited,
    Retry,
    SepsisError,
    Unauthenticated,
    Unavailable,
    Unconfirmed,
    UnexpectedAnswer,
)

REFUSAL_TYPE = "application/problem+json"
Step = int | tuple[int, str] | Exception
"""A status, a status with Retry-After, or what goes wrong on the way."""


class Service(Mocked):
    """Answers as the steps say, and then with a healthy 200."""

    def __init__(self, *steps: Step) -> None:
        super().__init__()
        self.steps: Iterator[Step] = iter(steps)
        self.asked = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        step = next(self.steps, 200)
        if isinstance(step, Exception):
            raise step
        status, headers = (step[0], {"Retry-After": step[1]}) if isinstance(step, tuple) else (step, {})
        if status == 200:
            return httpx.Response(200, json={"status": "OK", "checks": {"self_test": "OK", "audit": "OK"}})
        problem = {"type": "about:blank", "title": "No", "status": status}
        return httpx.Response(status, json=problem, headers={"Content-Type": REFUSAL_TYPE, **headers})


def lost() -> Exception:
    return httpx.ReadTimeout("no answer in time")


def unreachable() -> Exception:
    return httpx.ConnectError("refused")


PATIENT = Patient(age=54, heart_rate=80)


def test_refusals_and_unreachable_services_are_asked_again_ever_later() -> None:
    service = Service(503, 429, unreachable())
    assert service.client().health().status == "OK"
    assert service.waits == [0.2, 0.4, 0.8]


def test_async_waits_the_same() -> None:
    service = Service(503, unreachable())

    async def ask() -> str:
        async with service.asynchronous() as client:
            return (await client.health()).status

    assert asyncio.run(ask()) == "OK"
    assert service.waits == [0.2, 0.4]


def test_retry_after_is_the_least_wait() -> None:
    service = Service((429, "3"), (503, "not a number"))
    service.client().health()
    assert service.waits == [3.0, 0.4]


def test_a_wait_that_is_too_long_is_not_waited() -> None:
    service = Service((503, "11"))
    with pytest.raises(Unavailable):
        service.client().health()
    assert service.waits == []


def test_the_last_refusal_is_raised() -> None:
    service = Service(503, 503, 429)
    with pytest.raises(RateLimited):
        service.client(retry=Retry(attempts=3)).health()
    assert service.asked == 3


@pytest.mark.parametrize("step", [(503, "1"), 429, unreachable()])
def test_a_prediction_that_was_not_made_is_asked_for_again(step: Step) -> None:
    service = Service(step)
    with pytest.raises(UnexpectedAnswer):  # the second answer is one about health
        service.client().predict(PATIENT)
    assert service.asked == 2


@pytest.mark.parametrize("step", [lost(), httpx.RemoteProtocolError("broke off"), 502, 503, 504])
def test_a_prediction_that_may_have_been_made_is_not_asked_for_again(step: Step) -> None:
    service = Service(step)
    with pytest.raises(SepsisError):
        service.client().predict(PATIENT)
    assert service.asked == 1


def test_unless_that_is_wished() -> None:
    service = Service(lost(), 502, 503)
    with pytest.raises(UnexpectedAnswer):
        service.client(retry=Retry(repeat_doubtful=True)).predict(PATIENT)
    assert service.asked == 4


@pytest.mark.parametrize("ask", [
    lambda client: client.predict(PATIENT),
    lambda client: list(client.predict_many([PATIENT])),
    lambda client: client.tell_outcome("1", septic=True),
])
def test_a_record_that_was_not_confirmed_has_an_error_of_its_own(ask: Callable[[Client], Any]) -> None:
    service = Service(503)
    with pytest.raises(Unconfirmed, match="may be on record nevertheless"):
        ask(service.client())
    assert service.asked == 1


def test_async_does_not_ask_again_either() -> None:
    service = Service(503)

    async def ask() -> None:
        async with service.asynchronous() as client:
            await client.predict(PATIENT)

    with pytest.raises(Unconfirmed):
        asyncio.run(ask())
    assert service.asked == 1


@pytest.mark.parametrize("step, ask", [
    (503, lambda client: client.health()),
    ((503, "11"), lambda client: client.predict(PATIENT)),
])
def test_what_only_reads_or_was_refused_beforehand_is_not_in_doubt(step: Step, ask: Callable[[Client], Any]) -> None:
    with pytest.raises(Unavailable) as raised:
        ask(Service(step).client(retry=Retry(attempts=1)))
    assert type(raised.value) is Unavailable


def test_what_only_reads_is_always_asked_again() -> None:
    service = Service(lost(), 504)
    assert service.client().health().status == "OK"


@pytest.mark.parametrize("step, sent", [(lost(), True), (unreachable(), False)])
def test_an_error_says_whether_the_request_may_have_arrived(step: Step, sent: bool) -> None:
    with pytest.raises(ConnectionFailed) as raised:
        Service(step).client(retry=Retry(attempts=1)).predict(PATIENT)
    assert raised.value.sent is sent


@pytest.mark.parametrize("status, kind", [(401, Unauthenticated), (403, Forbidden), (404, NotFound)])
def test_other_refusals_are_final(status: int, kind: type[SepsisError]) -> None:
    service = Service(status)
    with pytest.raises(kind):
        service.client().predict(PATIENT)
    assert service.asked == 1


def test_an_answer_that_cannot_be_decoded_is_no_answer() -> None:
    broken = httpx.DecodingError("Error -3 while decompressing data")
    service = Service(broken, broken)
    with pytest.raises(UnexpectedAnswer, match="decompressing"):
        service.client().predict(PATIENT)
    assert service.asked == 1
    assert service.client().health().status == "OK"


@pytest.mark.parametrize("content", [b"<h1>lost</h1>", b"[]", b"", b"\xff", b"[" * 100_000])
@pytest.mark.parametrize("ask", [
    Client.health, Client.variables, Client.model_card, lambda client: client.predict(PATIENT),
    lambda client: list(client.predict_many([PATIENT])), lambda client: client.tell_outcome("1", septic=True),
])
def test_a_good_status_with_something_else_is_no_answer(ask: Callable[[Client], Any], content: bytes) -> None:
    client = Client(transport=httpx.MockTransport(lambda request: httpx.Response(200, content=content)))
    with pytest.raises(UnexpectedAnswer):
        ask(client)


def test_a_body_that_is_not_compressed_as_it_says() -> None:
    stream = httpx.ByteStream(b"not gzip")
    transport = httpx.MockTransport(lambda request: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=stream))
    with pytest.raises(UnexpectedAnswer, match="encoding"):
        Client(transport=transport, retry=Retry(attempts=1)).health()


def test_a_page_of_a_proxy_is_no_answer() -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(404, html="<h1>lost</h1>"))
    with pytest.raises(UnexpectedAnswer, match="404 with text/html"):
        Client(transport=transport).health()
