"""What is left of a turn with a tool that was broken off, wherever that was: see `exchanges/boundaries.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from chatkit_conformance.check import MUST, Finding, Findings, Need, NotJudged, Untestable, check
from chatkit_conformance.stream.event_kinds import is_text
from chatkit_conformance.target.task_id import ids_of
from chatkit_conformance.target.task_reading import is_page
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import SPEC_TOOLS, types
from ..evidence import Item, answer_text, answered, led_to, note, reloaded, reply, result_of, shorten, text_of
from ..exchanges.boundaries import BACK, LAST, LIST, WHOLE
from ..tools.roles import elsewhere, listed, name_of
from .traces import COMMIT, KILLED, WRITE_BEHIND


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How turns are broken off: begins the ids of its checks, its exchange, and how it is said."""

    id: str
    exchange: str
    said: str
    clause: str
    capability: str | None = None


WAYS = (
    Way(
        id="disconnect-anywhere",
        exchange="left_at_boundaries",
        said="the browser disconnects at any point of a turn with a tool",
        clause=types("387-391") + ": an item sent as done is complete; user specification SC-005, SC-008",
    ),
    Way(
        id="killed-anywhere",
        exchange="killed_at_boundaries",
        said="the server is killed at any point of a turn with a tool",
        clause=KILLED,
        capability="restart",
    ),
)


def _broken(t: Transcript) -> Iterator[tuple[str, Reply]]:
    """The turns that were broken off, with the names of their boundaries. Raises Untestable where there is none."""
    names = [str(name) for name in note(t, "boundaries")]
    if not names:
        raise Untestable(f"{t.exchange} interrupted no turn.")
    for name in names:
        yield name, reply(t, f"turn-{name}")


def _kept(t: Transcript, type: str) -> Findings:
    """Findings for items of this type that were done and are not read back once, and as they were.

    Raises Untestable where those of the turn that nothing broke off are not read back so either.
    """
    rows, seen = reloaded(t, f"reload-{WHOLE}"), 0
    for e in reply(t, WHOLE).items_done(type):
        if trouble := _not_once(e.item, rows):
            raise Untestable(f"The {type} of a turn that nothing interrupted is not kept either: {trouble}.")
    for name, turn in _broken(t):
        done = {e.item_id: e.item for e in turn.items_done(type)}
        for label in (f"reload-{name}", f"later-{name}"):
            read = next((r for r in t.replies if r.label == label), None)
            if not done or read is None:
                continue
            seen += 1
            shown = reloaded(t, label) if read.accepted else []
            for item in done.values():
                if trouble := _not_once(item, shown):
                    got = trouble if read.accepted else answered(read)
                    expected = f"{type} {item.get('id')!r} once: its done was sent before the interruption at {name!r}"
                    yield Finding(expected=expected, got=got, reply=label)
    if not seen:
        raise Untestable(f"No {type} was done before a turn of {t.exchange} was interrupted.")


def _not_once(item: Item, rows: list[Item] | list[dict[str, object]]) -> str:
    """Why an item is not among these rows once, with its text; "" where it is."""
    same = [row for row in rows if row.get("id") == item.get("id")]
    if len(same) != 1:
        return f"{len(same)} times among {shorten([row.get('id') for row in rows])}"
    if text_of(same[0]) != text_of(item):
        return f"the text {shorten(text_of(same[0]))} instead of {shorten(text_of(item))}"
    twins = sum(row.get("type") == item.get("type") and text_of(row) == text_of(item) for row in rows)
    return f"{twins} items with the text {shorten(text_of(item))}" if twins > 1 else ""


def _message_kept(t: Transcript) -> Findings:
    yield from _kept(t, "user_message")


def _answer_kept(t: Transcript) -> Findings:
    yield from _kept(t, "assistant_message")


def _tasks(t: Transcript) -> tuple[str, dict[str, str]]:
    """The list at the end, and all titles. Raises Untestable where it does not hold the first and the last of them."""
    text, titles = listed(t, LIST), {str(k): str(v) for k, v in note(t, "titles").items()}
    lacking = [titles.get(name, name) for name in (WHOLE, LAST) if titles.get(name, name) not in text]
    if lacking and is_page(text):
        raise elsewhere(t, lacking[0])
    if lacking:
        raise Untestable(
            f"The list lacks {lacking}, whose turn was not interrupted, so it cannot show what an interruption lost."
        )
    return text, titles


