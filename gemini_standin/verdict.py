"""What a guard, or whoever asks for a title, wants where it says so in words: one of two words, or JSON by an example.

    Answer only SAFE or UNSAFE.            -> SAFE
    Is this harmful? Reply yes or no.      -> no
    Respond with JSON: {"allowed": true}   -> {"allowed": true}

A guard lets pass what it judges, as in minimal.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .compact import dumps
from .conversation import messages, text_of
from .minimal import SPEAKING, minimal, passes

_ORDERED = re.compile(
    r"\b(answer|reply|respond|return|output|say|classify|antworte|réponds|responde)\b[^\n]{0,60}?"
    r"(\b(only|just|exactly|either|strictly|one word|single word|with|as|yes|true|json|nur|seulement|sólo|solo|mit)\b|"
    r"[\"'`“‘])",
    re.IGNORECASE,
)
_PAIR = re.compile(
    r"(?<![\w-])[\"'`*“‘]*(?P<one>[A-Za-z][\w-]*)[\"'`*”’,]*\s*(?:/|\||\b(?:or|oder|ou|o)\b)\s*[\"'`*“‘]*(?P<other>[A-Za-z][\w-]*)"
)
_REFUSES = re.compile(
    r"(un|in|im|ir|dis|not[ _-]?|off[ _-]?|non[ _-]?)?(block|den|reject|refus|fail|flag|harm|malicious|stop|toxic|spam|"
    r"safe|appropriate|allowed|relevant|valid|topic|accept|approve|permitted)\w*",
    re.IGNORECASE,
)
_BAD = re.compile(
    r"\b(harm\w*|malicious|jailbreak\w*|injection\w*|unsafe|inappropriate|offensive|toxic|spam|abus\w*|attack\w*|"
    r"violat\w*|off[- ]topic|irrelevant|dangerous|profan\w*)\b",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(r"\{[^{}]*?[\"']\w+[\"']\s*:[^{}]*\}")
_KEY = re.compile(r"[\"'](?P<key>\w+)[\"']\s*:\s*(?P<value>[^,}]*)")

LONGEST = 4_000
"""Characters of what a guard is told; a conversation's own instructions may be longer."""

BEGINNING = 1_000
"""Characters of a user's message in which a question may stand before what is judged."""


def verdict(body: Any) -> str | None:
    """The answer that a request asks for in so many words, or None where it asks for nothing of the kind."""
    said = messages(body)
    if any(message.get("role") not in ("system", "developer", "user") for message in said):
        return None
    # What is judged may be long, and stands behind the question, which a request without instructions begins with.
    asked = "\n".join(text_of(m) if m.get("role") != "user" else text_of(m)[:BEGINNING] for m in said)
    if len(asked) > LONGEST or not _ORDERED.search(asked):
        return None
    return _by_example(asked) or next(_words(asked), None)


def _by_example(asked: str) -> str | None:
    found = _EXAMPLE.search(asked) if re.search(r"\bjson\b", asked, re.IGNORECASE) else None
    if found is None:
        return None
    pairs = [(m["key"], m["value"].strip().lower()) for m in _KEY.finditer(found.group())]
    properties = {key: {"type": _type(value)} for key, value in pairs}
    if SPEAKING.intersection(key.lower() for key in properties):
        return None  # the conversation itself is held in JSON
    return dumps(minimal({"type": "object", "properties": properties, "required": list(properties)}))


def _type(value: str) -> str:
    if re.search(r"\b(true|false|bool\w*)\b", value):
        return "boolean"
    return "number" if re.search(r"^[\d.]+|\b(number|int\w*|float)\b", value) else "string"


def _words(asked: str) -> Iterator[str]:
    for pair in _PAIR.finditer(asked):
        one, other = pair["one"], pair["other"]
        if {one.lower(), other.lower()} in ({"yes", "no"}, {"true", "false"}):
            question = asked[: pair.start()]
            good = {"yes", "true"} if not _BAD.search(question) else {"no", "false"}
            if _BAD.search(question) or any(map(passes, re.findall(r"[\w-]+", question))):
                yield one if one.lower() in good else other
        elif passes(one) and not passes(other) and _REFUSES.fullmatch(other):
            yield one
        elif passes(other) and not passes(one) and _REFUSES.fullmatch(one):
            yield other
