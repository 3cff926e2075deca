"""Requests that want what they are given again: a question that stands for itself, a conversation summed up.

A sensible model gives back a question that means the same, and forgets no fact. So does the stand-in:

    Formulate a standalone question. Do NOT answer it.    -> the question as it was
    Translate the answer. Return only the translation.    -> the answer as it was
    Summarise the conversation below.                     -> all that was said
"""

from __future__ import annotations

import re
from typing import Any

from .conversation import messages, text_of

_STANDALONE = re.compile(r"\bstand-?\s?alone (?:question|query|message|version)\b", re.IGNORECASE)
_REWRITE = re.compile(
    r"\b(?:re-?(?:phras|word|writ|formulat|stat)|paraphras|condens|umformulier|reformul)\w*\b", re.IGNORECASE
)
_UNANSWERED = re.compile(
    r"\b(?:not|\w+n't|never|nicht|ne pas|no|non)\s+(?:to\s+)?(?:answer|beantwort|répond|respond)", re.I
)
_TRANSLATE = re.compile(r"\b(?:translat|übersetz|tradui|traduc|tradur)\w*", re.IGNORECASE)
_NOTHING_ELSE = re.compile(
    r"\b(?:only|just|nothing but|nothing else|nur|nichts als|sólo|solo|seulement)\b", re.IGNORECASE
)
_SUMMARY = re.compile(
    r"\b(?:summar\w*|zusammenfass\w*|fasse\b[^.\n]*\bzusammen|résum\w*|resumen|resumir|riassunto|riassumi\w*)\b", re.I
)
_SHORT = re.compile(
    r"\b(?:titles?|titel|titre|t[ií]tulo|titolo|headline|subject line|label)\b"
    r"|\b(?:\d|one|two|three|four|five|six|ten)\W+words?\b",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^\W*(?:[\w'-]+ ){0,3}(?:question|query|input|message|utterance|text|answer|frage|anfrage|antwort|pregunta)\s*:",
    re.I | re.M,
)

LONGEST = 4_000
"""Characters of instructions that ask for no more than this; a conversation's own may be longer."""

SAID = 8_000
"""Characters of a conversation that a summary tells at most, the newest."""


def restated(body: Any) -> str | None:
    """The question that a request wants to have in other words, as it was; None where it wants nothing of the kind."""
    orders, said = _asked(body)
    wanted = _STANDALONE.search(orders) or (_REWRITE.search(orders) and _UNANSWERED.search(orders))
    return _question(said[-1]) if wanted and said and len(orders) <= LONGEST else None


def reworked(body: Any) -> str | None:
    """The text that a request wants translated, or in other words and nothing else, as it was; None for others.

    A translator whom a user talks to is asked in the same words: only who knows the conversation can tell them apart.
    """
    orders, said = _asked(body)
    wanted = (_TRANSLATE.search(orders) or _REWRITE.search(orders)) and _NOTHING_ELSE.search(orders)
    return _question(said[-1]) if wanted and said and len(orders) <= LONGEST else None


def summed_up(body: Any) -> str | None:
    """All that was said, where a request wants it in fewer words, and not in a few; else None."""
    orders, said = _asked(body)
    if not said or len(orders) > LONGEST or not _SUMMARY.search(orders) or _SHORT.search(orders):
        return None
    return "\n".join(said)[-SAID:]


def _asked(body: Any) -> tuple[str, list[str]]:
    """The instructions, and what else is told; of a request without any, its last message is the instructions, too."""
    found = messages(body)
    said = [text_of(m) for m in found if m.get("role") not in ("system", "developer")]
    orders = "\n".join(text_of(m) for m in found if m.get("role") in ("system", "developer"))
    return orders or (said[-1] if said else ""), [text for text in said if text.strip()]


def _question(text: str) -> str:
    """What stands behind the last label that has something behind it, else the whole."""
    labels = list(_LABEL.finditer(text))
    ends = [*(label.start() for label in labels[1:]), len(text)]
    pieces = [text[label.end() : end].strip() for label, end in zip(labels, ends, strict=False)]
    return next((piece for piece in reversed(pieces) if piece), text)