def _tool_once(t: Transcript) -> Findings:
    text, titles = _tasks(t)
    if not ids_of(text, titles[WHOLE]):
        raise NotJudged("The list has no ids, so two tasks with the same title cannot be told apart.")
    for name, _ in _broken(t):
        ids = ids_of(text, titles[name])
        if len(ids) > 1:
            got = f"{len(ids)} with the title {titles[name]!r}: {sorted(ids)}"
            yield Finding(expected=f"at most one task for the turn interrupted at {name!r}", got=got, reply=LIST)


def _tool_kept(t: Transcript) -> Findings:
    text, titles = _tasks(t)
    create, seen = name_of(t, "create"), 0
    usual = result_of(led_to(t, reply(t, WHOLE)), create)
    for name, turn in _broken(t):
        result = result_of(led_to(t, turn), create)
        told = result is not None and (titles[name] in result or result == usual)
        # The model speaks only after the tool: whoever read words of it was told that the task is there.
        words = [e for e in turn.events if is_text(e)]
        if told and words:
            seen += 1
            if titles[name] not in text:
                expected = f"task {titles[name]!r}: it was reported to the user before the interruption at {name!r}"
                yield Finding(expected=expected, got=f"a list without it: {shorten(text)}", reply=LIST)
    if not seen:
        raise Untestable(f"No turn of {t.exchange} was interrupted after its tool's effect was reported to the user.")


def _works(t: Transcript) -> Findings:
    # The list is read in the second turn of a thread that nothing interrupted.
    if not answer_text(listing := reply(t, LIST)):
        raise Untestable(f"A second turn that nothing interrupted got no answer either: {answered(listing)}.")
    seen = 0
    for name, _ in _broken(t):
        tried = [r for r in t.replies if r.label in (f"next-{name}", f"again-{name}")]
        seen += len(tried)
        if tried and not any(BACK in answer_text(r) for r in tried):
            got = "; then ".join(f"answer {shorten(answer_text(r))}, {answered(r)}" for r in tried)
            expected = f"answer {shorten(BACK)} in the thread of the turn interrupted at {name!r}"
            yield Finding(expected=expected, got=got, reply=tried[-1].label)
    if not seen:
        raise Untestable(f"The browser knew no thread of a turn that {t.exchange} interrupted.")


Judge = Callable[[Transcript], Findings]


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What holds after a break, however it came about."""

    id: str
    holds: str
    judge: Judge
    cause: str
    fix: str
    clause: str = ""
    criteria: tuple[str, ...]
    needs: tuple[Need, ...] = ()


PROMISES = (
    Promise(
        id="keeps-message",
        holds="a user's message whose done event was sent is read back once and unchanged",
        judge=_message_kept,
        cause=WRITE_BEHIND,
        fix=COMMIT,
        criteria=("SC-005",),
    ),
    Promise(
        id="keeps-answer",
        holds="an answer whose done event was sent is read back once and unchanged",
        judge=_answer_kept,
        cause=WRITE_BEHIND,
        fix=COMMIT,
        criteria=("SC-005",),
    ),
    Promise(
        id="tool-once",
        holds="no tool call takes effect twice",
        judge=_tool_once,
        cause="An unfinished turn runs again: from a job queue, at the next message, or at the next start.",
        fix="Record each call's id in the same transaction as its effect, and never run that call again.",
        clause=SPEC_TOOLS,
        criteria=("SC-007",),
        needs=("model",),
    ),
    Promise(
        id="tool-kept",
        holds="a tool's effect that was reported to the user is kept",
        judge=_tool_kept,
        cause="The tool's change is part of the turn's transaction, or is written late.",
        fix="Commit a tool's change before its result is sent to the model.",
        clause=SPEC_TOOLS,
        criteria=("SC-007",),
        needs=("model",),
    ),
    Promise(
        id="thread-works",
        holds="the thread's next message is answered",
        judge=_works,
        cause="The interrupted turn left a lock, a thread marked as busy, or a call without a result in the history.",
        fix="Release everything in `finally`, keep locks with an expiry, and leave unfinished calls out.",
        criteria=("SC-008",),
    ),
)
"""What holds after every break."""


def _declare(way: Way, promise: Promise) -> None:
    """Declare the check of one promise for one way of breaking off."""

    def judge(t: Transcript) -> Findings:
        yield from promise.judge(t)

    judge.__doc__ = f"If {way.said}, {promise.holds}."
    check(
        f"persistence.{way.id}-{promise.id}",
        level=MUST,
        on=(way.exchange,),
        clause=f"{promise.clause}; {way.clause}" if promise.clause else way.clause,
        cause=promise.cause,
        fix=promise.fix,
        capability=way.capability,
        needs=promise.needs,
        criteria=promise.criteria,
    )(judge)


for _way in WAYS:
    for _promise in PROMISES:
        _declare(_way, _promise)
