"""The stack that one would otherwise serve such a model with: FastAPI, Pydantic, uvicorn (uvloop, httptools), orjson and XGBoost.

    BENCH_PEER=FOLDER [BENCH_PEER_RECORD=FILE] uvicorn peer:app

It answers POST /predict/patient?explain=true|false as the service does, with less to do: the features of each patient are computed
already, and the inputs of the network, and are found by patient_id, Pydantic checks types, names and ranges but no coherence, units are not converted, no scores,
warnings or reliability are made up, and nothing is recorded unless FILE is given: then each answer waits for its row in that SQLite
database, as ours does. FOLDER holds what service.py prepares: trees.json, the trees of the bundle;
rows.npy, the features of each patient in the order of the trees; network.json, the network of the bundle, and inputs.npy, what it
is given of each patient; peer.json, whose patients these are, and what else an answer needs.
"""

import asyncio
import hashlib
import json
import math
import os
import pathlib
import sqlite3
import time
from typing import Annotated, Literal

import numpy
import orjson
import xgboost
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, ConfigDict, Field, create_model

FOLDER = pathlib.Path(os.environ["BENCH_PEER"])
PREPARED = json.loads((FOLDER / "peer.json").read_text(encoding="utf-8"))
ROWS = numpy.load(FOLDER / "rows.npy")
ROW_OF = {patient: row for row, patient in enumerate(PREPARED["patients"])}
CALIBRATION = PREPARED["calibration"]
SOURCES = PREPARED["sources"]  # the names by which contributions are added up
SOURCE_OF = numpy.array(PREPARED["source_of"])  # of each feature


def opened():
    booster = xgboost.Booster(params={"nthread": 1})
    booster.load_model(FOLDER / "trees.json")
    booster.set_param({"nthread": 1})
    return booster


BOOSTER = opened()


class Network:
    """The mean of small feed-forward networks, and by DeepLIFT's rescale rule what each feature does to it."""

    def __init__(self, written):
        members, columns = written["members"], written["inputs"]["scores"]
        self.features = len(columns)
        self.seen = numpy.array([at for at, scores in enumerate(columns) if any(scores or ())], dtype=int)
        self.indicators = numpy.array(written["inputs"]["indicators"], dtype=int)
        # What is always 0 is left out, of what is given as of the weights.
        self.told = numpy.concatenate([self.seen, numpy.arange(self.features, self.features + len(self.indicators))])
        self.reference = numpy.array([member["reference"] for member in members], dtype=numpy.float32)[:, self.told]
        self.layers = []
        for layers in zip(*(member["layers"] for member in members)):
            biases = numpy.array([layer["biases"] for layer in layers], dtype=numpy.float32)
            weights = numpy.array([layer["weights"] for layer in layers], dtype=numpy.float32)
            self.layers.append((weights.reshape(len(members), -1, biases.shape[1]), biases))
        weights, biases = self.layers[0]
        weights = numpy.ascontiguousarray(weights[:, self.told])
        self.layers[0] = weights, biases
        self.first = numpy.ascontiguousarray(weights.transpose(1, 0, 2).reshape(weights.shape[1], -1)), biases.ravel()
        self.usual = self.beyond(numpy.matmul(self.reference[:, None, :], weights)[:, 0] + biases)

    def beyond(self, given):
        """What each layer's units are given, from what those of the first are."""
        all_given = [given]
        for weights, biases in self.layers[1:]:
            given = numpy.matmul(numpy.maximum(given, 0)[:, None, :], weights)[:, 0] + biases
            all_given.append(given)
        return all_given

    def given(self, inputs):
        weights, biases = self.first
        return self.beyond((inputs @ weights + biases).reshape(self.layers[0][1].shape))

    def margin(self, inputs):
        return float(self.given(inputs)[-1].mean())

    def contributions(self, inputs):
        """Of each feature, and the mean margin at the reference."""
        given = self.given(inputs)
        multipliers = numpy.ones((len(self.reference), 1), dtype=numpy.float32)
        for layer in range(len(self.layers) - 1, 0, -1):
            multipliers = numpy.matmul(self.layers[layer][0], multipliers[:, :, None])[:, :, 0]
            difference = given[layer - 1] - self.usual[layer - 1]
            near = numpy.abs(difference) < 1e-6
            passed = (numpy.maximum(given[layer - 1], 0) - numpy.maximum(self.usual[layer - 1], 0)) / numpy.where(near, 1, difference)
            multipliers *= numpy.where(near, given[layer - 1] > 0, passed)
        did = (numpy.matmul(self.layers[0][0], multipliers[:, :, None])[:, :, 0] * (inputs - self.reference)).mean(axis=0)
        parts = numpy.zeros(self.features, dtype=numpy.float32)
        parts[self.seen] = did[:len(self.seen)]
        parts[self.indicators] += did[len(self.seen):]
        return parts, float(self.usual[-1].mean())


NETWORK = Network(json.loads((FOLDER / "network.json").read_text(encoding="utf-8")))
INPUTS = numpy.ascontiguousarray(numpy.load(FOLDER / "inputs.npy")[:, NETWORK.told])
SINGLE, SHARE, SINGLE_HOUR = PREPARED["single"], PREPARED["network_share"], PREPARED["single_hour"]


# What is sent ----------------------------------------------------------------------------------------------------------


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


def measurement(variable):
    """A number in the variable's own range, or one with a unit that it accepts."""
    quantity = create_model(f"Quantity_{variable['name']}", __base__=Strict, value=(float, ...), unit=(Literal[tuple(variable["accepted_units"])], ...))
    number = Annotated[float, Field(ge=variable["hard"]["min"], le=variable["hard"]["max"], allow_inf_nan=False)]
    return (number | quantity | None, None)


