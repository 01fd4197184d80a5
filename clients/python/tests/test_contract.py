"""The types hold what the OpenAPI document says, no more and no less."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

import sepsis_client as api
from sepsis_client import frames
from sepsis_client.answers import AuditHealth, Conversion, HealthChecks, Languages
from sepsis_client.measurements import Measurements

TYPES: dict[str, type[BaseModel]] = {
    "Answer": api.Prediction, "Contribution": api.Contribution, "GroupEntry": api.ExplanationGroup,
    "AuditHealth": AuditHealth, "Health": api.Health, "HealthChecks": HealthChecks, "Interval": api.Interval,
    "Conversion": Conversion, "Languages": Languages, "ModelInfo": api.ModelInfo,
    "OutcomeEntry": api.Outcome, "Moment": api.Moment, "Observation": api.Observation,
    "Patient": api.Patient, "Problem": api.Problem, "ProblemDetails": api.Refusal, "Reason": api.Reason,
    "Reliability": api.Reliability, "Score": api.Score, "StayEntry": api.StayVariable, "VariableEntry": api.Variable,
    "VocabularyAnswer": api.Vocabulary, "Warning": api.Warning,
}
"""Schema of the document: type of this package. Measurements have a test of their own."""

CALLED = {("/predict/patient", "post"), ("/predict/patients", "post"), ("/predictions/{id}/outcome", "post"),
          ("/health", "get"), ("/variables", "get")}
"""The operations whose schemas the client reads or writes as types."""

PLAIN: dict[Any, str] = {str: "string", datetime: "string", float: "number", int: "integer", bool: "boolean"}


def references(schema: Any, schemas: dict[str, Any], seen: set[str]) -> set[str]:
    """The names of all schemas that a part of the document leads to."""
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str) and (name := reference.rsplit("/", 1)[1]) not in seen:
            seen.add(name)
            references(schemas[name], schemas, seen)
        for value in schema.values():
            references(value, schemas, seen)
    elif isinstance(schema, list):
        for value in schema:
            references(value, schemas, seen)
    return seen


def reachable(contract: dict[str, Any]) -> dict[str, Any]:
    """The schemas of the operations that the client calls, without those of measurements."""
    schemas = contract["components"]["schemas"]
    names: set[str] = set()
    for path, method in CALLED:
        references(contract["paths"][path][method], schemas, names)
    return {name: schemas[name] for name in names if name not in Measurements.model_fields}


def differences(name: str, schema: dict[str, Any], kind: type[BaseModel]) -> Iterator[str]:
    """Where a type is not as its schema."""
    for missing in schema["properties"].keys() - kind.model_fields.keys():
        yield f"{name}.{missing} is not in {kind.__name__}"
    for surplus in kind.model_fields.keys() - schema["properties"].keys():
        yield f"{kind.__name__}.{surplus} is not in {name}"
    for field in schema["properties"].keys() & kind.model_fields.keys():
        info = kind.model_fields[field]
        if info.is_required() != (field in schema["required"]):
            yield f"{name}.{field}: required is {field in schema['required']} in the contract, {info.is_required()} here"
        if not fits(info.annotation, schema["properties"][field]):
            yield f"{name}.{field}: {schema['properties'][field]} in the contract, {info.annotation} here"


def fits(annotation: Any, schema: dict[str, Any]) -> bool:
    """Whether a Python type takes what a schema allows. What is absent is None here, so None may be added."""
    options, can_be_none = split(annotation)
    if nullable(schema) and not can_be_none:
        return False
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return name in Measurements.model_fields or options == [TYPES[name]]
    return (options == [Any] and "type" not in schema) or any(fits_one(option, schema) for option in options)


def split(annotation: Any) -> tuple[list[Any], bool]:
    """The alternatives of a type without None, and whether None is one."""
    options = list(get_args(annotation)) if get_origin(annotation) in (Union, UnionType) else [annotation]
    return [option for option in options if option is not NoneType], NoneType in options or Any in options


def nullable(schema: dict[str, Any]) -> bool:
    """Whether null may be sent."""
    return "null" in schema.get("type", []) if isinstance(schema.get("type"), list) else False


def fits_one(option: Any, schema: dict[str, Any]) -> bool:
    """Whether one alternative takes what a schema allows."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if get_origin(option) is Literal:
        return set(get_args(option)) == {word for word in schema["enum"] if word is not None}
    if get_origin(option) is list:
        return "array" in kinds and fits(get_args(option)[0], schema["items"])
    if get_origin(option) is dict:
        return "object" in kinds and all(fits(get_args(option)[1], value) for value in schema["properties"].values())
    return PLAIN.get(option) in kinds


def test_every_schema_has_its_type(contract: dict[str, Any]) -> None:
    assert reachable(contract).keys() == TYPES.keys()


@pytest.mark.parametrize("name", TYPES)
def test_types_are_as_the_schemas(contract: dict[str, Any], name: str) -> None:
    assert list(differences(name, reachable(contract)[name], TYPES[name])) == []


def test_tables_have_a_column_for_each_score(contract: dict[str, Any]) -> None:
    assert set(frames.SCORES) == contract["components"]["schemas"]["Answer"]["properties"]["scores"]["properties"].keys()


def test_differences_are_found(contract: dict[str, Any]) -> None:
    schema = reachable(contract)["Moment"]
    changed = {**schema, "required": ["icu_hour"], "properties": {
        **schema["properties"], "alert": {"type": "string"}, "new": {"type": "number"}}}
    assert len([line for line in differences("Moment", changed, api.Moment) if "alert" in line or "new" in line]) == 3


def test_measurements_are_made_from_the_document(contract: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(__file__).parent.parent
    monkeypatch.syspath_prepend(str(root / "tools"))
    made = __import__("measurements").module(contract)
    sys.modules.pop("measurements")
    assert (root / "src/sepsis_client/measurements.py").read_text() == made


def test_every_measurement_is_a_number_or_a_quantity(contract: dict[str, Any]) -> None:
    for name in Measurements.model_fields:
        number, quantity = contract["components"]["schemas"][name]["anyOf"]
        assert number["type"] == ["number", "null"]
        assert quantity["required"] == list(api.Quantity.model_fields)
        assert quantity["properties"]["value"]["type"] == ["number", "null"]
