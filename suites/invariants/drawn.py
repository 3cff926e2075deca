"""Widgets as the page draws them: what neither the SDK nor the client's published types know is not drawn."""

from __future__ import annotations

import json

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Transcript
from chatkit_conformance.wire.drawn import CLIENT_RELEASE, problems_drawn, widgets_of

from ..clauses import types

MOST_TOLD = 20


@check(
    "widgets.known-to-client",
    level=SHOULD,
    clause=types("676-681") + f"; @openai/chatkit {CLIENT_RELEASE}, types/widgets.d.ts: what the page draws",
    cause="The widget is written by hand, and a name is misspelt, or a value is none of those that the field can have.",
    fix="Build it with chatkit.widgets, or compare it with docs/widgets-by-sdk-and-client.md.",
    capability="widgets",
)
def known_to_client(t: Transcript) -> Findings:
    """Every component of a widget, its fields and their values are known to the SDK or to the client's types."""
    seen: set[str] = set()  # a widget is read back again and again
    told: set[tuple[str, str, str]] = set()
    for r in t.replies:
        for index, data in ((None, r.body), *((e.index, e.data) for e in r.events)):
            for place, widget, whole in widgets_of(data):
                if (same := json.dumps([whole, widget])) in seen:
                    continue
                seen.add(same)
                for problem in problems_drawn(widget, place, root=whole):
                    row = (problem.path.partition(".")[2], problem.expected, problem.got)
                    if row not in told and len(told) < MOST_TOLD:
                        told.add(row)
                        expected = f"{problem.path}: {problem.expected}"
                        yield Finding(expected=expected, got=problem.got, reply=r.label, event=index)
    if not seen:
        raise Untestable(f"No widget was shown in {t.exchange}.")
