"""Keys and certificates."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from conftest import address

from sepsis_client import AsyncClient, Client, ConnectionFailed, Patient, Retry, Unauthenticated


def header_sent(url: str, key: str) -> str | None:
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("Authorization"))
        return httpx.Response(200, json={"status": "OK", "checks": {"self_test": "OK", "audit": "OK"}})

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


@pytest.mark.parametrize("key", ["sepsis_secret\n", "sepsis secret", "", "sepsis_sécret"])
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_key_that_cannot_be_sent_is_refused_and_not_repeated(kind: type[Client] | type[AsyncClient], key: str) -> None:
    with pytest.raises(ValueError, match="the API key is empty or has a space, a line break") as raised:
        kind("https://sepsis.example", api_key=key)
    assert "cret" not in str(raised.value)


@pytest.mark.parametrize("url", ["", "127.0.0.1:8080", "localhost:8080", "ftp://localhost", "http://", "http://localhost:port"])
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_what_is_no_url_is_refused_before_anything_is_asked(kind: type[Client] | type[AsyncClient], url: str) -> None:
    with pytest.raises(ValueError, match="is not the URL of a service"):
        kind(url)


def test_what_is_no_patient_is_told(client: Client) -> None:
    unlike: Any = {"age": 67, "heart_rate": 118}
    with pytest.raises(TypeError, match="a Patient is expected, not dict"):
        client.predict(unlike)
    with pytest.raises(TypeError, match="a Patient is expected, not tuple"):
        list(client.predict_many(cast("Any", Patient(**unlike))))


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """What the environment names as the proxy of everything; nobody answers there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{listener.getsockname()[1]}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        yield listener


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_proxy_reads_the_key_to_a_service_on_this_machine(service: str, proxy: socket.socket, host: str) -> None:
    url = service.replace("127.0.0.1", host)

    async def ask() -> str:
        async with AsyncClient(url, api_key="secret", timeout=5, retry=Retry(attempts=1)) as client:
            return (await client.health()).status

    with Client(url, api_key="secret", timeout=5, retry=Retry(attempts=1)) as client:
        assert client.health().status == "OK"
    assert asyncio.run(ask()) == "OK"
    with pytest.raises(BlockingIOError):  # nobody came
        proxy.accept()


def test_the_proxy_of_the_environment_is_for_other_machines(proxy: socket.socket) -> None:
    with Client("http://sepsis.example", timeout=0.2, retry=Retry(attempts=1)) as client, pytest.raises(ConnectionFailed):
        client.health()
    proxy.accept()[0].close()


def test_keys_and_tls_of_the_real_service(tmp_path: Path) -> None:
    binary, certificate, private = os.environ["SEPSIS_BINARY"], str(tmp_path / "certificate.pem"), str(tmp_path / "private.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
         "/CN=sepsis", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", private, "-out", certificate],
        stderr=subprocess.DEVNULL, check=True)
    made = subprocess.run(
        [binary, "key", "create", "--data-dir", str(tmp_path), "--name", "test", "--role", "predict"],
        stdout=subprocess.PIPE, text=True, check=True)
    command = [binary, "serve", "--listen", "127.0.0.1:0", "--data-dir", str(tmp_path), "--require-keys",
               "--tls-cert", certificate, "--tls-key", private]
    patient, once = Patient(age=54, heart_rate=80), Retry(attempts=1)
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            url = "https://" + address(process.stderr)
            with Client(url, api_key=made.stdout.split()[-1], ca_file=certificate) as client:
                assert client.predict(patient).prediction in ("Positive", "Negative")
            with Client(url, ca_file=certificate) as stranger, pytest.raises(Unauthenticated):
                stranger.predict(patient)
            with Client(url, retry=once) as distrustful, pytest.raises(ConnectionFailed, match="CERTIFICATE"):
                distrustful.predict(patient)
        finally:
            process.terminate()
