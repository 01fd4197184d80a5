"""When to ask again, and after how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import httpx

from .errors import RateLimited, SepsisError, Unavailable

REPEATED = frozenset({429, 502, 503, 504})
"""Not answered, and perhaps better the next time: too many requests, or a service or an answer that is away at present."""


@dataclass(frozen=True)
class Retry:
    """How often to ask again, and how long to wait in between.

    Each prediction that the service makes is kept in its audit log, under an id of its own. So a request is repeated
    only when no prediction came of it: it could not be delivered, or it was refused beforehand (429, and 503 with
    Retry-After). When the answer was lost on the way (a time-out, a broken connection, 502, 504), or was withheld
    because its record was not confirmed in time (503 without Retry-After), a prediction may be on record; asking again
    may put a second one there, and count one alarm twice in the monitoring. Whoever prefers that to an error sets
    ``repeat_doubtful``. Of many patients, those whom the service had not read when it ended its answer (429, 503) are
    asked for again, and nobody before them. What only reads is always repeated.
    """

    attempts: int = 4
    """In all; 1 is: never again."""
    first_wait: float = 0.2
    """Seconds. Each wait is drawn from half of it to all of it, and doubles; Retry-After is the least."""
    longest_wait: float = 10.0
    """Seconds. When the service asks for a longer wait, its refusal is raised instead."""
    repeat_doubtful: bool = False

    def after_failure(self, error: httpx.RequestError, attempt: int, safe: bool, draw: Callable[[], float]) -> float | None:
        """How long to wait after an attempt without an answer; None: not again."""
        if maybe_sent(error) and not (safe or self.repeat_doubtful):
            return None
        return self._wait(attempt, 0.0, draw)

    def after_answer(self, answer: httpx.Response, attempt: int, safe: bool, draw: Callable[[], float]) -> float | None:
        """How long to wait after an answer; None: it is the last word."""
        if answer.status_code not in REPEATED:
            return None
        if maybe_recorded(answer) and not (safe or self.repeat_doubtful):
            return None
        return self._wait(attempt, retry_after(answer), draw)

    def after_end(self, error: SepsisError, attempt: int, draw: Callable[[], float]) -> float | None:
        """How long to wait after an answer to many that ended early, to ask for the others; None: not for them.

        The service had not read these yet, so that nothing of them is on record.
        """
        if not isinstance(error, (RateLimited, Unavailable)):
            return None
        return self._wait(attempt, 0.0, draw)

    def _wait(self, attempt: int, least: float, draw: Callable[[], float]) -> float | None:
        if attempt >= self.attempts or least > self.longest_wait:
            return None
        backoff = min(self.first_wait * 2.0 ** (attempt - 1), self.longest_wait)
        return max(least, backoff * (0.5 + draw() / 2))


def maybe_sent(error: httpx.RequestError) -> bool:
    """Whether the service may have received the request."""
    return not isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol))


def maybe_recorded(answer: httpx.Response) -> bool:
    """Whether what was asked may be on record, though this is no answer to it.

    502 and 504 are of a balancer that lost the service's answer. A 503 that says when to come back was given before
    anything was done; one without Retry-After may be of an audit log that did not confirm the record in time.
    """
    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        return "Retry-After" not in answer.headers
    return answer.status_code in (httpx.codes.BAD_GATEWAY, httpx.codes.GATEWAY_TIMEOUT)


def retry_after(answer: httpx.Response) -> float:
    """The seconds of Retry-After; 0 without it. The service sends seconds, never a date."""
    try:
        return max(0.0, float(answer.headers.get("Retry-After", "0")))
    except ValueError:
        return 0.0
