"""JSON as Gemini writes it: compact, its keys in the alphabet's order."""

from __future__ import annotations

import json
from typing import Any


def dumps(value: Any) -> str:
    """Compact JSON with sorted keys; escapes instead of raw characters only where UTF-8 has none (lone surrogates)."""
    text = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    return text if text.isascii() or _encodes(text) else json.dumps(value, separators=(",", ":"), sort_keys=True)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
