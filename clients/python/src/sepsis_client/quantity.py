"""A measured value in a unit of one's own, and the base of what is sent."""

from __future__ import annotations

from decimal import Decimal
from numbers import Real
from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator


class Question(BaseModel):
    """The base of what is sent: a misspelt field, a text for a number or a NaN is an error at once."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        """Takes numbers of other libraries, such as those of NumPy, as Python's own, and nothing else that can become one."""
        if isinstance(value, (bool, int, float)) or not hasattr(value, "__float__"):
            return value
        if not isinstance(value, (Real, Decimal)):
            raise ValueError(f"{type(value).__name__} is no number")
        try:
            return float(value)
        except OverflowError as error:
            raise ValueError("a number beyond all that can be measured") from error


class Quantity(Question):
    """A value with its UCUM unit, such as ``Quantity(value=37, unit="mg/dL")``; the service converts it."""

    value: float | None
    unit: str


Measurement = float | Quantity | None
"""A number in the variable's own unit, a quantity, or None: not measured."""
