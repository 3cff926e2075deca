"""What exploring is not made to find, with the reason: the page lists it, and counts it as not found."""

from __future__ import annotations

from collections.abc import Mapping

from chatkit_conformance.check import MAY
from chatkit_conformance.judging import catalogue as suites

from .mutant import Mutant

_ADVICE = "What it breaks is advice (MAY): no invariant judges what no standard asks for."
_LIMIT = "A minute of a conversation that waits for a limit is a minute of all: that move is not drawn."
_ORIGIN = "No move comes from another site's page."
_DIALECT = "Conversations are drawn in one dialect of Gemini's, and it shows in another."
_THREADS = "It shows after more threads of one user than conversations of a minute begin."

WHY: Mapping[str, str] = {
    "limit-not-counted": _LIMIT,
    "limit-for-all": _LIMIT,
    "origin-unread": _ORIGIN,
    "any-header-is-no-cookie": _ORIGIN,
    "fetch-metadata-unread": _ORIGIN,
    "forms-taken": _ORIGIN,
    "empty-ids-fatal": _DIALECT,
    "empty-ids-back": _DIALECT,
    "forty-threads-kept": _THREADS,
    "past-of-32-threads": _THREADS,
    "transcription-by-letter": "No move speaks: nothing is asked to be written down.",
    "any-model-asked": "No move chooses a model that is not Gemini's.",
    "model-asked-late": "Times of single turns are judged alone on a quiet server, where nothing goes on beside.",
    "thread-saved-slowly": "Times of single turns are judged alone on a quiet server, where nothing goes on beside.",
}
"""By the name of the mutant."""


def why_not_explored(one: Mutant) -> str:
    """Why exploring is not made to find a mutant, or ""."""
    ids = {*one.named, *one.also}
    named = [check.level for check in suites.checks() if check.id in ids]
    return WHY.get(one.name) or (_ADVICE if named and set(named) == {MAY} else one.survives)
