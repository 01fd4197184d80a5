"""The examples and the notebook do what they show."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from fastapi.testclient import TestClient
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent


def printed(script: str, *arguments: str) -> str:
    """What a script prints; it must succeed."""
    done = subprocess.run([sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def example(name: str, service: str) -> str:
    """What an example prints."""
    return printed((ROOT / "examples" / name).read_text(), service)


def test_one_patient(service: str) -> None:
    lines = example("one_patient.py", service).splitlines()
    assert lines[0] == "Positive: 8.7%, to be trusted: limited"
    assert [line.split(":")[0] for line in lines[4:7]] == ["hour 1", "hour 2", "hour 3"]
    assert lines[7].startswith("body.temperature (out_of_range): ")


def test_ward(service: str) -> None:
    lines = example("ward.py", service).splitlines()
    assert [line[:5] for line in lines if line.startswith("bed")] == ["bed 1", "bed 2", "bed 3"]
    assert "heart_rate (out_of_range)" in lines[-1]
    said = dict(zip(lines[0].split(), lines[2].split()[2:], strict=False))  # of bed 1, after its two words
    assert (said["reliability"], said["warnings"]) == ("limited", "0")


@pytest.mark.parametrize("name", ["one_patient.py", "ward.py"])
def test_an_example_without_address_says_how_it_is_called(name: str) -> None:
    done = subprocess.run([sys.executable, str(ROOT / "examples" / name)], stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert f"python examples/{name} http://localhost:8080" in done.stderr
    assert "Traceback" not in done.stderr


def notebook() -> list[dict[str, Any]]:
    """The cells of the notebook."""
    cells: list[dict[str, Any]] = json.loads((ROOT / "examples/ward.ipynb").read_text())["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def test_the_notebook_is_stored_without_outputs() -> None:
    assert notebook()
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in notebook())


@pytest.mark.filterwarnings("default")  # Jupyter's own are not ours to cure
def test_the_notebook_runs(service: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SEPSIS_URL", service)
    monkeypatch.setenv("JUPYTER_PLATFORM_DIRS", "1")
    for folder in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(folder, str(tmp_path / folder))
    run = nbformat.read(ROOT / "examples/ward.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    NotebookClient(run, timeout=120, kernel_name="python3").execute()  # raises what a cell raises
    assert "Positive" in json.dumps([cell["outputs"] for cell in run["cells"] if cell["cell_type"] == "code"])


@pytest.fixture
def ward(service: str, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setenv("SEPSIS_URL", service)
    monkeypatch.syspath_prepend(str(ROOT / "examples"))
    return TestClient(__import__("fastapi_app").app)


def test_fastapi(ward: TestClient) -> None:
    with ward:
        answer = ward.post("/beds/7/risk", json={"age": 54, "heart_rate": 80})
    assert answer.status_code == 200
    assert answer.json()["patient_id"] == "7"
    assert answer.json()["prediction"] in ("Positive", "Negative")


def test_fastapi_hands_on_what_is_wrong(ward: TestClient) -> None:
    with ward:
        answer = ward.post("/beds/7/risk", json={"age": 54, "heart_rate": 9000})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["location"] == "body.heart_rate"


def test_fastapi_says_when_there_is_no_risk(ward: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEPSIS_URL", "http://127.0.0.1:1")
    with ward:
        answer = ward.post("/beds/7/risk", json={"age": 54, "heart_rate": 80})
    assert answer.status_code == 503
    assert answer.json()["title"] == "No risk is available"
