"""A thread as it was read before something was done to it, beside the same thread read afterwards.

A comparison with what the stream had shown would hold a store that loses items against a rename, a retry or feedback.
"""

from __future__ import annotations

from chatkit_conformance.check import Finding, Findings, Untestable
from chatkit_conformance.transcript import Transcript

from .evidence import LIMITED, answered, reloaded, reply, shorten, text_of

MESSAGES = ("user_message", "assistant_message")
"""Types of the items that are compared: what was said."""

Message = tuple[str, str]
"""A message's id and its text."""


def messages(t: Transcript, label: str) -> list[Message]:
    """The messages of a reload, in the order served. Raises Untestable where it failed."""
    return [(str(i.get("id")), text_of(i)) for i in reloaded(t, label) if i.get("type") in MESSAGES]


def messages_before(t: Transcript, label: str) -> list[Message]:
    """The messages of a reload that came first. Raises Untestable where it shows none: then none can be lost."""
    if found := messages(t, label):
        return found
    raise Untestable(f"{label} of {t.exchange} shows no message, so it cannot be seen whether any is kept.")


def unchanged(t: Transcript, before: str, after: str) -> Findings:
    """A finding unless the reload `after` shows the messages that the reload `before` showed.

    Raises Untestable where there was none before.
    """
    was, r = messages_before(t, before), reply(t, after)
    if not r.accepted and r.status != LIMITED:
        yield Finding(expected=f"the thread with {len(was)} messages", got=answered(r), reply=after)
        return
    now = messages(t, after)
    if now != was:
        lost = [row for row in was if row not in now]
        got = f"{len(now)} messages {shorten(now, 300)}" + (f", without {shorten(lost)}" if lost else "")
        yield Finding(expected=f"{len(was)} messages {shorten(was, 300)}", got=got, reply=after)
