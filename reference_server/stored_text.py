"""Values as text that every database keeps without loss, and ids as keys that every database can index.

Two things break naive storage: PostgreSQL's text refuses NUL, and no database driver takes a lone surrogate (half of
a UTF-16 pair, which JSON from a browser can hold). JSON's own escapes carry both, so text is stored escaped.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

T = TypeVar("T")

# PostgreSQL refuses an index row above 2,704 bytes, and up to three keys share a row.
_LONGEST_KEY = 400


def key(identifier: str) -> str:
    """An id as an ASCII key: ordinary ids stay as they are, odd characters are escaped, very long ones are hashed.

    Different ids give different keys: an escaped text never holds a bare quotation mark, a hashed one starts with it.
    """
    escaped = json.dumps(identifier)[1:-1]
    if len(escaped) <= _LONGEST_KEY:
        return escaped
    return '"' + hashlib.sha256(escaped.encode()).hexdigest()


def dump(value: BaseModel, *, without: frozenset[str] = frozenset()) -> str:
    """`value` as JSON text, without the fields named in `without`."""
    try:
        return value.model_dump_json(exclude=set(without) or None)
    except PydanticSerializationError:
        # A lone surrogate: only Python's own encoder can escape it.
        return json.dumps(value.model_dump(exclude=set(without) or None), default=_plain)


def load(adapter: TypeAdapter[T], text: str) -> T:
    """The value that `dump` wrote.

    Raises pydantic.ValidationError when the text is of another shape.
    """
    try:
        return adapter.validate_json(text)
    except ValidationError as refusal:
        if any(error["type"] == "json_invalid" for error in refusal.errors()):
            return adapter.validate_python(json.loads(text))
        raise


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
