"""SC-003 in source: what is not Gemini's is found by its place; what only names it is not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from .openai_kinds import FOUND, GEMINI
from .trees import errors, one


@pytest.mark.parametrize("kind", FOUND)
def test_each_way_to_another_model_is_found(kind: str, tmp_path: Path) -> None:
    """The rule names the file and line, and SC-003 is missed."""
    files, rule, place = FOUND[kind]
    made = one(tmp_path, files)
    assert (rule, place) in {(hit.rule, str(hit.spot)) for hit in made.of("SC-003")}, errors(made)
    assert made.criteria[0].outcome == "missed"


@pytest.mark.parametrize("kind", GEMINI)
def test_what_stays_with_gemini_is_no_hit(kind: str, tmp_path: Path) -> None:
    """A refusal, a price list, a test, tracing that is off in another file: SC-003 is met."""
    made = one(tmp_path, GEMINI[kind])
    assert errors(made, "openai") == []
    assert made.criteria[0].outcome == "met"


def warned(root: Path, text: str, as_of: date = date(2026, 11, 27)) -> list[tuple[str, str]]:
    """Rule and sentence of each warning about a file of this text."""
    made = one(root, {"a.py": text}, as_of)
    assert made.criteria[0].outcome == "met"
    return [(hit.rule, hit.said) for hit in made.hits if hit.weight == "warning"]


def test_a_retiring_model_is_a_warning_with_its_day_and_successor(tmp_path: Path) -> None:
    """From ninety days before; the criterion is met before and after that day."""
    text = "MODEL = 'gemini-2.5-flash'\n"
    for day in (date(2026, 11, 30), date(2026, 12, 1)):
        [(rule, said)] = warned(tmp_path, text, day)
        assert rule == "gemini.model-retires"
        assert "2026-12-01" in said
        assert "gemini-3.5-flash-lite" in said
    assert warned(tmp_path, text, date(2026, 8, 1)) == []


def test_a_model_that_gemini_does_not_know_is_a_warning(tmp_path: Path) -> None:
    """A misspelt name is told; a known one is not."""
    assert [rule for rule, _ in warned(tmp_path, "MODEL = 'gemini-9-typo'\n")] == ["gemini.model-unknown"]
    assert warned(tmp_path, "MODEL = 'models/gemini-3.8-flash'\n") == []


def test_a_base_url_without_its_slash_is_a_warning(tmp_path: Path) -> None:
    """So is one that is not the compatible endpoint; the documented one is not."""
    url = "https://generativelanguage.googleapis.com/v1beta/openai"
    assert [rule for rule, _ in warned(tmp_path, f"BASE_URL = '{url}'\n")] == ["gemini.base-url"]
    call = "from openai import AsyncOpenAI\nc = AsyncOpenAI(base_url='{}')\n"
    assert [r for r, _ in warned(tmp_path, call.format(url.removesuffix("/openai")))] == ["gemini.base-url"]
    assert warned(tmp_path, call.format(f"{url}/")) == []
