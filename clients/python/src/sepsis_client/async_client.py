"""The asynchronous client."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from itertools import count
from types import TracebackType
from typing import Any

import httpx

from . import wire
from .answers import Health, Outcome, Prediction, Refusal, Vocabulary
from .client import BATCH_BYTES, BATCH_PATIENTS
from .patient import Patient
from .retry import Retry


class AsyncClient:
    """Asks the service without blocking; parameters and methods are those of :class:`~sepsis_client.Client`."""

    def __init__(
        self,
        url: str = "http://127.0.0.1:8080",
        *,
        api_key: str | None = None,
        ca_file: str | None = None,
        certificate: tuple[str, str] | None = None,
        timeout: float = 30.0,
        retry: Retry | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        """Does not connect yet."""
        self._url = url
        self._retry = retry or Retry()
        self._sleep = sleep
        self._draw = draw
        self._http = httpx.AsyncClient(
            transport=transport, timeout=timeout, verify=wire.tls(ca_file, certificate), **wire.peer(url, api_key),
        )

    async def __aenter__(self) -> AsyncClient:
        """Gives itself."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        """Closes the connections."""
        await self.close()

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def health(self) -> Health:
        """Whether the service can predict; raises :class:`~sepsis_client.Unavailable` when it cannot."""
        return wire.health(await self._ask(wire.HEALTH))

    async def variables(self) -> Vocabulary:
        """What can be sent: names, units, ranges."""
        return wire.vocabulary(await self._ask(wire.VARIABLES))

    async def model_card(self) -> dict[str, Any]:
        """The model card: training data, intended use, limits, figures."""
        return wire.model_card(await self._ask(wire.MODEL))

    async def predict(
        self, patient: Patient, *, trajectory: bool = False, explain: bool = True, hypothetical: bool = False,
    ) -> Prediction:
        """Foresees sepsis in one patient; with what drives the risk, and with its course over the hours, if asked."""
        return wire.prediction(await self._ask(wire.predict(patient, trajectory, explain, hypothetical)))

    async def predict_many(
        self, patients: Iterable[Patient], *, trajectory: bool = False, explain: bool = False, hypothetical: bool = False,
        batch: int = BATCH_PATIENTS,
    ) -> AsyncIterator[Prediction | Refusal]:
        """Foresees sepsis in many patients; answers come in their order, and memory does not grow with their number."""
        for part in wire.batches(patients, batch, BATCH_BYTES):
            async for answer in self._answers(part, trajectory, explain, hypothetical):
                yield answer

    async def tell_outcome(self, prediction: str, *, septic: bool, onset_hours: float | None = None) -> Outcome:
        """Tells what turned out to be true of a prediction, by its id; the service's monitoring lives on it.

        ``septic``: whether sepsis set in within 6 hours, or was there already. ``onset_hours``: from the prediction until
        onset, negative when it was before. Earlier tellings stay on record; the last counts.
        """
        return wire.outcome(await self._ask(wire.tell_outcome(prediction, septic, onset_hours)))

    async def _answers(
        self, part: wire.Batch, trajectory: bool, explain: bool, hypothetical: bool,
    ) -> AsyncIterator[Prediction | Refusal]:
        """Asks for one body of patients, and again for those whom the service did not come to, as long as that is right."""
        for attempt in count(1):
            with part.located():
                answers = part.answers(await self._ask(part.call(trajectory, explain, hypothetical)))
            for answer in answers.given:
                yield answer
            if answers.end is None:
                return
            wait = self._retry.after_end(answers.end, attempt, self._draw)
            if wait is None:
                raise answers.end
            await self._sleep(wait)
            part = part.after(len(answers.given))

    async def _ask(self, call: wire.Call) -> httpx.Response:
        """Sends, and again as long as that is right."""
        for attempt in count(1):
            try:
                answer = await self._http.request(
                    call.method, call.path, content=call.content, params=call.query, headers=call.headers(),
                )
            except httpx.RequestError as error:
                wait = self._retry.after_failure(error, attempt, call.safe, self._draw)
                if wait is None:
                    raise wire.failure(error, self._url) from error
            else:
                wait = self._retry.after_answer(answer, attempt, call.safe, self._draw)
                if wait is None:
                    return answer
            await self._sleep(wait)
        raise AssertionError("count does not end")
