"""The client that waits for its answers."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from types import TracebackType
from typing import Any

import httpx

from . import wire
from .answers import Health, Outcome, Prediction, Refusal, Vocabulary
from .patient import Patient
from .retry import Retry

BATCH_PATIENTS = 100
"""Patients in one request of a batch."""

BATCH_BYTES = 256 << 10
"""Bytes in one request of a batch: so few that both sides can hold them while neither reads yet."""


class Client:
    """Asks the service. Safe to share between threads; close it, or use it as a context manager.

    ``url``: of the service, such as ``https://sepsis.hospital.example``.
    ``api_key``: sent as a bearer token, never in the clear to another machine. A service on this one is asked without
    the proxy that the environment may name.
    ``ca_file``: certificates of a private authority (PEM); the system's otherwise.
    ``certificate``: this client's own certificate and key (PEM files), for mutual TLS.
    ``timeout``: seconds for connecting, and for each read and write.
    ``retry``: see :class:`~sepsis_client.Retry`.
    ``transport``, ``sleep``, ``draw``: for tests: what sends, waits and draws from 0 to 1.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8080",
        *,
        api_key: str | None = None,
        ca_file: str | None = None,
        certificate: tuple[str, str] | None = None,
        timeout: float = 30.0,
        retry: Retry | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        draw: Callable[[], float] = random.random,
    ) -> None:
        """Does not connect yet."""
        self._url = url
        self._retry = retry or Retry()
        self._sleep = sleep
        self._draw = draw
        self._http = httpx.Client(
            transport=transport, timeout=timeout, verify=wire.tls(ca_file, certificate), **wire.peer(url, api_key),
        )

    def __enter__(self) -> Client:
        """Gives itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Closes the connections."""
        self.close()

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def health(self) -> Health:
        """Whether the service can predict; raises :class:`~sepsis_client.Unavailable` when it cannot."""
        return wire.health(self._ask(wire.HEALTH))

    def variables(self) -> Vocabulary:
        """What can be sent: names, units, ranges."""
        return wire.vocabulary(self._ask(wire.VARIABLES))

    def model_card(self) -> dict[str, Any]:
        """The model card: training data, intended use, limits, figures."""
        return wire.model_card(self._ask(wire.MODEL))

    def predict(
        self, patient: Patient, *, trajectory: bool = False, explain: bool = True, hypothetical: bool = False,
    ) -> Prediction:
        """Foresees sepsis in one patient; with what drives the risk, and with its course over the hours, if asked.

        ``hypothetical``: this is not of a patient as they are, but a what-if, an invented patient or a test. The service
        records it as such and leaves it out of its monitoring.
        """
        return wire.prediction(self._ask(wire.predict(patient, trajectory, explain, hypothetical)))

    def predict_many(
        self, patients: Iterable[Patient], *, trajectory: bool = False, explain: bool = False, hypothetical: bool = False,
        batch: int = BATCH_PATIENTS,
    ) -> Iterator[Prediction | Refusal]:
        """Foresees sepsis in many patients; answers come in their order, and memory does not grow with their number.

        A patient who is refused gets a :class:`~sepsis_client.Refusal` and does not stop the others; its ``line`` is the
        place among all patients, from 1. The patients are
        sent in bodies of a bounded size, one after the other: the HTTP library does not read while it writes.

        When the service ends early what it was asked (a key that was revoked, too many patients), all answers until then
        are given before the error is raised, whose ``answered`` says how many these were.
        """
        for part in wire.batches(patients, batch, BATCH_BYTES):
            yield from self._answers(part, trajectory, explain, hypothetical)

    def tell_outcome(self, prediction: str, *, septic: bool, onset_hours: float | None = None) -> Outcome:
        """Tells what turned out to be true of a prediction, by its id; the service's monitoring lives on it.

        ``septic``: whether sepsis set in within 6 hours, or was there already. ``onset_hours``: from the prediction until
        onset, negative when it was before. Earlier tellings stay on record; the last counts.
        """
        return wire.outcome(self._ask(wire.tell_outcome(prediction, septic, onset_hours)))

    def _answers(self, part: wire.Batch, trajectory: bool, explain: bool, hypothetical: bool) -> Iterator[Prediction | Refusal]:
        """Asks for one body of patients, and again for those whom the service did not come to, as long as that is right."""
        for attempt in count(1):
            with part.located():
                answers = part.answers(self._ask(part.call(trajectory, explain, hypothetical)))
            yield from answers.given
            if answers.end is None:
                return
            wait = self._retry.after_end(answers.end, attempt, self._draw)
            if wait is None:
                raise answers.end
            self._sleep(wait)
            part = part.after(len(answers.given))

    def _ask(self, call: wire.Call) -> httpx.Response:
        """Sends, and again as long as that is right."""
        for attempt in count(1):
            try:
                answer = self._http.request(
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
            self._sleep(wait)
        raise AssertionError("count does not end")
