"""The contract without the network: which request belongs to a question, and what an answer means.

Both clients, the one that waits and the asynchronous one, are thin loops around this.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from .answers import Health, Outcome, Prediction, Refusal, Vocabulary
from .errors import ApiError, ConnectionFailed, UnexpectedAnswer, error_of
from .patient import Patient
from .retry import maybe_recorded, maybe_sent

JSON = "application/json"
NDJSON = "application/x-ndjson"

A = TypeVar("A", bound=BaseModel)


@dataclass(frozen=True)
class Call:
    """A request, before it is sent."""

    method: str
    path: str
    accept: str = JSON
    content: bytes | None = None
    content_type: str = JSON
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def safe(self) -> bool:
        """Whether it only reads, so that repeating it changes nothing."""
        return self.method == "GET"

    def headers(self) -> dict[str, str]:
        """The headers that belong to it."""
        headers = {"Accept": self.accept}
        if self.content is not None:
            headers["Content-Type"] = self.content_type
        return headers


HEALTH = Call("GET", "/health")
VARIABLES = Call("GET", "/variables")
MODEL = Call("GET", "/model")


def predict(patient: Patient, trajectory: bool, explain: bool, hypothetical: bool) -> Call:
    """Asks for one patient."""
    return Call("POST", "/predict/patient", content=encode(patient), query=options(trajectory, explain, hypothetical))


def predict_many(lines: Iterable[bytes], trajectory: bool, explain: bool, hypothetical: bool) -> Call:
    """Asks for several patients, a line each."""
    body = b"".join(line + b"\n" for line in lines)
    return Call("POST", "/predict/patients", NDJSON, body, NDJSON, options(trajectory, explain, hypothetical))


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
    return read(Outcome, success(answer))


def encode(patient: Patient) -> bytes:
    """The patient as JSON, without what was not measured."""
    return patient.model_dump_json(exclude_none=True).encode()


def batches(patients: Iterable[Patient], size: int, most_bytes: int) -> Iterator[list[bytes]]:
    """Cuts a stream of patients into bodies of at most so many lines and, unless one line is longer, bytes."""
    if size < 1:
        raise ValueError(f"a batch of {size} patients: at least 1 is needed")
    lines: list[bytes] = []
    length = 0
    for patient in patients:
        line = encode(patient)
        if lines and (len(lines) == size or length + len(line) > most_bytes):
            yield lines
            lines, length = [], 0
        lines.append(line)
        length += len(line)
    if lines:
        yield lines


def health(answer: httpx.Response) -> Health:
    """Reads the answer of /health."""
    return read(Health, success(answer))


def vocabulary(answer: httpx.Response) -> Vocabulary:
    """Reads the answer of /variables."""
    return read(Vocabulary, success(answer))


def model_card(answer: httpx.Response) -> dict[str, Any]:
    """Reads the answer of /model."""
    card = success(answer).json()
    if not isinstance(card, dict):
        raise UnexpectedAnswer("the model card is no JSON object")
    return card


def prediction(answer: httpx.Response) -> Prediction:
    """Reads the answer of /predict/patient."""
    return read(Prediction, success(answer))


def predictions(answer: httpx.Response, asked: int) -> list[Prediction | Refusal]:
    """Reads the answer of /predict/patients: a line for each patient, in their order."""
    lines = success(answer).content.splitlines()
    if len(lines) != asked:
        raise UnexpectedAnswer(f"{len(lines)} answers to {asked} patients: the answer broke off")
    return [line_of(line) for line in lines]


_OUTCOME: TypeAdapter[Prediction | Refusal] = TypeAdapter(Prediction | Refusal)


def line_of(line: bytes) -> Prediction | Refusal:
    """Reads one line of a batch's answer."""
    try:
        return _OUTCOME.validate_json(line)
    except ValidationError as error:
        raise UnexpectedAnswer(f"a line of the answer is not as the contract says: {error}") from error


def read(kind: type[A], answer: httpx.Response) -> A:
    """Reads a JSON answer."""
    try:
        return kind.model_validate_json(answer.content)
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


def failure(error: httpx.TransportError, url: str) -> ConnectionFailed:
    """The exception of a request without an answer."""
    what = str(error) or type(error).__name__
    return ConnectionFailed(f"no answer from {url}: {what}", sent=maybe_sent(error))


def credentials(url: str, api_key: str | None) -> dict[str, str]:
    """The header that carries the key. It is not sent in the clear, except to this very machine."""
    if api_key is None:
        return {}
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
