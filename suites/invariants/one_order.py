"""Several at once on one thread: what each was told fits one order. Without any overlap nothing is judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.stream.asked import NONCE, Asked, asked_in
from chatkit_conformance.stream.once import once
from chatkit_conformance.stream.one_order import ListRead, Operation, contradictions, out_of_place, overlapping, torn
from chatkit_conformance.stream.reread import Reread, rereads
from chatkit_conformance.transcript import RESTARTS, Reply, Transcript

from ..clauses import SPEC_SURVIVES, types

TAKES_AWAY = ("threads.retry_after_item", "threads.delete", "threads.custom_action", "threads.sync_custom_action")
"""Requests after which a thread may have fewer messages; what they take away, others judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadActs:
    """What was done with one thread: messages, whole readings of them, and what was done with its title."""

    says: tuple[Operation, ...]
    reads: tuple[ListRead, ...]
    titles: tuple[Operation, ...]


@once
def thread_acts(t: Transcript) -> tuple[ThreadActs, ...]:
    """By thread, where the server was not restarted; threads that something was taken from are left out."""
    if t.notes.get(RESTARTS):
        return ()
    threads: dict[str, list[Asked]] = {}
    for asked in asked_in(t):
        if asked.thread_id and asked.reply.sent_at > 0:
            threads.setdefault(asked.thread_id, []).append(asked)
    read = [each for each in rereads(t) if each.complete and len(each.pages) == 1]
    return tuple(
        _acts(those, [each for each in read if each.thread_id == id])
        for id, those in threads.items()
        if not any(a.reply.type in TAKES_AWAY for a in those)
    )


def _acts(those: list[Asked], read: list[Reread]) -> ThreadActs:
    says = tuple(_say(a) for a in those if a.says and a.nonce and not a.wrong)
    once_each = len({act.value for act in says}) == len(says)
    titles = [*_renames(those), *_titles(read)]
    given = {act.value for act in titles if act.writes}
    return ThreadActs(
        says=says if once_each else (),
        reads=tuple(_list(each) for each in read) if once_each else (),
        titles=tuple(act for act in titles if act.value in given),
    )


def _say(a: Asked) -> Operation:
    told = next((e.at for e in a.reply.items_done("user_message")), inf)
    return Operation(
        label=a.reply.label, does="said its message", value=a.nonce, begins=a.reply.sent_at, ends=told, writes=True
    )


def _list(read: Reread) -> ListRead:
    said = [found.group() for item in read.items if (found := NONCE.search(_words(item.get("content"))))]
    begins, ends = _span(read.pages[0])
    return ListRead(label=read.label, shows=tuple(said), begins=begins, ends=ends)


def _words(content: object) -> str:
    parts = content if isinstance(content, list) else []
    return "".join(
        str(part.get("text")) for part in parts if isinstance(part, dict) and part.get("type") == "input_text"
    )


def _span(r: Reply) -> tuple[float, float]:
    return r.sent_at, inf if r.ended_at is None else r.ended_at


def _renames(those: list[Asked]) -> Iterator[Operation]:
    for a in those:
        if a.reply.type == "threads.update" and not a.wrong:
            begins, ends = _span(a.reply)
            title = str(a.reply.params.get("title"))
            ends = ends if a.reply.accepted else inf
            yield Operation(
                label=a.reply.label, does="gave its title", value=title, begins=begins, ends=ends, writes=True
            )


def _titles(read: list[Reread]) -> Iterator[Operation]:
    for each in read:
        if isinstance(title := each.thread.get("title"), str):
            begins, ends = _span(each.pages[0])
            yield Operation(
                label=each.label, does=f"showed the title {title[:40]!r}", value=title, begins=begins, ends=ends
            )


@check(
    "persistence.one-order-of-messages",
    level=MUST,
    clause=SPEC_SURVIVES + "; " + types("593-645") + ": a thread's items are one sequence",
    cause="Two turns load the thread, each adds its message, and the second to save writes over the first.",
    fix="Store each item by itself, under the order of its creation; never write a thread's items back as a whole.",
    criteria=("SC-005",),
)
def one_order_of_messages(t: Transcript) -> Findings:
    """When several tabs write and read at once, some order of their messages fits all that each of them was told."""
    judged = [acts for acts in thread_acts(t) if acts.reads and overlapping((*acts.says, *_as_acts(acts.reads)))]
    if not judged:
        raise Untestable(f"No overlap was seen: nothing was written in a thread of {t.exchange} while it was read.")
    for acts in judged:
        found = list(torn(acts.reads)) or list(out_of_place(acts.says, acts.reads))
        for each in found:
            yield Finding(expected="one order that fits all", got=each.why, reply=each.second.label)


def _as_acts(reads: tuple[ListRead, ...]) -> Iterator[Operation]:
    yield from (
        Operation(label=r.label, does="read", value=n, begins=r.begins, ends=r.ends) for n, r in enumerate(reads)
    )


@check(
    "persistence.one-order-of-titles",
    level=MUST,
    clause=types("277-288") + ": threads.update sets a thread's title",
    cause="A turn loads the thread before the rename and saves it afterwards, with the title of before.",
    fix="Update the title alone, and load the thread again before it is saved.",
)
def one_order_of_titles(t: Transcript) -> Findings:
    """When a thread is renamed and read at once, some order of its titles fits all that each was told."""
    judged = [acts.titles for acts in thread_acts(t) if overlapping(acts.titles)]
    if not judged:
        raise Untestable(f"No overlap was seen: no thread of {t.exchange} was read while it was renamed.")
    for titles in judged:
        for each in contradictions(titles):
            yield Finding(expected="one order that fits all", got=each.why, reply=each.second.label)
