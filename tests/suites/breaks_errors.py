"""Conversations that each check of errors must fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chatkit_conformance.transcript import Transcript
from tests.suites import conversations as c
from tests.suites.build import edit, noted, without
from tests.suites.edits import CRASH

_FAULTY = c.fault("fault_cut", partial="This answer has begun")
_UNTOLD = without(_FAULTY, "fault", "error")


def _fault(name: str) -> list[Transcript]:
    """A fault that nobody told the user of; one that never ended."""
    return [
        replace(_UNTOLD, exchange=f"fault_{name}"),
        replace(edit(_FAULTY, "fault", ended="cut"), exchange=f"fault_{name}"),
    ]


def _accepted(*labels: str) -> list[Transcript]:
    """Bad requests that crashed the handler, and ones that were taken."""
    return [edit(c.bad_requests(), label, **change) for label in labels for change in (CRASH, {"status": 200})]


_DIED = {
    "at": 1.0,
    "how": "ended with code 7",
    "said": "out of luck",
    "printed": ["INFO up", "out of luck"],
    "request": "threads.update",
    "reply": "unknown-update",
}

BREAKS: Mapping[str, list[Transcript]] = {
    **{f"errors.{name.replace('_', '-')}-reported": _fault(name) for name in c.FAULTS},
    "errors.bad-json": _accepted("not-json", "array"),
    "errors.unknown-type": _accepted("unknown-type"),
    "errors.missing-params": _accepted("no-input"),
    "errors.wrong-params": _accepted("wrong-order"),
    "errors.unknown-thread-read": _accepted("unknown-get"),
    "errors.unknown-thread-update": _accepted("unknown-update"),
    "errors.unknown-thread-stream": [
        edit(c.bad_requests(), "unknown-say", status=200, headers={"content-type": "text/event-stream"}, ended="cut")
    ],
    "errors.survives-bad-requests": [edit(c.bad_requests(), "next", status=0, events=(), ended="refused")],
    "errors.server-stays-up": [
        noted(c.bad_requests(), died=[_DIED]),
        noted(c.whole_run(), deaths=[{**_DIED, "beside": ["moves_07"]}]),
    ],
    "protocol.no-request-hangs": [
        edit(c.bad_requests(), "next", status=0, events=(), headers={}, ended="deadline", trouble="nothing for 15 s"),
    ],
    "errors.every-request-answered": [
        edit(c.bad_requests(), "array", status=0, ended="cut"),
        edit(c.bad_requests(), "array", ended="deadline"),
    ],
}
