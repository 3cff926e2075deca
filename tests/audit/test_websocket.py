"""SC-004: WebSocket code of every kind is found, with its line, and nothing that only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .traps import CLEAN
from .trees import errors, one
from .websocket_kinds import LEFT


@pytest.mark.parametrize("kind", LEFT)
def test_each_kind_of_websocket_code_is_found(kind: str, tmp_path: Path) -> None:
    """The place is named with its file and line, and the criterion is missed."""
    files, place = LEFT[kind]
    made = one(tmp_path, files)
    assert place in {str(hit.spot) for hit in made.of("SC-004")}, errors(made)
    assert made.criteria[1].outcome == "missed"
    assert made.exit_code() == 1


@pytest.mark.parametrize("kind", CLEAN)
def test_what_only_looks_like_it_is_no_hit(kind: str, tmp_path: Path) -> None:
    """A word, a package that another one needs, a test, a generated file: nothing is left, and the criterion is met."""
    made = one(tmp_path, CLEAN[kind])
    assert errors(made, "websocket") == []
    assert made.criteria[1].outcome == "met"
    assert made.criteria[1].figure == 0
