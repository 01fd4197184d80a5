"""A measured value in a unit of one's own, and the base of what is sent."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Question(BaseModel):
    """The base of what is sent: a misspelt field, a text for a number or a NaN is an error at once."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Quantity(Question):
    """A value with its UCUM unit, such as ``Quantity(value=37, unit="mg/dL")``; the service converts it."""

    value: float | None
    unit: str


Measurement = float | Quantity | None
"""A number in the variable's own unit, a quantity, or None: not measured."""
