"""A service without a network: clients of it wait for nothing, and say for how long they would have."""

from __future__ import annotations

from typing import Any

import httpx

from sepsis_client import AsyncClient, Client


class Mocked:
    """Answers requests by `answer`, which each kind of service gives."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        raise NotImplementedError

    def client(self, **options: Any) -> Client:
        return Client(transport=httpx.MockTransport(self.answer), sleep=self.waits.append, draw=lambda: 1.0, **options)

    def asynchronous(self) -> AsyncClient:
        async def sleep(seconds: float) -> None:
            self.waits.append(seconds)

        return AsyncClient(transport=httpx.MockTransport(self.answer), sleep=sleep, draw=lambda: 1.0)
