"""What a contract test says when a store breaks a rule, and how two values are compared field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

SHOWN_CHARS = 300
"""Longest value printed in a finding; a megabyte of text helps nobody."""


class StoreFinding(AssertionError):
    """A rule of the Store contract that the store under test broke.

    Args:
        rule: id of the rule, as in `chatkit_conformance.store.rules.RULES`.
        happened: one sentence with the values: what was expected and what was there.
        script: a Python program that makes the calls again, "" when a program of single calls would not show it.
    """

    def __init__(self, rule: str, happened: str, script: str = "") -> None:
        super().__init__(f"[{rule}] {happened}")
        self.rule = rule
        self.happened = happened
        self.script = script


def shown(value: object) -> str:
    """The value as text, cut to `SHOWN_CHARS`."""
    text = repr(value)
    if len(text) <= SHOWN_CHARS:
        return text
    return f"{text[:SHOWN_CHARS]}... ({len(text):,} characters)"


def difference(saved: object, loaded: object, path: str = "") -> str | None:
    """The first field in which `loaded` differs from `saved`, or None when nothing does.

    Models are compared by what they hold, not by class: the SDK has two classes for one widget. A time is equal when
    it is the same instant and both have, or both lack, a zone. `True` is not `1`.
    """
    if isinstance(saved, BaseModel) and isinstance(loaded, BaseModel):
        return difference(saved.model_dump(), loaded.model_dump(), path)
    if isinstance(saved, Mapping) and isinstance(loaded, Mapping):
        return _mapping_difference(saved, loaded, path)
    if _is_list(saved) and _is_list(loaded):
        return _list_difference(saved, loaded, path)  # type: ignore[arg-type]  # _is_list just said so
    if (
        isinstance(saved, datetime)
        and isinstance(loaded, datetime)
        and (saved.tzinfo is None) != (loaded.tzinfo is None)
    ):
        return f"{path or 'value'}: saved {shown(saved)}, loaded {shown(loaded)}: the time zone was " + (
            "added" if saved.tzinfo is None else "lost"
        )
    if isinstance(saved, bool) != isinstance(loaded, bool) or saved != loaded:
        return f"{path or 'value'}: saved {shown(saved)}, loaded {shown(loaded)}"
    return None


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _mapping_difference(saved: Mapping[Any, Any], loaded: Mapping[Any, Any], path: str) -> str | None:
    for key in saved:
        here = f"{path}.{key}" if path else str(key)
        if key not in loaded:
            return f"{here}: saved {shown(saved[key])}, loaded nothing"
        found = difference(saved[key], loaded[key], here)
        if found:
            return found
    extra = [key for key in loaded if key not in saved]
    return f"{path}.{extra[0]}: never saved, loaded {shown(loaded[extra[0]])}".lstrip(".") if extra else None


def _list_difference(saved: Sequence[Any], loaded: Sequence[Any], path: str) -> str | None:
    if len(saved) != len(loaded):
        return f"{path or 'value'}: saved {len(saved)} entries, loaded {len(loaded)}"
    for index, (left, right) in enumerate(zip(saved, loaded, strict=True)):
        found = difference(left, right, f"{path}[{index}]")
        if found:
            return found
    return None
