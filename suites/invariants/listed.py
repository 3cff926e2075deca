"""Lists of threads, and the answers to a rename, beside what the thread itself says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.stream.asked import Asked, asked_in, in_place, still_open
from chatkit_conformance.stream.reload import same_time
from chatkit_conformance.transcript import JSON, Reply, Transcript
from chatkit_conformance.wire.schema import streaming_types

from ..clauses import server, types
from ..evidence import CONFLICT, LIMITED, NO_CONTENT, answered, same_title, shorten

CUT_SHORT = ("…", "...")
"""Ends of a title that a list shows in part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Telling:
    """What one answer says of a thread: in a list, or in the thread's own reload, event or rename."""

    asked: Asked
    fields: dict[str, JSON]
    listed: bool


def _tellings(t: Transcript) -> dict[str, list[_Telling]]:
    """By thread: all that its owner was told of it, in the order of the requests."""
    found: dict[str, list[_Telling]] = {}
    for a in asked_in(t):
        if not a.wrong:
            for fields, listed in _fields(a.reply):
                told = _Telling(asked=a, fields=fields, listed=listed)
                found.setdefault(str(fields.get("id")), []).append(told)
    return found


def _fields(r: Reply) -> Iterator[tuple[dict[str, JSON], bool]]:
    for e in r.of("thread.created", "thread.updated"):
        value = (e.data or {}).get("thread")
        if isinstance(value, dict):
            yield value, False
    if r.accepted and isinstance(r.body, dict):
        if r.type in ("threads.get_by_id", "threads.update"):
            yield r.body, False
        rows = r.body.get("data") if r.type == "threads.list" else None
        yield from ((row, True) for row in (rows if isinstance(rows, list) else ()) if isinstance(row, dict))


@check(
    "persistence.list-agrees-with-thread",
    level=MUST,
    clause=types("593-607") + ": a list holds the same thread metadata as the thread; SC-005",
    cause="Lists are read from another table, from a cache, or with another conversion of times.",
    fix="Make the row of a list and the thread's own answer with one function from one row.",
    criteria=("SC-005",),
)
def list_agrees_with_thread(t: Transcript) -> Findings:
    """A list shows a thread's time of creation, and the title that the thread has before and after it is listed."""
    judged = 0
    for told in _tellings(t).values():
        for n, row in enumerate(told):
            own = [other for other in told[:n] if not other.listed]
            if not row.listed or not own:
                continue
            judged += 1
            label = row.asked.reply.label
            was, now = own[0].fields.get("created_at"), row.fields.get("created_at")
            if isinstance(was, str) and isinstance(now, str) and was != now and not same_time(was, now):
                yield Finding(expected=f"created_at {was}", got=f"created_at {now}", reply=label)
            title = own[-1].fields.get("title")
            after = next((other for other in told[n + 1 :] if not other.listed), None)
            kept = after is not None and same_title(title, after.fields.get("title")) and _still(t, own[-1], row, after)
            if isinstance(title, str) and title.strip() and kept and not _shows(row.fields.get("title"), title):
                got = f"title {shorten(row.fields.get('title'))}"
                yield Finding(expected=f"title {shorten(title)}", got=got, reply=label)
    if not judged:
        raise Untestable(f"No thread of {t.exchange} was listed after it had been told itself.")


def _ordered(earlier: _Telling, later: _Telling) -> bool:
    """Whether one was told whole before the other was asked for: a stream tells a title when its turn is over."""
    return not earlier.asked.reply.ended_at or earlier.asked.reply.ended_at <= later.asked.reply.sent_at


def _still(t: Transcript, before: _Telling, row: _Telling, after: _Telling) -> bool:
    """Whether these came one after the other, and nothing that may give the thread another title meanwhile.

    That is a rename, and a turn: a server may title its threads by their newest message.
    """
    if not _ordered(before, row) or not _ordered(row, after):
        return False
    ends = (before.asked, after.asked)
    first, last = before.asked.reply, after.asked.reply
    titling = {"threads.update", *streaming_types()}
    others = [a for a in asked_in(t) if a.reply.type in titling and a.thread_id == before.asked.thread_id]
    others = [a for a in others if a not in ends]
    return not any(before.asked.n < a.n < after.asked.n or _within(a.reply, first, last) for a in others)


