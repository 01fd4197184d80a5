"""The real service, started once for all tests."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from sepsis_client import Client, Observation, Patient, Quantity


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service from the binary that SEPSIS_BINARY names."""
    with serving("--data-dir", str(tmp_path_factory.mktemp("data"))) as url:
        yield url


@contextmanager
def serving(*options: str) -> Iterator[str]:
    """The address of a service with these options, which ends afterwards."""
    command = [os.environ["SEPSIS_BINARY"], "serve", "--listen", "127.0.0.1:0", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            yield "http://" + address(process.stderr)
        finally:
            process.terminate()


def address(log: Any) -> str:
    """Where the service listens, as its log says."""
    for line in log:
        event = json.loads(line)
        if event["msg"] == "listening":
            return str(event["address"])
    raise AssertionError("the service ended before it listened")


@pytest.fixture
def client(service: str) -> Iterator[Client]:
    """A client of the real service."""
    with Client(service) as opened:
        yield opened


@pytest.fixture(scope="session")
def contract(service: str) -> dict[str, Any]:
    """The service's OpenAPI document."""
    document: dict[str, Any] = httpx.get(service + "/openapi.json").json()
    return document


@pytest.fixture
def ill() -> Patient:
    """The patient of README.md whose pressure falls while lactate, pulse and temperature rise."""
    return Patient(
        age=67, sex="female", icu_hour=30, heart_rate=118, temperature=38.9, respiratory_rate=26, systolic_bp=88,
        mean_arterial_pressure=61, lactate=Quantity(value=37, unit="mg/dL"), wbc=16.4,
    )


@pytest.fixture
def with_history() -> Patient:
    """A patient of whom three hours are known."""
    return Patient(age=54, patient_id="bed 7", observations=[
        Observation(icu_hour=1, heart_rate=74, temperature=36.8),
        Observation(icu_hour=2, heart_rate=80, temperature=37.1),
        Observation(icu_hour=3, heart_rate=91, temperature=38.2),
    ])
