"""What the service answers.

A newer service may add fields and codes. Fields that this version does not know are kept (``model_extra``), and codes
are plain strings, so that an upgrade of the service does not break its clients.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Label = Literal["Positive", "Negative"]


class Answer(BaseModel):
    """The base of all answers."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Problem(Answer):
    """One thing that is wrong with what was sent."""

    location: str = Field(description="where, such as body.observations[2].heart_rate")
    code: str
    message: str
    value: Any = Field(default=None, description="what was sent, when it is a scalar")
    hint: str | None = Field(default=None, description="how to cure it, when that can be told")

    def __str__(self) -> str:
        """One line: place, code, sentence, cure."""
        return f"{self.location} ({self.code}): {self.message}" + (f"; {self.hint}" if self.hint else "")


class HealthChecks(Answer):
    """What was checked: OK, or what is wrong; ``audit`` is off when no audit log is kept."""

    self_test: str
    audit: str


class AuditHealth(Answer):
    """How complete the audit log is since the service started; ``degraded`` for 10 minutes after a loss."""

    degraded: bool
    lost: int = Field(description="predictions that were given and are not on record")
    last_loss: datetime | None
    refused: int = Field(description="predictions that were not given, because they could not be recorded in time")


class Refusal(Answer):
    """RFC 9457: why a request, or one patient of many, was refused."""

    type: str
    title: str
    status: int
    detail: str | None = None
    errors: list[Problem] = []
    errors_omitted: int = Field(default=0, description="how many further problems are not listed")
    line: int | None = Field(default=None, description="of a patient among many: the place in their order, from 1")
    checks: HealthChecks | None = Field(default=None, description="of the health: what was found")
    audit: AuditHealth | None = Field(default=None, description="of the health: how complete the audit log is")
    index: int | None = Field(default=None, description="of a patient in an array: the place, from 0")

    def __str__(self) -> str:
        """What is wrong: the status, then a line for each problem."""
        first = f"{self.status} {self.title}" + (f": {self.detail}" if self.detail else "")
        return "\n".join([first, *(f"  {problem}" for problem in self.errors)])


class Warning(Answer):  # the service's word
    """One doubt about what was sent, or about the answer."""

    code: str
    location: str
    message: str
    hint: str | None = None


class Reason(Answer):
    """Why not to rely on an answer."""

    code: str
    message: str


class Reliability(Answer):
    """How far to trust an answer: ``good``, ``limited`` or ``indeterminate``."""

    level: str
    reasons: list[Reason]


class Score(Answer):
    """A bedside score. ``missing`` names the parts that are not known; they are never counted as 0."""

    value: int | None
    missing: list[str]
    maximum: int


class Moment(Answer):
    """The risk at one observation, from that and the earlier ones only."""

    icu_hour: int | None
    probability: float
    prediction: Label
    alert: bool
    risk_band: str
    reliability: str


class Contribution(Answer):
    """What one variable adds to ``raw_output``: above 0 where it raises the risk."""

    name: str = Field(description="a variable, a field of the stay, a bedside score or an explanation group of the vocabulary")
    value: float | None = Field(description="the latest value, in unit; None where none was measured")
    unit: str | None
    hours_ago: int | None
    choice: str | None = Field(default=None, description="the word, of a field that is a choice")
    contribution: float = Field(description="log-odds")


class ModelInfo(Answer):
    """The model that gave an answer; ``sha256`` is of its file."""

    name: str
    version: str
    sha256: str


class Prediction(Answer):
    """The answer for one patient."""

    id: str
    patient_id: str | None = None
    line: int | None = Field(default=None, description="of a patient among many: the place in their order, from 1")
    prediction: Label = Field(description="Positive exactly when probability >= threshold")
    probability: float = Field(description="the calibrated chance that sepsis sets in within the next 6 hours")
    threshold: float
    alert: bool
    alert_threshold: float
    risk_band: str
    reliability: Reliability
    explanation: list[Contribution] = Field(default=[], description="the largest part first; unless it was not wanted")
    base_value: float | None = Field(default=None, description="where every explanation begins; beside explanation")
    raw_output: float | None = Field(default=None, description="log-odds before calibration; beside explanation")
    scores: dict[str, Score]
    warnings: list[Warning]
    warnings_omitted: int = 0
    trajectory: list[Moment] = Field(default=[], description="only when it was asked for")
    model: ModelInfo


class Health(Answer):
    """Whether the service can predict."""

    status: Literal["OK"]
    checks: HealthChecks
    audit: AuditHealth | None = Field(default=None, description="None when no audit log is kept")


class Outcome(Answer):
    """What was told of a prediction: ``onset_hours`` from the prediction until onset, negative when it was before."""

    time: datetime
    caller: str
    septic: bool
    onset_hours: float | None


class Interval(Answer):
    """Both ends belong to it."""

    min: float
    max: float


class Languages(Answer):
    """A name in English and in French."""

    en: str
    fr: str


class Conversion(Answer):
    """How a value in another accepted unit becomes one in the variable's own: (value - offset) * numerator / denominator."""

    unit: str
    symbol: str
    offset: float
    numerator: float
    denominator: float


class Variable(Answer):
    """A measurement that can be sent."""

    name: str
    description: Languages
    challenge: str = Field(description="the column in the Challenge's files")
    group: str
    unit: str = Field(description="UCUM code of a plain number")
    symbol: str
    accepted_units: list[str]
    conversions: list[Conversion]
    loinc: list[str]
    hard: Interval = Field(description="outside, a value is refused")
    usual: Interval = Field(description="outside, a value gives a warning")


class StayVariable(Answer):
    """What describes the stay, or tells the hour of an observation."""

    name: str
    description: Languages
    challenge: list[str] = Field(description="the columns in the Challenge's files; two for the kind of unit")
    unit: str | None = None
    hard: Interval | None = None
    choices: list[str] = []
    required: bool


class ExplanationGroup(Answer):
    """What an explanation may name beside variables, fields of the stay and bedside scores."""

    name: str
    description: Languages


class Vocabulary(Answer):
    """Everything that can be sent."""

    variables: list[Variable]
    stay: list[StayVariable]
    explanation_groups: list[ExplanationGroup]
