"""Whether a tool tells a fact of a task as a call said it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def told_as_said(told: Any, said: Any) -> bool:
    """Whether a fact is told as it was said; a date may be told with a time, a word in another case, a list as text."""
    if isinstance(said, str) and isinstance(told, list):
        said = [word.strip() for word in said.split(",")]
    if (moment := _moment(said)) is not None and moment == _moment(told):
        return True
    if isinstance(said, list) and isinstance(told, list | str):
        words = [str(value).casefold() for value in said]
        there = [str(value).casefold() for value in told] if isinstance(told, list) else told.casefold()
        return sorted(there) == sorted(words) if isinstance(there, list) else all(word in there for word in words)
    one, other = (str(value).casefold() for value in (told, said))
    return told == said or one == other or (bool(other) and one.startswith(other))


def _moment(value: Any) -> datetime | None:
    """What a text says of a date, with or without a time: without a zone, in UTC."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and _DATE.match(value) else None
    except ValueError:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)