MEASUREMENTS = {variable["name"]: measurement(variable) for variable in PREPARED["variables"]}
Hour = Field(gt=0, le=8784)
Observation = create_model("Observation", __base__=Strict, icu_hour=(float, Hour), **MEASUREMENTS)
Patient = create_model(
    "Patient", __base__=Strict,
    patient_id=(str, Field(max_length=128)),
    age=(float, Field(ge=18, le=120)),
    sex=(Literal["female", "male"] | None, None),
    icu_unit=(Literal["medical", "surgical"] | None, None),
    hours_in_hospital_before_icu=(float | None, Field(default=None, ge=0, le=10000)),
    icu_hour=(Annotated[float, Hour] | None, None),
    observations=(list[Observation] | None, Field(default=None, max_length=8784)),
    **MEASUREMENTS,
)


# What is answered ------------------------------------------------------------------------------------------------------


def margin_in_place(row):
    return float(BOOSTER.inplace_predict(row, predict_type="margin", validate_features=False)[0])


def margin_of_matrix(row):
    return float(BOOSTER.predict(xgboost.DMatrix(row, nthread=1), output_margin=True, validate_features=False)[0])


def faster(ways, row, seconds=0.5):
    """The way that is faster on this machine, by the processor's time."""
    took = {}
    for way in ways:
        way(row)
        began, calls = time.process_time(), 0
        while time.process_time() < began + seconds:
            way(row)
            calls += 1
        took[way] = (time.process_time() - began) / calls
    return min(took, key=took.get)


MARGIN = faster((margin_in_place, margin_of_matrix), ROWS[:1])


def margin_of(at):
    """Of the trees, and of the network where there is a history."""
    margin = MARGIN(ROWS[at:at + 1])
    return margin + SINGLE_HOUR if SINGLE[at] else (1 - SHARE) * margin + SHARE * NETWORK.margin(INPUTS[at])


def contributions(at):
    """Of each source, the largest first, and what is expected when nothing is known."""
    parts = BOOSTER.predict(xgboost.DMatrix(ROWS[at:at + 1], nthread=1), pred_contribs=True, validate_features=False)[0]
    if SINGLE[at]:
        parts[-1] += SINGLE_HOUR
    else:
        own, base = NETWORK.contributions(INPUTS[at])
        parts *= 1 - SHARE
        parts[:len(own)] += SHARE * own
        parts[-1] += SHARE * base
    added = numpy.bincount(SOURCE_OF, weights=parts[:-1], minlength=len(SOURCES))
    order = numpy.argsort(-numpy.abs(added)).tolist()
    told = added.tolist()
    return [{"name": SOURCES[i], "contribution": told[i]} for i in order if told[i]], float(parts[-1])


def answer(patient_id, explain):
    at = ROW_OF[patient_id]
    if explain:
        # The margin is the sum of all contributions: it is not computed a second time.
        explanation, base = contributions(at)
        margin = base + sum(part["contribution"] for part in explanation)
    else:
        margin = margin_of(at)
    probability = 1 / (1 + math.exp(-(CALIBRATION["intercept"] + CALIBRATION["slope"] * margin)))
    body = {
        "patient_id": patient_id, "prediction": "Positive" if probability >= PREPARED["threshold"] else "Negative",
        "probability": probability, "threshold": PREPARED["threshold"], "model": PREPARED["model"],
    }
    if explain:
        body |= {"explanation": explanation, "base_value": base, "raw_output": margin}
    return body


# What is kept ----------------------------------------------------------------------------------------------------------


class Records:
    """A row for each prediction, in SQLite, on the disk before it is told. While some are being written the next gather."""

    def __init__(self, path):
        self.waiting, self.writing = [], None
        self.database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        for statement in (
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "CREATE TABLE predictions (id INTEGER PRIMARY KEY, at INTEGER, patient TEXT, model TEXT, input_sha256 TEXT, output TEXT, probability REAL, label TEXT)",
            "CREATE INDEX predictions_by_patient ON predictions (patient, id)",
        ):
            self.database.execute(statement)

    async def keep(self, *row):
        kept = asyncio.get_running_loop().create_future()
        self.waiting.append((row, kept))
        if self.writing is None:
            self.writing = asyncio.create_task(self.write())
        await kept

    async def write(self):
        while self.waiting:
            batch, self.waiting = self.waiting, []
            try:
                await asyncio.to_thread(self.insert, [row for row, _ in batch])
            except sqlite3.Error as failure:
                for _, kept in batch:
                    kept.set_exception(failure)
            else:
                for _, kept in batch:
                    kept.set_result(None)
        self.writing = None

    def insert(self, rows):
        self.database.execute("BEGIN IMMEDIATE")
        with self.database:
            self.database.executemany("INSERT INTO predictions VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", rows)


RECORDS = Records(os.environ["BENCH_PEER_RECORD"]) if "BENCH_PEER_RECORD" in os.environ else None

app = FastAPI(openapi_url=None)


@app.get("/health")
async def health():
    return Response("OK", media_type="text/plain")


@app.get("/how")
async def how():
    return {"margin": MARGIN.__name__}


@app.post("/predict/patient")
async def predict(patient: Patient, request: Request, explain: bool = True):
    told = answer(patient.patient_id, explain)
    output = orjson.dumps(told)
    if RECORDS:
        digest = hashlib.sha256(await request.body()).hexdigest()
        await RECORDS.keep(time.time_ns() // 1_000_000, patient.patient_id, told["model"]["version"], digest, output.decode(), told["probability"], told["prediction"])
    return Response(output, media_type="application/json")
