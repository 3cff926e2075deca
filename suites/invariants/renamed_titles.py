"""The title of a thread that was renamed, as streams tell it afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.asked import in_place
from chatkit_conformance.transcript import Event, Reply, Transcript

from ..clauses import types
from ..evidence import shorten

AFTER_S = 0.05
"""Seconds between the answer to a rename and an event, from which on the event was not on its way before."""


def _told(t: Transcript) -> Iterator[tuple[Reply, Event, dict[str, Any]]]:
    """Each event that tells of a thread, and the thread."""
    for r in t.replies:
        for e in r.of("thread.created", "thread.updated"):
            thread = (e.data or {}).get("thread")
            if isinstance(thread, dict):
                yield r, e, thread


@check(
    "stream.title-told-as-renamed",
    level=SHOULD,
    clause=types("361-365") + ": thread.updated tells what the thread is now, and the client shows its title",
    cause="The event is made from the thread as it was when the turn began.",
    fix="Read the thread anew before you tell of it.",
)
def title_told_as_renamed(t: Transcript) -> Findings:
    """No event gives a thread a title from before its user renamed it, once the rename was answered."""
    if not any(r.streamed for r in t.replies):
        raise Untestable(f"No stream was read in {t.exchange}.")
    renames = [a.reply for a in in_place(t) if a.reply.type == "threads.update" and a.reply.accepted]
    told = list(_told(t)) if renames else []
    for r, event, thread in told:
        sent = [one for one in renames if one.params.get("thread_id") == thread.get("id") and one.sent_at < event.at]
        if not sent or any(one.ended_at is None or one.ended_at > event.at - AFTER_S for one in sent):
            continue
        last = max(sent, key=lambda one: one.sent_at)
        new, title = last.params.get("title"), thread.get("title")
        before = [row.get("title") for _, e, row in told if row.get("id") == thread.get("id") and e.at < last.sent_at]
        if isinstance(title, str) and title != new and title in before:
            got = f"title {shorten(title)}, from before {last.label}"
            yield Finding(expected=f"title {shorten(new)}", got=got, reply=r.label, event=event.index)
