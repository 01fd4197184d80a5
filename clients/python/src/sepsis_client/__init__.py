"""Typed client of the Sepsis service. Research use only; not a medical device."""

from .answers import (
    Health,
    Interval,
    Label,
    ModelInfo,
    Moment,
    Prediction,
    Problem,
    ProblemDetails,
    Reason,
    Refusal,
    Reliability,
    Score,
    StayVariable,
    Variable,
    Vocabulary,
    Warning,
)
from .async_client import AsyncClient
from .client import Client
from .errors import (
    ApiError,
    ConnectionFailed,
    Forbidden,
    InvalidPatient,
    NotFound,
    RateLimited,
    SepsisError,
    Unauthenticated,
    Unavailable,
    UnexpectedAnswer,
)
from .patient import Observation, Patient
from .quantity import Measurement, Quantity
from .retry import Retry

__all__ = [
    "ApiError",
    "AsyncClient",
    "Client",
    "ConnectionFailed",
    "Forbidden",
    "Health",
    "Interval",
    "InvalidPatient",
    "Label",
    "Measurement",
    "ModelInfo",
    "Moment",
    "NotFound",
    "Observation",
    "Patient",
    "Prediction",
    "Problem",
    "ProblemDetails",
    "Quantity",
    "RateLimited",
    "Reason",
    "Refusal",
    "Reliability",
    "Retry",
    "Score",
    "SepsisError",
    "StayVariable",
    "Unauthenticated",
    "Unavailable",
    "UnexpectedAnswer",
    "Variable",
    "Vocabulary",
    "Warning",
]
