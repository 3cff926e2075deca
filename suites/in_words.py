"""What may not be held against a server whose model was asked in words: it chooses what it does, and when."""

from __future__ import annotations

import json

from chatkit_conformance.check import MODEL_NEEDS, NotJudged
from chatkit_conformance.stream.model_answers import model_answers
from chatkit_conformance.transcript import IN_WORDS, Transcript

from .evidence import calls_of, shorten


def needs_script(t: Transcript) -> None:
    """Raise NotJudged where the model plays no script, so that nothing holds it at a given moment."""
    if IN_WORDS in t.notes:
        raise NotJudged(MODEL_NEEDS["script"])


def made_as_asked(t: Transcript, label: str, name: str, text: str = "") -> None:
    """Raise NotJudged where a model that was asked in words did not call that tool, or not with that text.

    A model chooses, and may well change the words that it passes on.
    """
    if IN_WORDS not in t.notes:
        return
    made = [(called, arguments) for c in calls_of(t, label) for _, called, arguments in model_answers(t)[c.n].calls]
    if not any(called == name for called, _ in made):
        raise NotJudged(f"The model did not call {name!r} in {label}, as it was asked to.")
    if text and not any(called == name and text in _values(arguments) for called, arguments in made):
        raise NotJudged(f"The model did not call {name!r} with the text {shorten(text)}, as it was asked to.")


def _values(arguments: str) -> list[object]:
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        return []
    return list(value.values()) if isinstance(value, dict) else []
