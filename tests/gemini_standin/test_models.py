"""The one table of models: names, rules of each, retirements, prices and pace, and that nothing else has one."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gemini_standin.dialect import DIALECTS
from gemini_standin.models import DEFAULT, MODELS, dearest, known, listing, newer, notice, price_on

ROOT = Path(__file__).parents[2]
DAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("name", "served"),
    [
        ("gemini-3.8-flash", True),
        ("models/gemini-4-argon", True),
        ("gemini-2.5-flash", True),
        ("gemini-flash-latest", True),
        ("gemini-2.5-flash-preview-09-2025", True),
        ("gemini-3.8-flash-001", True),
        ("gemini-4.1-flash", True),
        ("gemini-3.9-flash", True),
        ("gemini-5-pro", True),
        ("gemini-9-typo", False),
        ("gemini-3.8-falsh", False),
        ("gemini-2.6-flash", True),
        ("gemini-flash", False),
        ("gemini-2.0-flash", False),
        ("gemini-3-pro-preview", False),
        ("gemini-embedding-001", False),
        ("gpt-4o", False),
        ("", False),
    ],
)
def test_names_are_known_as_gemini_knows_them(name: str, served: bool) -> None:
    """Rows, variants of rows, and versions newer than their line are served; a misspelt or retired name is not."""
    assert known(name) is served


def test_an_unknown_name_is_answered_404(standin: Any) -> None:
    """In Gemini's words, and noted; a newer name is answered."""
    answer = standin.ask("none", model="gemini-9-typo")
    assert answer.status_code == 404
    assert "models/gemini-9-typo is not found" in answer.text
    assert "ListModels" in standin.calls()[-1]["complaints"][0]
    assert standin.ask("none", model="gemini-5-flash").status_code == 200


def test_the_list_names_what_is_served() -> None:
    """gemini-4-argon is there, what fails is not."""
    listed = {row["id"] for row in listing()["data"]}
    assert listed == {f"models/{name}" for name, model in MODELS.items() if model.served}
    assert "models/gemini-4-argon" in listed
    assert "models/gemini-2.0-flash" not in listed


@pytest.mark.parametrize(
    ("model", "effort", "status"),
    [
        ("gemini-3.8-flash", "none", 400),
        ("gemini-3.8-flash", "minimal", 400),
        ("gemini-3.8-flash", "low", 200),
        ("gemini-4-argon", "minimal", 200),
        ("gemini-4-argon", "none", 400),
        ("gemini-2.5-flash", "none", 200),
        ("gemini-2.5-pro", "none", 400),
        ("gemini-5-flash", "none", 200),
    ],
)
def test_each_model_has_its_levels_of_thinking(standin: Any, model: str, effort: str, status: int) -> None:
    """A level that a model does not have is refused; of a model without a row nothing is known."""
    assert standin.ask("none", model=model, reasoning_effort=effort).status_code == status


def test_a_cap_too_low_for_a_word_is_answered_empty(standin: Any) -> None:
    """A thinking model spends it all on thinking: 200, no text, `length`; a higher cap, or 2.5, is answered."""
    nonce = standin.script({"text": "Hello there."}, profile="gemini-3.8")
    for cap in ("max_tokens", "max_completion_tokens"):
        chunks = standin.chunks(nonce, model="gemini-3.8-flash", **{cap: 16})
        assert [c["choices"][0].get("finish_reason") for c in chunks][-1] == "length"
        assert "".join(c["choices"][0]["delta"].get("content", "") for c in chunks) == ""
    for more in ({"max_tokens": 800}, {}, {"max_tokens": None}):
        chunks = standin.chunks(nonce, model="gemini-3.8-flash", **more)
        assert "".join(c["choices"][0]["delta"].get("content", "") for c in chunks) == "Hello there."
    older = standin.script({"text": "Hello there."}, profile="gemini-2.5")
    said = standin.chunks(older, model="gemini-2.5-flash", max_tokens=16)
    assert "".join(c["choices"][0]["delta"].get("content", "") for c in said) == "Hello there."


def test_a_retirement_is_told_and_refuses_nothing(standin: Any) -> None:
    """Silence before ninety days, then day and successor; the request is neither refused nor complained of."""
    assert notice("gemini-2.5-flash", date(2026, 9, 1)) == ""
    assert "in 90 days" in notice("gemini-2.5-flash", date(2026, 9, 2))
    assert "in 1 day; after that requests are routed to gemini-3.5-flash-lite" in notice(
        "models/gemini-2.5-flash", date(2026, 11, 30)
    )
    assert "was retired on 2026-12-01; requests are routed to gemini-3.8-flash" in notice(
        "gemini-2.5-pro", date(2026, 12, 1)
    )
    assert "routed to gemini-3.6-flash" in notice("gemini-3.5-flash", DAY)
    assert notice("gemini-3.8-flash", date(2030, 1, 1)) == ""
    assert "taken for a newer model" in notice("gemini-5-flash", DAY)
    assert standin.ask("none", model="gemini-2.5-flash").status_code == 200
    assert standin.calls()[-1]["complaints"] == []


def test_a_price_has_its_day() -> None:
    """gemini-4-argon costs twice as much from December on; where no price is known, the highest is told."""
    november, december = price_on("gemini-4-argon", DAY), price_on("gemini-4-argon", date(2026, 12, 1))
    assert november is not None
    assert december is not None
    assert (november.input, november.output, december.input, december.output) == (2.0, 10.0, 4.0, 20.0)
    assert price_on("gemini-3.8-flash", DAY) is None
    assert (dearest(DAY).input, dearest(date(2026, 12, 1)).output) == (2.0, 20.0)


def test_every_row_agrees_with_the_rest() -> None:
    """A successor is a row that is served, a dialect is one that there is, and the default is served and has none."""
    for model in MODELS.values():
        assert model.routed_to is None or MODELS[model.routed_to].served, model.id
        assert not model.dialect or model.dialect in DIALECTS, model.id
        assert model.served or model.retires, model.id
    assert MODELS[DEFAULT].served
    assert MODELS[DEFAULT].retires is None
    assert not newer(DEFAULT)


def test_no_other_module_has_a_table_of_models() -> None:
    """Elsewhere in the code at most two models are named in one file: a default, an example."""
    named = re.compile(r"[\"'](?:models/)?(gemini-\d[\w.]*-(?:flash|pro|argon)[\w.-]*)[\"']")
    rooms = ("chatkit_conformance", "suites", "gemini_standin", "reference_server", "load", "examples")
    crowded = {
        path.relative_to(ROOT).as_posix(): sorted(found)
        for room in rooms
        for pattern in ("*.py", "*.json")
        for path in (ROOT / room).rglob(pattern)
        if path.name != "models.json" and len(found := {*named.findall(path.read_text(encoding="utf-8"))}) > 2
    }
    assert crowded == {}
