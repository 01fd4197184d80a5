"""The contract without the network: which request belongs to a question, and what an answer means.

Both clients, the one that waits and the asynchronous one, are thin loops around this.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter, ValidationError

from .answers import Health, Outcome, Prediction, Refusal, Vocabulary
from .errors import ApiError, ConnectionFailed, SepsisError, UnexpectedAnswer, error_of
from .patient import Patient
from .retry import maybe_recorded, maybe_sent

JSON = "application/json"
NDJSON = "application/x-ndjson"

A = TypeVar("A")


@dataclass(frozen=True)
class Call:
    """A request, before it is sent."""

    method: str
    path: str
    accept: str = JSON
    content: bytes | None = None
    content_type: str = JSON
    query: Mapping[str, str] = field(default_factory=dict)
    last: bool = False
    """Whether the connection ends with it."""

    @property
    def safe(self) -> bool:
        """Whether it only reads, so that repeating it changes nothing."""
        return self.method == "GET"

    def headers(self) -> dict[str, str]:
        """The headers that belong to it."""
        headers = {"Accept": self.accept}
        if self.last:
            headers["Connection"] = "close"
        if self.content is not None:
            headers["Content-Type"] = self.content_type
        return headers


HEALTH = Call("GET", "/health")
VARIABLES = Call("GET", "/variables")
MODEL = Call("GET", "/model")


def predict(patient: Patient, trajectory: bool, explain: bool, hypothetical: bool) -> Call:
    """Asks for one patient."""
    return Call("POST", "/predict/patient", content=encode(patient), query=options(trajectory, explain, hypothetical))


@dataclass(frozen=True)
class Batch:
    """Some of many patients, in one request: a line each, and how many came before them."""

    lines: list[bytes]
    before: int

    def call(self, trajectory: bool, explain: bool, hypothetical: bool) -> Call:
        """Asks for them.

        The service hangs up after an answer that it ended early, a while later: what is asked on that connection until
        then is lost, so nothing is.
        """
        body = b"".join(line + b"\n" for line in self.lines)
        query = options(trajectory, explain, hypothetical)
        return Call("POST", "/predict/patients", NDJSON, body, NDJSON, query, last=True)

    def after(self, answered: int) -> Batch:
        """Those who are left."""
        return Batch(self.lines[answered:], self.before + answered)

    @contextmanager
    def located(self) -> Iterator[None]:
        """Has errors say how many patients were answered before these."""
        try:
            yield
        except SepsisError as error:
            error.answered = self.before
            raise

    def answers(self, answer: httpx.Response) -> Answers:
        """Reads the answer of /predict/patients: a line for each patient, in their order, until something ended it."""
        lines = success(answer).content.splitlines()
        given: list[Prediction | Refusal] = []
        try:
            for said in self._read(lines):
                given.append(said)
        except SepsisError as error:
            error.answered = self.before + len(given)
            return Answers(given, error)
        return Answers(given, None)

    def _read(self, lines: list[bytes]) -> Iterator[Prediction | Refusal]:
        """Gives the answers, and raises what ended them early."""
        for place, line in enumerate(lines, 1):
            said = read(_LINE.validate_json, line)
            if said.line not in (None, place):
                raise UnexpectedAnswer(f"the answer to line {said.line} stands in line {place}")
            if isinstance(said, Refusal) and place == len(lines) and self._ended_by(said, place):
                if place > len(self.lines):  # a service that shuts down may say so after the last patient
                    return
                raise error_of(said, maybe_recorded=False)
            if place > len(self.lines):
                raise UnexpectedAnswer(f"{len(lines)} answers to {len(self.lines)} patients")
            yield placed(said, self.before + place)
        if len(lines) < len(self.lines):
            raise UnexpectedAnswer(f"{len(lines)} answers to {len(self.lines)} patients: the answer broke off")

    def _ended_by(self, last: Refusal, place: int) -> bool:
        """Whether the last line says why no patient from its place on was read, rather than what is wrong with this one."""
        return place != len(self.lines) or last.status in OF_CALLER


OF_CALLER = frozenset({401, 403, 429})
"""What may end a batch, and is never said of one patient."""


@dataclass(frozen=True)
class Answers:
    """The answers to the first patients of a batch, and why there are no more; None: they are all."""

    given: list[Prediction | Refusal]
    end: SepsisError | None


def placed(answer: Prediction | Refusal, place: int) -> Prediction | Refusal:
    """An answer with the patient's place among all, whom the service knows by the line of this one request."""
    return answer.model_copy(update={"line": place})


def options(trajectory: bool, explain: bool, hypothetical: bool) -> dict[str, str]:
    """The query of a prediction."""
    query = {"trajectory": str(trajectory).lower(), "explain": str(explain).lower()}
    if hypothetical:
        query["hypothetical"] = "true"
    return query


def tell_outcome(prediction: str, septic: bool, onset_hours: float | None) -> Call:
    """Tells what turned out to be true of a prediction."""
    body: dict[str, Any] = {"septic": septic}
    if onset_hours is not None:
        body["onset_hours"] = onset_hours
    return Call("POST", f"/predictions/{quote(prediction, safe='')}/outcome", content=json.dumps(body, allow_nan=False).encode())


