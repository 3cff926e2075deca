"""What stands in a source text of a language that is read without a parser: matches, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..audit.source import SourceFile
from .facts import Sighting

COMMENT = re.compile(r"(?<![:'\"])//[^\n]*|/\*.*?\*/", re.DOTALL)


def found_in(files: Iterable[SourceFile], pattern: re.Pattern[str]) -> Iterator[Sighting]:
    """Every match outside comments: its first group that matched, or all of it."""
    for file in files:
        text = COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), file.text)
        for match in pattern.finditer(text):
            value = next((group for group in match.groups() if group is not None), match[0])
            yield Sighting(value=value, place=f"{file.path}:{text.count(chr(10), 0, match.start()) + 1}")


def first_in(files: Iterable[SourceFile], pattern: re.Pattern[str]) -> Sighting | None:
    """The first match, or None."""
    return next(found_in(files, pattern), None)
