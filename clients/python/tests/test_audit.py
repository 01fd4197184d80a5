"""A real service whose audit log is held by somebody else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from conftest import serving

from sepsis_client import Client, Patient, Refusal, Unconfirmed

PATIENT = Patient(age=54, heart_rate=80)


class Counting(httpx.HTTPTransport):
    """The network, and how often it was used."""

    asked = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        return super().handle_request(request)


def test_an_unconfirmed_record_is_not_asked_for_again(tmp_path: Path) -> None:
    network = Counting()
    with (
        serving("--data-dir", str(tmp_path), "--audit-wait", "100ms") as url,
        Client(url, transport=network) as client,
        closing(sqlite3.connect(tmp_path / "sepsis.db", isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")  # nobody else writes until the end
        with pytest.raises(Unconfirmed, match="audit log"):
            client.predict(PATIENT)
        assert network.asked == 1
        (withheld,) = client.predict_many([PATIENT])
        assert isinstance(withheld, Refusal)
        assert withheld.status == 503
