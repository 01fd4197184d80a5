"""What the service is asked."""

from __future__ import annotations

from typing import Literal

from .measurements import Measurements


class Observation(Measurements):
    """What was measured in one hour of the stay."""

    icu_hour: float
    """Hours since ICU admission. Whole hours count: 1 is the first hour, and 2.5 belongs to hour 3."""


class Patient(Measurements):
    """One patient, in one of two forms: the measurements of the present hour, or a history in ``observations``.

    Only types are checked here. Whether the values can be true is for the service to say, which lists everything that
    is wrong, with the cure (:class:`~sepsis_client.InvalidPatient`). None means: not measured.
    """

    age: float
    """In years; the model is for adults."""
    sex: Literal["male", "female"] | None = None
    icu_unit: Literal["medical", "surgical"] | None = None
    hours_in_hospital_before_icu: float | None = None
    patient_id: str | None = None
    """An opaque name that the answer repeats; the model does not use it."""
    icu_hour: float | None = None
    """Of the present hour; with ``observations`` each of them has its own."""
    observations: list[Observation] | None = None
    """The earliest first."""
