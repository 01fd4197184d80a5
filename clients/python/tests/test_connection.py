"""Keys and certificates."""

from __future__ import annotations

import httpx
import pytest

from sepsis_client import Client


def header_sent(url: str, key: str) -> str | None:
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("Authorization"))
        return httpx.Response(200, json={"status": "OK", "checks": {"self_test": "OK"}})

    with Client(url, api_key=key, transport=httpx.MockTransport(answer)) as client:
        client.health()
    return seen[0]


@pytest.mark.parametrize("url", ["https://sepsis.example", "http://127.0.0.1:8080", "http://localhost", "http://[::1]:80"])
def test_the_key_goes_along(url: str) -> None:
    assert header_sent(url, "secret") == "Bearer secret"


@pytest.mark.parametrize("url", ["http://sepsis.example", "http://10.0.0.1:8080"])
def test_the_key_is_never_sent_in_the_clear(url: str) -> None:
    with pytest.raises(ValueError, match="in the clear"):
        Client(url, api_key="secret")
