"""What a server can do beyond the core, where its owner did not say: a probe asks once, and the answer decides.

Four ways in which a capability comes to be judged:

    declared true       judged; what is broken fails
    declared false      not applicable
    undeclared, found   judged as if declared, and the run says so in a warning
    undeclared, absent  not applicable, with what the probe was answered

A capability without a row in PROBES cannot be asked for; undeclared, it is judged only where it shows (see judge.py).
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .transcript import Reply

if TYPE_CHECKING:
    from .talk import Talk

FILE = {"name": "probe.txt", "size": 5, "mime_type": "text/plain"}
"""A file that every server which takes attachments can be expected to take."""

AUDIO = {"audio_base64": base64.b64encode(b"\x1aE\xdf\xa3" + bytes(60)).decode(), "mime_type": "audio/webm;codecs=opus"}
"""The start of a WebM file: what a browser's recorder sends first, too short to hold a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What the probes found.

    Args:
        found: by capability, whether it is there. seen: by capability, what the probe was answered, in words.
    """

    found: Mapping[str, bool] = field(default_factory=dict)
    seen: Mapping[str, str] = field(default_factory=dict)

    def with_declared(self, declared: Mapping[str, bool]) -> dict[str, bool]:
        """What is known of each capability: as declared, else as found."""
        return {**self.found, **declared}

    def reasons(self) -> dict[str, str]:
        """Why the capabilities that were not found are not judged."""
        return {
            name: f"capability {name!r} is not declared, and a probe found none: {self.seen[name]}"
            for name, there in self.found.items()
            if not there
        }

    def notice(self) -> str:
        """A sentence that names what is there and was not declared, or ""."""
        there = sorted(name for name in self.found.keys() - UNTOLD if self.found[name])
        if not there:
            return ""
        rows = ", ".join(f"{name} = true" for name in there)
        return f"not declared and found by a probe: {', '.join(there)}. Write {rows} under [capabilities] to keep them."


async def probe(talk: Talk, thread: Reply, declared: Mapping[str, bool]) -> Probed:
    """Ask for each capability that was not declared.

    Args:
        talk: the discovery's. thread: the reply that began its thread.
        declared: what the owner said; it is not asked for.
    """
    found: dict[str, bool] = {}
    seen: dict[str, str] = {}
    for name, ask in PROBES.items():
        if name not in declared:
            found[name], seen[name] = await ask(talk, thread)
    return Probed(found=found, seen=seen)


def _told(r: Reply) -> str:
    body = "" if r.body is None else f", {str(r.body)[:120]}"
    events = f", {len(r.events)} events" if r.streamed else ""
    return f"HTTP {r.status}{events}{body}" if r.status else f"no answer ({r.trouble or r.ended})"


async def _attachments(talk: Talk, thread: Reply) -> tuple[bool, str]:
    made = await talk.ask("attachments.create", FILE, label="probe-attachments")
    id = made.body.get("id") if made.status == 200 and isinstance(made.body, dict) else None
    if isinstance(id, str):
        await talk.ask("attachments.delete", {"attachment_id": id}, label="probe-attachments-end")
    return isinstance(id, str), _told(made)


async def _feedback(talk: Talk, thread: Reply) -> tuple[bool, str]:
    item = next((e.item_id for e in thread.items_done("assistant_message")), "")
    if not item:
        return False, "the first turn gave no answer that could be rated"
    params = {"thread_id": thread.thread_id, "item_ids": [item], "kind": "positive"}
    made = await talk.ask("items.feedback", params, label="probe-feedback")
    return made.status == 200, _told(made)


async def _transcription(talk: Talk, thread: Reply) -> tuple[bool, str]:
    made = await talk.ask("input.transcribe", AUDIO, label="probe-transcription")
    return made.status == 200 and isinstance(made.body, dict) and isinstance(made.body.get("text"), str), _told(made)


async def _retry(talk: Talk, thread: Reply) -> tuple[bool, str]:
    item = next((e.item_id for e in thread.items_done("user_message")), "")
    if not item:
        return False, "the first turn sent no user message back that could be asked again"
    params = {"thread_id": thread.thread_id, "item_id": item}
    made = await talk.ask("threads.retry_after_item", params, label="probe-retry")
    return made.streamed and any(e.type.startswith("thread.item.") for e in made.events), _told(made)


async def _restart(talk: Talk, thread: Reply) -> tuple[bool, str]:
    return talk.can_restart, "the server was not started by this run"


PROBES: Mapping[str, Callable[[Any, Reply], Awaitable[tuple[bool, str]]]] = {
    "attachments": _attachments, "feedback": _feedback, "transcription": _transcription, "retry": _retry,
    "restart": _restart,
}  # fmt: skip
"""How a capability is asked for, by name: whether it is there, and what the answer was."""

UNTOLD = frozenset({"retry", "restart"})
"""Capabilities whose presence is no news: a core request type, and whether this run started the server."""
