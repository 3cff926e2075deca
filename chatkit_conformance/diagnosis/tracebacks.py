"""The exceptions in what a server printed: Python's tracebacks, Node's and Java's stacks, Go's and Rust's panics."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

_TRACEBACK = "Traceback (most recent call last):"
_FRAME = re.compile(r"^\s|^$")

_STACK = re.compile(r"^\s+at (?:async )?[\w.$<>\[\] /-]+\s*\(|^\s+at (?:async )?(?:file:|node:|/|[A-Za-z]:\\)\S*:\d+")
"""A frame below the error's own line, as Node and the Java machine write it."""

_PANIC = re.compile(r"^(?:panic: .+|thread '.*' (?:\(\d+\) )?panicked at .+)")
"""Go's line, and Rust's."""

_ERROR = re.compile(r"\b\w*(?:Error|Exception)\b|:")
"""What an error's own line has, and a line that merely stands above a stack may have not."""


def tracebacks(lines: Iterable[str]) -> list[dict[str, Any]]:
    """The exceptions in a log: the line that tells each, and how often it came."""
    return [{"error": error, "times": times} for error, times in Counter(_errors(lines)).items()]


def _errors(lines: Iterable[str]) -> Iterator[str]:
    inside, stacked, above = False, False, ""
    for line in lines:
        text = line.strip("| ")
        if text.startswith(_TRACEBACK):
            inside = True
        elif inside and not _FRAME.match(line):
            yield text
            inside = False
        elif _PANIC.match(line):
            yield text
        elif _STACK.match(line):
            if not stacked and _ERROR.search(above):
                yield above
            stacked = True
            continue
        stacked = False
        if not _FRAME.match(line):
            above = text
