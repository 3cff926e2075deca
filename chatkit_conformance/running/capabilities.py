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
import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..check import Untestable
from ..script import calls, reply
from ..target.target import GUARDS, LISTS
from ..transcript import Event, Reply
from ..wire.actions import server_actions

if TYPE_CHECKING:
    from ..talk import Talk

FILES = (
    {"name": "probe.txt", "size": 5, "mime_type": "text/plain"},
    {"name": "probe.png", "size": 70, "mime_type": "image/png"},
)
"""Files of which a server that takes attachments takes one: many take pictures alone."""

SHOWN_TITLE = "Look at what is shown"
"""Title of the task that is made to see what a server shows of it."""

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
            name: f"capability {name!r} is not declared, and a probe did not find it: {self.seen[name]}"
            for name, there in self.found.items()
            if not there
        }

    def notice(self) -> str:
        """A sentence that names what is there and was not declared, or ""."""
        there = sorted(name for name in self.found.keys() - UNTOLD if self.found[name])
        if not there:
            return ""
        rows = ", ".join(f"{name} = true" for name in there)
        found = ", ".join(there)
        return (
            f"not declared, but found by a probe: {found}. To make them permanent, write {rows} under [capabilities]."
        )


async def probe(
    talk: Talk, thread: Reply, declared: Mapping[str, bool], names: Collection[str] | None = None
) -> Probed:
    """Ask for each capability that was not declared.

    Args:
        talk: the discovery's. thread: the reply that began its thread.
        declared: what the owner said; it is not asked for. names: only these, or None for all.
    """
    found: dict[str, bool] = {}
    seen: dict[str, str] = {}
    for name, ask in PROBES.items():
        if name not in declared and (names is None or name in names):
            found[name], seen[name] = await ask(talk, thread)
    return Probed(found=found, seen=seen)


def _described(r: Reply) -> str:
    body = "" if r.body is None else f", {str(r.body)[:120]}"
    events = f", {len(r.events)} events" if r.streamed else ""
    return f"HTTP {r.status}{events}{body}" if r.status else f"no answer ({r.trouble or r.ended})"


async def _attachments(talk: Talk, thread: Reply) -> tuple[bool, str]:
    tried = []
    for n, file in enumerate(FILES):
        made = await talk.ask("attachments.create", file, label=f"probe-attachments-{n}" if n else "probe-attachments")
        id = made.body.get("id") if made.accepted and isinstance(made.body, dict) else None
        tried.append(_described(made))
        if isinstance(id, str):
            await talk.ask("attachments.delete", {"attachment_id": id}, label="probe-attachments-end")
            return True, tried[-1]
    return False, tried[0]


async def _feedback(talk: Talk, thread: Reply) -> tuple[bool, str]:
    item = next((e.item_id for e in thread.items_done("assistant_message")), "")
    if not item:
        return False, "the first turn gave no answer to give feedback on"
    params = {"thread_id": thread.thread_id, "item_ids": [item], "kind": "positive"}
    made = await talk.ask("items.feedback", params, label="probe-feedback")
    return made.accepted or await _broken(talk, made), _described(made)


async def _transcription(talk: Talk, thread: Reply) -> tuple[bool, str]:
    made = await talk.ask("input.transcribe", AUDIO, label="probe-transcription")
    return made.accepted and isinstance(made.body, dict) and isinstance(made.body.get("text"), str), _described(made)


async def _retry(talk: Talk, thread: Reply) -> tuple[bool, str]:
    item = next((e.item_id for e in thread.items_done("user_message")), "")
    if not item:
        return False, "the first turn sent no user message back that could be retried"
    params = {"thread_id": thread.thread_id, "item_id": item}
    made = await talk.ask("threads.retry_after_item", params, label="probe-retry")
    shown = made.streamed and any(e.type.startswith("thread.item.") for e in made.events)
    return shown or await _broken(talk, made), _described(made)


_NOT_OFFERED = re.compile(
    r"\bunsupported\b|\b(?:unknown|unrecogni[sz]ed) (?:request|type|method|operation|action)"
    r"|(?:\bno|\bnot|n't)\b[^.]{0,30}\b(?:support|implement|offer|avail|allow|enabl)",
    re.IGNORECASE,
)
"""Words with which a server says that it has no such thing."""

NO_TYPE = "threads.frobnicate"
"""A request type that no server knows."""


async def _broken(talk: Talk, made: Reply) -> bool:
    """Whether a request failed, which is not to say that the server has no such thing.

    A server that has none refuses it, says so, or answers it as it answers any type that it does not know. Asked only
    of what the SDK itself answers in every server.
    """
    said = " ".join([made.text, str(made.body or ""), *(e.raw for e in made.errors)])
    if made.refused or made.status == 501 or _NOT_OFFERED.search(said):
        return False
    unknown = await talk.ask(NO_TYPE, {}, label="probe-unknown", wrong=True)
    return _kind(unknown) != _kind(made)


def _kind(r: Reply) -> tuple[int, bool, str, bool]:
    """How a request was answered: two that are alike here were refused alike."""
    return r.status, r.streamed, r.ended, bool(r.errors)


async def _restart(talk: Talk, thread: Reply) -> tuple[bool, str]:
    return talk.can_restart, "the server was not started by this run"


