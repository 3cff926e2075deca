"""A live run that cannot go well ends at the first request, and says why."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.cli import main
from chatkit_conformance.running.process import free_port

from .conftest import Gemini


def _asked(gemini: Gemini) -> list[dict[str, Any]]:
    """The requests that reached Gemini."""
    with gemini.http() as http:
        calls: list[dict[str, Any]] = http.get("/_standin/journal").json()["calls"]
    return calls


@pytest.mark.parametrize(
    ("fault", "todo"),
    [
        ({"kind": "http", "status": 400, "body": "key-invalid"}, "Set GEMINI_API_KEY to a key that is valid"),
        pytest.param(
            {"kind": "http", "status": 403, "body": "key-leaked"},
            "Set GEMINI_API_KEY to a key that may use this model",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            {"kind": "http", "status": 404}, "Set GEMINI_MODEL to a model that there is", marks=pytest.mark.slow
        ),
    ],
)
def test_what_gemini_refuses_is_asked_once(
    fault: dict[str, Any],
    todo: str,
    gemini: Gemini,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A key or a model that is refused costs one request; no check counts as passed, and the line says what to type."""
    for name, value in gemini.environment().items():
        monkeypatch.setenv(name, value)
    with gemini.http() as http:
        families = {"zq": {"turn": [{"fault": fault}]}}
        assert http.post("/_standin/settings", json={"families": families}).status_code == 200
    assert main(["live", "--out", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert len(_asked(gemini)) == 1
    assert todo in said
    assert f"HTTP {fault['status']}" in said
    assert "checks passed" not in said
    assert "retries" not in said


def test_an_address_where_nobody_answers_is_tried_once(
    gemini: Gemini, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A refused connection ends the run, with the address."""
    for name, value in gemini.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GEMINI_BASE_URL", f"http://127.0.0.1:{free_port()}/v1beta/openai/")
    assert main(["live", "--out", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "Gemini could not be reached at http://127.0.0.1" in said
    assert "spent: 1 requests" in said
