"""A call's arguments as text, and the type that takes them from a script."""

from __future__ import annotations

import json
from typing import Annotated, Any

from pydantic import BeforeValidator

from .mistake import shown


def arguments_text(value: Any) -> str:
    """A call's arguments as they go out: compact JSON in the script's own key order, or the raw text given.

    Raises:
        ValueError: it is neither an object nor text.
    """
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        raise ValueError(f"{shown(value)} is neither an object nor raw text")
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


Arguments = Annotated[str, BeforeValidator(arguments_text, json_schema_input_type=str | dict[str, Any])]