async def _task_turn(talk: Talk) -> Reply | None:
    """The turn in which a task is created and completed, held once; None where the server has no such tools."""
    held = next((made for made in talk.replies if made.label == "probe-tasks"), None)
    if held is not None:
        return held
    try:
        steps = [calls(talk.tool_call("create", title=SHOWN_TITLE))]
        if "complete" in talk.tools:
            steps.append(calls(talk.tool_call("complete", id="$last.id")))
        lists = [talk.tool_call(role) for role in LISTS if role in talk.tools]
        steps += [calls(*lists)] if lists else []
    except Untestable:
        return None
    return await talk.create("Please add a task and complete it.", *steps, reply("Done."), label="probe-tasks")


def _item(type: str) -> Callable[[Any, Reply], Awaitable[tuple[bool, str]]]:
    """The probe that looks for an item of this type in a turn with tools."""

    async def ask(talk: Talk, thread: Reply) -> tuple[bool, str]:
        made = await _task_turn(talk)
        if made is None:
            return False, "the tool that creates a task is unknown"
        return bool(made.items_done(type)), _shown(made)

    return ask


async def _actions(talk: Talk, thread: Reply) -> tuple[bool, str]:
    made = await _task_turn(talk)
    if made is None:
        return False, "the tool that creates a task is unknown"
    widgets = [e.item.get("widget") for e in made.items_done("widget")]
    return any(server_actions(widget) for widget in widgets), _shown(made)


def _shown(r: Reply) -> str:
    kinds = sorted({str(e.item["type"]) for e in r.items_done() if "type" in e.item})
    return f"items {', '.join(kinds)}" if kinds else _described(r)


def _by_tool(name: str, shows: Callable[[Event], bool]) -> Callable[[Any, Reply], Awaitable[tuple[bool, str]]]:
    """The probe that has the model call the tool which brings this capability about."""

    async def ask(talk: Talk, thread: Reply) -> tuple[bool, str]:
        if name not in talk.tools:
            return False, f'the tool for it is unknown; name it under [tools]: {name} = "..."'
        try:
            step = calls(talk.tool_call(name))
        except Untestable as why:
            return False, str(why)
        made = await talk.create(f"Please show {name}.", step, reply("Done."), label=f"probe-{name}")
        return any(map(shows, made.events)), _shown(made)

    return ask


def _named(name: str) -> Callable[[Any, Reply], Awaitable[tuple[bool, str]]]:
    """The probe of what shows only in what follows a tool's call: whether the tool is known."""

    async def ask(talk: Talk, thread: Reply) -> tuple[bool, str]:
        return name in talk.tools, f'the tool for it is unknown; name it under [tools]: {name} = "..."'

    return ask


def _worded(name: str) -> Callable[[Any, Reply], Awaitable[tuple[bool, str]]]:
    """The probe of a guardrail: whether its owner said what it does not let pass. Nobody can guess that."""

    async def ask(talk: Talk, thread: Reply) -> tuple[bool, str]:
        return bool(
            talk.target.guardrails.get(name)
        ), f'no words are known for it; [guardrails] {name} = "..." has them'

    return ask


def _is_item(type: str) -> Callable[[Event], bool]:
    return lambda event: event.item.get("type") == type


def _annotates(event: Event) -> bool:
    content = event.item.get("content")
    parts = content if isinstance(content, list) else []
    return any(isinstance(part, dict) and part.get("annotations") for part in parts)


def _locks(event: Event) -> bool:
    thread = (event.data or {}).get("thread")
    status = thread.get("status") if isinstance(thread, dict) else None
    return isinstance(status, dict) and status.get("type") in ("locked", "closed")


def _offers_buttons(event: Event) -> bool:
    return event.item.get("type") == "widget" and bool(server_actions(event.item.get("widget")))


SHOWN_ITEMS: Mapping[str, Callable[[Event], bool]] = {
    "widgets": _offers_buttons,
    "client_tools": _is_item("client_tool_call"),
    "structured_input": _is_item("structured_input"),
    "annotations": _annotates,
    "generated_images": _is_item("generated_image"),
    "thread_status": _locks,
}
"""Capabilities that a tool shows whatever its name, and the event by which it does."""

BY_TASK = frozenset({"widgets", "workflows", "actions"})
"""Capabilities that a turn shows in which a task is made; it says nothing of them where the model makes none."""

PROBES: Mapping[str, Callable[[Any, Reply], Awaitable[tuple[bool, str]]]] = {
    "attachments": _attachments,
    "feedback": _feedback,
    "transcription": _transcription,
    "retry": _retry,
    "restart": _restart,
    "widgets": _item("widget"),
    "workflows": _item("workflow"),
    "actions": _actions,
    **{name: _by_tool(name, shows) for name, shows in SHOWN_ITEMS.items() if name not in BY_TASK},
    "streaming_widgets": _by_tool(
        "streaming_widgets", lambda event: str(event.update.get("type", "")).startswith("widget.")
    ),
    **{name: _named(name) for name in ("handoffs", "tool_approval", "structured_output", "nested_agents")},
    **{name: _worded(name) for name in GUARDS},
}
"""How a capability is asked for, by name: whether it is there, and what the answer was."""

BY_REQUEST = frozenset({"attachments", "feedback", "transcription", "retry", "restart"})
"""Capabilities that a request of ChatKit's asks for, whatever the model says."""

UNTOLD = frozenset({"retry", "restart", "tools", "tasks", *GUARDS})
"""Capabilities whose presence is no news: a core request type, who started the server, what its requests declare,
what the target file has words for."""
