"""One event that no client can read is told once: all else that is found there comes from it, and in readable words."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from chatkit_conformance.check import CHECKS, MUST
from chatkit_conformance.judging.cascade import UNREADABLE, roots
from chatkit_conformance.judging.judge import look
from chatkit_conformance.results.model import CheckResult, SavedFinding
from chatkit_conformance.transcript import Transcript
from tests.suites.test_checks import SOUND

Data = dict[str, Any]

HELD = (
    "three_turns",
    "tool_create",
    "two_users",
    "left_at_boundaries",
    "two_calls",
    "listed",
    "moves_01",
    "told_by_browser",
    "attachments",
    "retry",
    "fault_cut",
)
"""Conversations whose answers come in streams: plain, with tools, left in mid-answer, side by side, generated."""

UNFIT = re.compile(r"\bNone\b|\bas $|\bfor $|\bthe whole a\b|(?<!\w)'' ")
"""Words of a finding that come of a value which was not there."""


def _answers(data: Data) -> bool:
    item = data.get("item")
    return isinstance(item, dict) and item.get("type") == "assistant_message"


def _without(data: Data, key: str) -> Data:
    return {**data, "item": {k: v for k, v in data["item"].items() if k != key}}


def _no_item(data: Data) -> Data:
    """A finished answer without its item."""
    return {"type": data["type"]} if _answers(data) and data["type"] == "thread.item.done" else data


def _by_id(data: Data) -> Data:
    """A finished answer that is named by its id alone."""
    named = _answers(data) and data["type"] == "thread.item.done"
    return {"type": data["type"], "item_id": data["item"]["id"]} if named else data


def _no_id(data: Data) -> Data:
    """An answer without an id."""
    return _without(data, "id") if _answers(data) else data


def _no_type(data: Data) -> Data:
    """An answer without its type."""
    return _without(data, "type") if _answers(data) else data


def _no_thread(data: Data) -> Data:
    """A thread that is announced and not told."""
    return {"type": data["type"]} if data.get("type") == "thread.created" else data


def _no_update(data: Data) -> Data:
    """An update that says nothing."""
    return {k: v for k, v in data.items() if k != "update"}


UNREAD = (_no_item, _by_id, _no_id, _no_type, _no_thread, _no_update)


def _made(t: Transcript, change: Callable[[Data], Data]) -> Transcript:
    return replace(
        t,
        replies=tuple(
            replace(
                r, events=tuple(replace(e, data=change(e.data)) if isinstance(e.data, dict) else e for e in r.events)
            )
            for r in t.replies
        ),
    )


@cache
def failed(change: Callable[[Data], Data]) -> tuple[CheckResult, ...]:
    """The MUST checks that fail where every such event is changed, with their findings."""
    held = [_made(SOUND[name], change) for name in HELD]
    found: list[CheckResult] = []
    for check in CHECKS.values():
        said = [
            SavedFinding(
                expected=f.finding.expected,
                got=f.finding.got,
                exchange=f.exchange,
                dialect=f.dialect,
                reply=f.finding.reply or "",
            )
            for t in held
            if check.level == MUST and check.judges(t.exchange)
            for f in look(check, t).findings
        ]
        if said:
            found.append(CheckResult(id=check.id, level=MUST, outcome="failed", findings=tuple(said)))
    return tuple(found)


@pytest.mark.parametrize("change", UNREAD, ids=lambda change: change.__name__.strip("_"))
def test_what_cannot_be_read_is_the_root_of_all_that_follows(change: Callable[[Data], Data]) -> None:
    """It is told itself, and whatever else fails is told to come from it: none is a cause of its own."""
    rows = failed(change)
    assert UNREADABLE in {row.id for row in rows}
    found = roots(rows)
    assert {row.id: found.get(row.id) for row in rows if row.id != UNREADABLE} == {
        row.id: UNREADABLE for row in rows if row.id != UNREADABLE
    }


@pytest.mark.parametrize("change", UNREAD, ids=lambda change: change.__name__.strip("_"))
def test_no_finding_speaks_of_what_was_not_there(change: Callable[[Data], Data]) -> None:
    """No text has Python's None in it, or ends where a value should stand."""
    texts = [(row.id, text) for row in failed(change) for f in row.findings for text in (f.expected, f.got)]
    assert [(id, text) for id, text in texts if UNFIT.search(text)] == []


@pytest.mark.parametrize("change", UNREAD, ids=lambda change: change.__name__.strip("_"))
def test_nobody_is_accused_of_telling_others(change: Callable[[Data], Data]) -> None:
    """A thread or an item that cannot be read is no leak: no check of security fails."""
    assert [row.id for row in failed(change) if row.id.startswith("security.")] == []
