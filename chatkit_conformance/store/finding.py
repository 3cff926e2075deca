"""What a contract test says when a store breaks a rule."""

from __future__ import annotations

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


class StoreHangs(StoreFinding):
    """A call, or closing the store, did not end by the deadline. It is told at once, and never shrunk.

    Args:
        method: the call that was under way, the first where there were several; "" where all had ended.
    """

    def __init__(self, rule: str, happened: str, *, method: str = "") -> None:
        super().__init__(rule, happened)
        self.method = method


def shown(value: object) -> str:
    """The value as text, cut to `SHOWN_CHARS`."""
    text = repr(value)
    if len(text) <= SHOWN_CHARS:
        return text
    return f"{text[:SHOWN_CHARS]}... ({len(text):,} characters)"


def error_text(error: BaseException) -> str:
    """An error with its module, as `module.Kind('message')`, cut to a line's length."""
    kind = type(error)
    name = (
        kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"
    )
    return f"{name}({shown(str(error))})"
