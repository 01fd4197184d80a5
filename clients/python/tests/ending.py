"""A service that ends its answers to many patients early."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
from mocked import Mocked

ANSWER: dict[str, Any] = {
    "id": "1", "prediction": "Negative", "probability": 0.01, "threshold": 0.02, "alert": False, "alert_threshold": 0.2,
    "risk_band": "low", "reliability": {"level": "good", "reasons": []}, "scores": {}, "warnings": [],
    "model": {"name": "m", "version": "1", "sha256": "0"},
}


def problem(status: int) -> dict[str, Any]:
    return {"type": "about:blank", "title": "No", "status": status, "detail": "Said by the service."}


class Ending(Mocked):
    """A service that ends its answers early, as the steps say, and then answers everybody.

    A step is a status, and how many patients of the request are answered before; None: all are.
    """

    def __init__(self, *steps: tuple[int, int] | None) -> None:
        super().__init__()
        self.steps: Iterator[tuple[int, int] | None] = iter(steps)
        self.asked: list[int] = []
        self.recorded: list[str] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        patients = [json.loads(line) for line in request.content.splitlines()]
        self.asked.append(len(patients))
        status, answered = next(self.steps, None) or (None, len(patients))
        self.recorded += [patient["patient_id"] for patient in patients[:answered]]
        lines = [{**ANSWER, "line": place, "patient_id": patient["patient_id"], "trajectory": [self.moment()]}
                 for place, patient in enumerate(patients[:answered], 1)]
        if status is not None:
            lines.append({**problem(status), "line": answered + 1})
        return httpx.Response(200, content=b"".join(json.dumps(line).encode() + b"\n" for line in lines))

    def moment(self) -> dict[str, Any]:
        return {key: ANSWER[key] for key in ("probability", "prediction", "alert", "risk_band")} | {
            "icu_hour": 1, "reliability": "good"}
