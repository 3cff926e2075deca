"""The tracebacks of Python in what a server printed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

_TRACEBACK = "Traceback (most recent call last):"
_FRAME = re.compile(r"^\s|^$")


def tracebacks(lines: Iterable[str]) -> list[dict[str, Any]]:
    """The tracebacks in a log: the last line of each, and how often it came."""
    counted: Counter[str] = Counter()
    inside = False
    for line in lines:
        text = line.strip("| ")
        if text.startswith(_TRACEBACK):
            inside = True
        elif inside and not _FRAME.match(line):
            counted[text] += 1
            inside = False
    return [{"error": error, "times": times} for error, times in counted.items()]
