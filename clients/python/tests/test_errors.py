"""Errors, away from the service."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Iterator

import pytest

from sepsis_client import ApiError, ConnectionFailed, Problem, Refusal, SepsisError, UnexpectedAnswer, errors

REFUSAL = Refusal(
    type="about:blank", title="Unprocessable Content", status=422, detail="It is not coherent.", line=3,
    errors=[Problem(location="body.age", code="out_of_range", message="age is 900", value=900, hint="send years")],
)


def of_every_kind(kind: type[SepsisError] = SepsisError) -> Iterator[SepsisError]:
    """An error of each class, those to come included."""
    if issubclass(kind, ApiError):
        yield kind(REFUSAL)
    elif issubclass(kind, ConnectionFailed):
        yield from (kind("no answer", sent=sent) for sent in (True, False))
    else:
        yield kind("an answer of nobody")
    for narrower in kind.__subclasses__():
        yield from of_every_kind(narrower)


def test_every_public_error_is_of_a_kind() -> None:
    public = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)}
    assert public == {type(error) for error in of_every_kind()}
    assert {UnexpectedAnswer, ConnectionFailed, ApiError} < public


@pytest.mark.parametrize("error", list(of_every_kind()), ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_error_comes_back_from_another_process_as_it_was(error: SepsisError, protocol: int) -> None:
    if sys.version_info >= (3, 11):
        error.add_note("asked for ward 7")
    error.answered = 300
    for back in (pickle.loads(pickle.dumps(error, protocol)), copy.copy(error)):
        assert type(back) is type(error)
        assert (str(back), back.args, vars(back)) == (str(error), error.args, vars(error))
