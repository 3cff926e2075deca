"""When two requests ask the same: method, path, and of the body the model, the roles, the text and the tools' names.

Everything else may differ between a recording and a playing: keys, headers, the schemas of tools, signatures, and of
the text the words that are made anew each time (nonces, ids, moments), which all stand as one word here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from typing import Any

from .conversation import NONCE, messages, text_of, tool_names

FRESH = (
    (NONCE, "<nonce>"),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?\b"), "<moment>"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), "<id>"),
    (re.compile(r"\b[a-z]{2,6}_[0-9a-f]{8,32}\b"), "<id>"),
    (re.compile(r"""(["'](?:\w*_)?id["']\s*:\s*)("[^"]*"|'[^']*'|\d+)"""), r"\1<id>"),
)
"""What is made anew each time, and the word that stands for it."""

IDS = re.compile(r"""["'](?:\w*_)?id["']\s*:\s*(?:"([^"]+)"|'([^']+)'|(\d+))""")
"""An id in a tool's result, as JSON or as a Python object's text."""

Asked = dict[str, Any]


def plain(text: str) -> str:
    """The text with every word that is made anew replaced."""
    for pattern, word in FRESH:
        text = pattern.sub(word, text)
    return text


def asked(method: str, path: str, body: Any) -> Asked:
    """What a request asks, in the form in which two are compared.

    Args:
        path: path of the URL. What stands before `chat/` or `models` is the place of an endpoint and left out.
        body: the parsed body, or None.
    """
    made: Asked = {"method": method.upper(), "path": _bare(path)}
    if not isinstance(body, dict):
        return made
    made["model"] = str(body.get("model", "")).removeprefix("models/")
    made["stream"] = body.get("stream") is True
    made["messages"] = [_message(m) for m in messages(body)]
    made["tools"] = list(tool_names(body))
    return made


def _bare(path: str) -> str:
    found = re.search(r"(chat/completions|models)(/.*)?$", path)
    return found[0] if found else path


def _message(message: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"role": message.get("role"), "text": plain(text_of(message))}
    calls = message.get("tool_calls")
    if isinstance(calls, list) and calls:
        made["calls"] = [c["function"].get("name") for c in calls if isinstance(c, dict) and "function" in c]
    return made


def first_difference(recorded: Asked, sent: Asked) -> str | None:
    """Where two first differ, in words with both values; None where they ask the same."""
    return next(_differences(recorded, sent, ""), None)


def distance(recorded: Asked, sent: Asked) -> tuple[int, float]:
    """How far two are apart: in how many places, a message too many or too few counting twice, then in their words."""
    uneven = abs(len(recorded.get("messages", ())) - len(sent.get("messages", ())))
    places = 2 * uneven + sum(1 for _ in _differences(recorded, sent, ""))
    return places, 1 - SequenceMatcher(None, _words(recorded), _words(sent), autojunk=False).ratio()


def _words(asked: Asked) -> list[str]:
    return [word for message in asked.get("messages", ())[-3:] for word in message["text"][:2000].split()]


def _differences(recorded: Any, sent: Any, where: str) -> Iterator[str]:
    if isinstance(recorded, dict) and isinstance(sent, dict):
        for key in (*recorded, *(k for k in sent if k not in recorded)):
            yield from _differences(recorded.get(key), sent.get(key), f"{where}.{key}" if where else key)
        return
    if isinstance(recorded, list) and isinstance(sent, list):
        for n, (one, other) in enumerate(zip(recorded, sent, strict=False)):
            yield from _differences(one, other, f"{where}[{n}]")
        if len(recorded) != len(sent):
            yield f"{where}: recorded {len(recorded)} of them, sent {len(sent)}"
        return
    if recorded != sent:
        yield f"{where}: recorded {_short(recorded, sent)}, sent {_short(sent, recorded)}"


def _short(value: Any, other: Any) -> str:
    """The value as JSON; of a long text the piece around the first character that differs."""
    if isinstance(value, str) and isinstance(other, str) and len(value) > 80:
        at = next((n for n, pair in enumerate(zip(value, other, strict=False)) if pair[0] != pair[1]), len(other))
        start = max(0, at - 30)
        value = ("…" if start else "") + value[start : start + 80] + ("…" if start + 80 < len(value) else "")
    return json.dumps(value, ensure_ascii=False)


def ids(body: Any) -> list[str]:
    """The ids that tools told in a request, in the order in which they stand."""
    results = [text_of(m) for m in messages(body) if m.get("role") == "tool"]
    return [found[1] or found[2] or found[3] for text in results for found in IDS.finditer(text)]


def learnt(recorded: Any, sent: Any) -> dict[str, str]:
    """The recorded ids, and those that this server's tools told in their place.

    Args:
        recorded, sent: the bodies of the recorded request and of the one that was sent.
    """
    return {old: new for old, new in zip(ids(recorded), ids(sent), strict=False) if old != new and len(old) > 3}


def renamed(text: str, names: Mapping[str, str]) -> str:
    """A recorded answer's text with its ids replaced by those that this server made."""
    for old, new in names.items():
        text = text.replace(old, new)
    return text