def outcome(answer: httpx.Response) -> Outcome:
    """Reads the answer of /predictions/{id}/outcome."""
    return read(Outcome.model_validate_json, success(answer).content)


def encode(patient: Patient) -> bytes:
    """The patient as JSON, without what was not measured."""
    if not isinstance(patient, Patient):
        raise TypeError(f"a Patient is expected, not {type(patient).__name__}; of a mapping, Patient(**mapping) makes one")
    return patient.model_dump_json(exclude_none=True).encode()


def batches(patients: Iterable[Patient], size: int, most_bytes: int) -> Iterator[Batch]:
    """Cuts a stream of patients into bodies of at most so many lines and, unless one line is longer, bytes."""
    if size < 1:
        raise ValueError(f"a batch of {size} patients: at least 1 is needed")
    lines: list[bytes] = []
    length = before = 0
    for patient in patients:
        line = encode(patient)
        if lines and (len(lines) == size or length + len(line) > most_bytes):
            yield Batch(lines, before)
            before += len(lines)
            lines, length = [], 0
        lines.append(line)
        length += len(line)
    if lines:
        yield Batch(lines, before)


def health(answer: httpx.Response) -> Health:
    """Reads the answer of /health."""
    return read(Health.model_validate_json, success(answer).content)


def vocabulary(answer: httpx.Response) -> Vocabulary:
    """Reads the answer of /variables."""
    return read(Vocabulary.model_validate_json, success(answer).content)


def model_card(answer: httpx.Response) -> dict[str, Any]:
    """Reads the answer of /model."""
    return read(_CARD.validate_json, success(answer).content)


def prediction(answer: httpx.Response) -> Prediction:
    """Reads the answer of /predict/patient."""
    return read(Prediction.model_validate_json, success(answer).content)


_CARD: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
_LINE: TypeAdapter[Prediction | Refusal] = TypeAdapter(Prediction | Refusal)


def read(understand: Callable[[bytes], A], content: bytes) -> A:
    """Reads what a good answer holds, as JSON of some kind."""
    try:
        return understand(content)
    except ValidationError as error:
        raise UnexpectedAnswer(f"the answer is not as the contract says: {error}") from error


def success(answer: httpx.Response) -> httpx.Response:
    """Gives a 200 answer back, and raises what any other says."""
    if answer.status_code == httpx.codes.OK:
        return answer
    raise refusal(answer)


def refusal(answer: httpx.Response) -> ApiError | UnexpectedAnswer:
    """The exception of an answer that is not 200."""
    try:
        said = Refusal.model_validate_json(answer.content)
    except ValidationError:
        kind = answer.headers.get("Content-Type", "no Content-Type")
        return UnexpectedAnswer(f"status {answer.status_code} with {kind}, which this service does not send")
    return error_of(said, maybe_recorded=answer.request.method != "GET" and maybe_recorded(answer))


def failure(error: httpx.RequestError, url: str) -> ConnectionFailed | UnexpectedAnswer:
    """The exception of a request without an answer, or with one of which not even the bytes can be had."""
    what = str(error) or type(error).__name__
    if isinstance(error, httpx.DecodingError):
        return UnexpectedAnswer(f"the answer from {url} is not in the encoding that it says: {what}")
    return ConnectionFailed(f"no answer from {url}: {what}", sent=maybe_sent(error))


def peer(url: str, api_key: str | None) -> dict[str, Any]:
    """Whom a client of httpx asks and how it says who it is.

    A proxy that the environment names (HTTP_PROXY, ALL_PROXY) is not for this very machine: it could not reach it, and
    would read the key.
    """
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ValueError(f"{url!r} is not the URL of a service: {error}") from error
    if address.scheme not in ("http", "https") or not address.host:
        raise ValueError(f"{url!r} is not the URL of a service; it begins with http:// or https://")
    return {
        "base_url": url, "headers": credentials(url, api_key), "trust_env": not loopback(address.host),
    }


def credentials(url: str, api_key: str | None) -> dict[str, str]:
    """The header that carries the key. It is not sent in the clear, except to this very machine.

    A key that no header can hold is refused here, without repeating it: the error of the HTTP library would show it.
    """
    if api_key is None:
        return {}
    if not re.fullmatch(r"[!-~]+", api_key):
        raise ValueError("the API key is empty or has a space, a line break or a letter that no key has; see how it was read")
    address = httpx.URL(url)
    if address.scheme != "https" and not loopback(address.host):
        raise ValueError(f"{url} would send the API key in the clear; use https")
    return {"Authorization": f"Bearer {api_key}"}


def loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def tls(ca_file: str | None, certificate: tuple[str, str] | None) -> ssl.SSLContext:
    """How to check the service's certificate, and how to show one's own: a file and that of its key."""
    context = ssl.create_default_context(cafile=ca_file)
    if certificate is not None:
        context.load_cert_chain(*certificate)
    return context
