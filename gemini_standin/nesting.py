"""JSON that anybody sent, read within bounds: what is nested deeper than a reader's stack is no JSON to us."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

MAX_DEPTH = 100
"""Levels of nesting that are read. A widget has a dozen; protobuf, which reads JSON at Google, stops at as many."""

TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"


def read_json(text: str | bytes, constant: Callable[[str], Any] | None = None) -> Any:
    """The value of a JSON text.

    Args:
        constant: what stands for NaN and the infinities, as in `json.loads`.

    Raises:
        ValueError: it is not JSON, not UTF-8, or nested deeper than MAX_DEPTH levels.
    """
    try:
        value = json.loads(text, parse_constant=constant)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    opening = (b"[", b"{") if isinstance(text, bytes) else ("[", "{")
    if sum(map(text.count, opening)) > MAX_DEPTH and too_deep(value):  # type: ignore[arg-type]  # of the same kind
        raise ValueError(TOO_DEEP)
    return value


def too_deep(value: Any) -> bool:
    """Whether the value is nested deeper than MAX_DEPTH levels."""
    level = [value] if isinstance(value, (dict, list)) else []  # what can hold something, at each depth
    for _ in range(MAX_DEPTH):
        if not level:
            return False
        level = [
            part
            for node in level
            for part in (node.values() if isinstance(node, dict) else node)
            if isinstance(part, (dict, list))
        ]
    return bool(level)