def _within(r: Reply, first: Reply, last: Reply) -> bool:
    """Whether it was under way at some time between the two."""
    until = last.ended_at or last.sent_at
    return bool(first.sent_at) and (r.ended_at or r.sent_at) >= first.sent_at and r.sent_at <= until


def _shows(listed: JSON, title: str) -> bool:
    """Whether a list shows this title, whole or its beginning."""
    if not isinstance(listed, str):
        return False
    short = listed.strip()
    begun = next((short.removesuffix(end).strip() for end in CUT_SHORT if short.endswith(end)), "")
    return same_title(listed, title) or bool(begun and title.strip().startswith(begun))


@check(
    "persistence.rename-answers-thread",
    level=MUST,
    clause=server("515-521") + " and types.py L277-288: threads.update answers with the updated thread",
    cause="The request is not handled, or is answered with the thread as it was before, or with something else.",
    fix="Answer with the thread that was saved, including its new title.",
)
def rename_answers_thread(t: Transcript) -> Findings:
    """threads.update is answered with the thread and its new title; while an answer is under way, 409 is right, too."""
    asked = [a for a in in_place(t) if a.reply.type == "threads.update"]
    asked = [a for a in asked if a.reply.status not in (NO_CONTENT, LIMITED)]
    asked = [a for a in asked if a.reply.status != CONFLICT or not under_way(t, a)]
    if not asked:
        raise Untestable(f"No thread of {t.exchange} was renamed.")
    for a in asked:
        r, wanted = a.reply, a.reply.params.get("title")
        made = r.body if isinstance(r.body, dict) else {}
        titled = same_title(wanted, made.get("title")) or any(_beside(r, b.reply) for b in asked if b is not a)
        if not r.accepted or made.get("id") != a.thread_id or not titled:
            yield Finding(expected=f"thread {a.thread_id!r}, title {wanted!r}", got=answered(r), reply=r.label)


def under_way(t: Transcript, asked: Asked) -> bool:
    """Whether an answer may have been under way in the thread: one that was not over, or that the browser had left."""
    streams = (a.reply for a in asked_in(t)[: asked.n] if a.thread_id == asked.thread_id and a.reply.events)
    return any(r.ended != "closed" or still_open(r, asked.reply) for r in streams)


def _beside(r: Reply, other: Reply) -> bool:
    """Whether another rename of the thread was under way at the same time: then either title is right."""
    if other.params.get("thread_id") != r.params.get("thread_id") or not r.sent_at:
        return False
    return other.sent_at <= (r.ended_at or r.sent_at) and (other.ended_at or other.sent_at) >= r.sent_at


@check(
    "persistence.thread-time-stays",
    level=MUST,
    clause=types("593-607") + ": created_at, when the thread was created; SC-005",
    cause="A save stamps it with now, or a start reads it from a file's own time.",
    fix="Write it once, when the thread is created, and read it from there.",
    criteria=("SC-005",),
)
def thread_time_stays(t: Transcript) -> Findings:
    """A thread was created when it was created: later turns, a rename, a restart do not move that."""
    own = [[telling for telling in told if not telling.listed] for told in _tellings(t).values()]
    if not any(len(told) > 1 for told in own):
        raise Untestable(f"No thread of {t.exchange} was told of twice.")
    for first, *later in filter(None, own):
        was = first.fields.get("created_at")
        for telling in later:
            now = telling.fields.get("created_at")
            if isinstance(was, str) and isinstance(now, str) and was != now and not same_time(was, now):
                label = telling.asked.reply.label
                yield Finding(expected=f"created_at {was}", got=f"created_at {now}", reply=label)
                break
