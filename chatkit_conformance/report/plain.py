"""Text that came from elsewhere, made fit to show: cut, and with nothing in it that hides or turns other text.

Escaping for HTML is the template's work (autoescape). This is what escaping does not do: control characters, text
that runs right to left over its neighbours, halves of surrogate pairs, and length.
"""

from __future__ import annotations

import json
import re
from typing import Any

from ..visible import visible


def plain(value: object, limit: int = 400) -> str:
    """The value as text of at most about `limit` characters, its unseen characters shown as U+XXXX.

    A text that is cut says how much is missing. Anything but a string is shown as JSON; None is "".
    """
    if value is None:
        return ""
    text = value if isinstance(value, str) else compact(value)
    missing = len(text) - limit
    if missing > 0:
        text = text[:limit]
    text = visible(text)
    return f"{text} … ({missing:,} more characters)" if missing > 0 else text


def line(value: object, limit: int = 120) -> str:
    """Like `plain`, on one line, and cut with an ellipsis alone."""
    text = value if isinstance(value, str) else "" if value is None else compact(value)
    short = " ".join(plain(text[: limit * 4], limit * 4).split())
    return short if len(short) <= limit else short[: limit - 1].rstrip() + "…"


def compact(value: object) -> str:
    """The value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "), default=str)


def pretty(value: Any, limit: int = 4000) -> str:
    """The value as indented JSON, long strings inside it cut first so that its shape stays readable."""
    return plain(json.dumps(_shortened(value, 600, 12), ensure_ascii=False, indent=2, default=str), limit)


def _shortened(value: Any, longest: int, depth: int) -> Any:
    """The value with its strings cut at `longest`, its lists at 20 entries and its nesting at `depth`."""
    if isinstance(value, str):
        return plain(value, longest)
    if isinstance(value, list):
        if depth <= 0 and value:
            return f"[… {len(value)} entries]"
        kept = [_shortened(v, longest, depth - 1) for v in value[:20]]
        return kept if len(value) <= 20 else [*kept, f"… {len(value) - 20} more entries"]
    if isinstance(value, dict):
        if depth <= 0 and value:
            return f"{{… {len(value)} keys}}"
        shown = {plain(k, 80): _shortened(v, longest, depth - 1) for k, v in list(value.items())[:60]}
        return shown if len(value) <= 60 else {**shown, "…": f"{len(value) - 60} more keys"}
    return value


def slug(*parts: str) -> str:
    """An HTML id made of the parts: letters, digits, dots and hyphens only."""
    return "-".join(re.sub(r"[^A-Za-z0-9.]+", "-", part).strip("-") or "x" for part in parts)[:160]


def duration(seconds: float | None) -> str:
    """Seconds as a person reads them: `4 ms`, `212 ms`, `1.84 s`, `2 min 5 s`; "" for None."""
    if seconds is None:
        return ""
    if seconds < 0:
        return f"−{duration(-seconds)}"
    if seconds < 0.001:
        return f"{seconds * 1000:.1f} ms" if seconds else "0 ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.2f} s"
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"
