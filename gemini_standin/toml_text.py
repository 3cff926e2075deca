"""TOML that anybody wrote, read within bounds: a key of many parts takes its reader minutes and gigabytes."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from gemini_standin.nesting import MAX_DEPTH, TOO_DEEP

MAX_PARTS = 20_000
"""Dots outside texts and comments in one file. `tomllib` makes four tables of each part of a key."""

_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+(?:""")?'
    r"|'''(?:[^']|'(?!''))*+(?:''')?"
    r'|"(?:[^"\\\n]|\\.)*+"?'
    r"|'[^'\n]*+'?"
    r"|#[^\n]*+"
    r"|[A-Za-z0-9_-]++"
    r"|[ \t]++"
    r"|.",
    re.DOTALL,
)


def read_toml(text: str) -> dict[str, Any]:
    """The tables of a TOML text.

    Raises:
        ValueError: it is not TOML (`tomllib.TOMLDecodeError`), a key has more than MAX_DEPTH parts, it is nested deeper
            than the reader's stack, or it has more than MAX_PARTS dots outside texts.
    """
    if text.count(".") > MAX_DEPTH:
        _hold_bounds(text)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None


def _hold_bounds(text: str) -> None:
    row = total = 0
    for match in _TOKEN.finditer(text):
        part = match[0]
        if part == ".":
            row, total = row + 1, total + 1
            if row >= MAX_DEPTH:
                raise ValueError(TOO_DEEP)
            if total > MAX_PARTS:
                raise ValueError(f"more than {MAX_PARTS:,} dots outside texts")
        elif not (part[0] in "\"' \t_-" or part[0].isalnum()):
            row = 0
