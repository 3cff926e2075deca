"""A dozen turns of which every other one has a tool: what shows it, and when, and how soon words come."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from chatkit_conformance.transcript import HELD_UP, STARVED, Call, Reply, Transcript
from tests.suites.build import PROGRESS, Data, asked, called, calling, create, result, say, sent, transcript
from tests.suites.timed import Timed, says, timed, words

LABELS = tuple(f"turn-{letter}" for letter in "abcdefghijkl")
APART_S = 10.0
LATE = range(12)


def usual_turns(
    *,
    slow: Collection[int] = (),
    shown_s: float = 0.04,
    shown: Sequence[Data] = (PROGRESS,),
    always: Sequence[Data] = (),
    held_s: float = 0.0,
    starved_s: float = 0.0,
) -> Transcript:
    """Turns one after another.

    Args:
        slow: those whose words come four seconds late. shown_s: after a tool's call, when it is shown.
        shown: what shows it. always: what every turn shows behind the model's first word. held_s: see HELD_UP.
        starved_s: see STARVED.
    """
    replies: list[Reply] = []
    calls: list[Call] = []
    for n, label in enumerate(LABELS):
        at, said_at = n * APART_S, n * APART_S + 0.5 + (4.0 if n in slow else 0.0)
        made = create(label, "Go on.", ()) if n == 0 else say(label, "Go on.", ())
        rows: list[Timed] = [(at + 0.05, event.data or {}) for event in made.events]
        rows += [(at + 0.2 + shown_s, data) for data in shown if n % 2]
        rows += [(at + 0.45, data) for data in always] + words(f"a{n}", (said_at,))
        calls += _with_tool(label, len(calls), at) if n % 2 else [_plain(label, len(calls), at)]
        replies.append(timed(made, sorted(rows, key=lambda row: row[0]), sent_at=at, ended_at=said_at + 0.1))
    notes = {name: told for name, told in ((HELD_UP, held_s), (STARVED, starved_s)) if told}
    whole = transcript("moves_02", replies, calls, **notes)
    return replace(whole, ended_at=len(LABELS) * APART_S)


def _plain(label: str, n: int, at: float) -> Call:
    message = {"role": "user", "content": asked("Go on.", label)}
    return called(label, [message], n=n, at=at + 0.1, sent=says(at + 0.4), finished_at=at + 0.4)


def _with_tool(label: str, n: int, at: float) -> list[Call]:
    messages = [{"role": "user", "content": asked("Go on.", label)}]
    made: tuple[str, str, Data] = (f"c{n}", "list_tasks", {})
    after = [*messages, calling(made), result(f"c{n}", "None.")]
    first = called(label, messages, n=n, at=at + 0.1, sent=sent("", made, at=at + 0.2), finished_at=at + 0.2)
    then = called(label, after, n=n + 1, position=1, at=at + 0.3, sent=says(at + 0.4), finished_at=at + 0.4)
    return [first, then]


BREAKS: Mapping[str, list[Transcript]] = {
    "tools.shown-because-of-tool": [usual_turns(shown=(), always=(PROGRESS,)), usual_turns(always=(PROGRESS,))],
    "latency.usual-own-share": [usual_turns(slow=range(8)), usual_turns(slow=range(0, 12, 2))],
    "latency.usual-tool-visible": [usual_turns(shown_s=0.7)],
}


def odd_turns() -> list[Transcript]:
    """Each turn begins with the same progress, and a tool adds another or the same once more; a few turns are slow."""
    other = {"type": "progress_update", "text": "Reading your tasks"}
    return [
        usual_turns(always=(PROGRESS,), shown=(other,)),
        usual_turns(slow=(2, 7)),
        usual_turns(slow=LATE, held_s=9),
        usual_turns(slow=LATE, starved_s=90),
    ]
