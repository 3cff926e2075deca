"""Conversations that each check of what a broken turn tells and leaves behind must fail."""

from __future__ import annotations

from collections.abc import Mapping

from chatkit_conformance.transcript import Transcript
from tests.suites import conversations as c
from tests.suites.build import ERROR, answer, done, edit, said, without
from tests.suites.edits import CRASH, items, plus, silent

_PASSING = c.fault("fault_overloaded")
_LASTING = c.fault("fault_refused")
_FINISHED = plus(without(_PASSING, "fault", "error"), "fault", done(said("a1", "This answer has")), ERROR)


def _telling(message: str) -> Transcript:
    """A fault whose error says this."""
    return plus(without(_PASSING, "fault", "error"), "fault", {**ERROR, "message": message})


BREAKS: Mapping[str, list[Transcript]] = {
    "errors.retry-after-fault-answers": [
        silent(c.fault_retried(), "retry"),
        edit(c.fault_retried(), "retry", **CRASH),
    ],
    "errors.retry-after-fault-one-answer": [
        items(c.fault_retried(), "reload", lambda old: [*old, said("a1", "A fe")]),
        items(c.fault_retried(), "reload", lambda old: old[:1]),
    ],
    "errors.transient-fault-one-answer": [
        plus(c.fault_passing(), "fault", *answer("a2", "Ferns like shade.")),
        silent(c.fault_passing(), "fault"),
    ],
    "errors.transient-fault-recovered": [plus(silent(c.fault_passing(), "fault"), "fault", ERROR)],
}
