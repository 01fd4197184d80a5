"""What can go wrong, as exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .answers import Problem, Refusal

if TYPE_CHECKING:  # tables are an extra
    import pandas as pd


class SepsisError(Exception):
    """The base of all errors of this package. They survive pickling, as on the way back from another process.

    ``answered``: among many patients, how many, in their order, were answered before: the next one is the first without an
    answer. None: it is not about many.
    ``frame``: of a table, what :mod:`sepsis_client.frames` would have given for these patients. They are on record: ask
    again for the others alone. None: it is not about a table.
    """

    answered: int | None = None
    frame: pd.DataFrame | None = None

    def __str__(self) -> str:
        """What is wrong and, among many patients, from where on there are no answers."""
        message = super().__str__()
        if self.answered is None:
            return message
        return f"{message}\n  patients answered before: {self.answered}; the first without an answer: number {self.answered + 1}"

    def __reduce__(self) -> tuple[Any, ...]:
        """Restores message and fields as they are: an error is not made from its message."""
        return _uninitialised, (type(self), self.args), self.__dict__


def _uninitialised(kind: type[SepsisError], args: tuple[Any, ...]) -> SepsisError:
    return kind.__new__(kind, *args)


class ConnectionFailed(SepsisError):
    """There was no answer: refused, timed out or broken off.

    ``sent`` is False when the request cannot have reached the service. When it is True, the service may have made a
    prediction, and recorded it, that nobody has read.
    """

    def __init__(self, message: str, *, sent: bool) -> None:
        """Keeps whether the request may have reached the service."""
        super().__init__(message)
        self.sent = sent


class UnexpectedAnswer(SepsisError):
    """The answer is none of this service's: perhaps a proxy stands before it."""


class ApiError(SepsisError):
    """The service said no. Subclasses are for what a program may want to tell apart."""

    def __init__(self, refusal: Refusal) -> None:
        """Keeps what the service said."""
        super().__init__(str(refusal))
        self.refusal = refusal

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.refusal.status

    @property
    def problems(self) -> list[Problem]:
        """Everything that is wrong with what was sent, in the order in which it stands there."""
        return self.refusal.errors


class InvalidPatient(ApiError):
    """422: what was sent, of a patient or an outcome, is not coherent.

    ``problems`` has the place, the code and the cure of each fault.
    """


class Unauthenticated(ApiError):
    """401: no key, or one that does not hold."""


class Forbidden(ApiError):
    """403: the key does not allow this."""


class NotFound(ApiError):
    """404: there is no such prediction or route."""


class RateLimited(ApiError):
    """429: too many requests, also after the retries."""


class Unavailable(ApiError):
    """503: overloaded, shutting down, or without a model that can be trusted, also after the retries."""


class Unconfirmed(Unavailable):
    """503 without Retry-After, to a prediction or an outcome: there is no answer, but it may be on record.

    So the service says when its audit log did not confirm the record in time. It is not asked again by itself.
    """

    def __init__(self, refusal: Refusal) -> None:
        """Adds what the service cannot say."""
        super().__init__(refusal)
        self.args = (f"{refusal}\n  it may be on record nevertheless; asking again may put it there twice",)


_BY_STATUS: dict[int, type[ApiError]] = {
    401: Unauthenticated, 403: Forbidden, 404: NotFound, 422: InvalidPatient, 429: RateLimited, 503: Unavailable,
}


def error_of(refusal: Refusal, *, maybe_recorded: bool) -> ApiError:
    """Makes the exception that belongs to a status, and to what may be on record."""
    if maybe_recorded and refusal.status == 503:
        return Unconfirmed(refusal)
    return _BY_STATUS.get(refusal.status, ApiError)(refusal)
