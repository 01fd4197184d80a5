"""A FastAPI service that asks the Sepsis service.

    SEPSIS_URL=http://localhost:8080 uvicorn fastapi_app:app --port 8000

SEPSIS_API_KEY is sent when it is set.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, TypedDict

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse

from sepsis_client import AsyncClient, InvalidPatient, Patient, Prediction, SepsisError


class State(TypedDict):
    """What the application keeps while it runs."""

    sepsis: AsyncClient


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[State]:
    """Holds one client, whose connections all requests share."""
    url = os.environ.get("SEPSIS_URL", "http://127.0.0.1:8080")
    async with AsyncClient(url, api_key=os.environ.get("SEPSIS_API_KEY")) as sepsis:
        yield {"sepsis": sepsis}


app = FastAPI(title="Ward", lifespan=lifespan)


def client(request: Request) -> AsyncClient:
    """The client of this application."""
    shared: AsyncClient = request.state.sepsis
    return shared


@app.post("/beds/{bed}/risk")
async def risk(bed: str, patient: Patient, sepsis: Annotated[AsyncClient, Depends(client)]) -> Prediction:
    """The risk of the patient in a bed."""
    return await sepsis.predict(patient.model_copy(update={"patient_id": bed}))


@app.exception_handler(InvalidPatient)
async def refused(_: Request, error: Exception) -> JSONResponse:
    """Hands on what is wrong with the patient, field by field."""
    assert isinstance(error, InvalidPatient)
    return JSONResponse(error.refusal.model_dump(exclude_none=True), status_code=error.status)


@app.exception_handler(SepsisError)
async def unavailable(_: Request, error: Exception) -> JSONResponse:
    """No risk is never a low risk: the ward hears that there is none."""
    return JSONResponse({"title": "No risk is available", "detail": str(error)}, status_code=503)
