"""What a tool did is there in a later turn, in a thread that knows of it from nothing but the list."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.stream.event_kinds import shows_tool
from chatkit_conformance.transcript import IN_WORDS, Reply, Transcript

from ..clauses import SPEC_TOOLS
from ..evidence import answer_text, note, reply, shorten, tries
from .roles import found_in, listed


def _shown(r: Reply, title: str) -> bool:
    """Whether something that shows a tool names the task: then the tool was called for it, whatever the model says."""
    return any(shows_tool(e) and title in e.raw for e in r.events)


def _told(t: Transcript, label: str, title: str) -> str | None:
    """How that turn tells the task: the list tool's result, or the answer that names it; None where it is not there."""
    if IN_WORDS not in t.notes:
        text = listed(t, label)
        return text if found_in(text, title) else None
    said = [answer_text(r) for r in tries(t, label)]
    if not any(said):
        raise Untestable(f"{label} of {t.exchange} has no answer.")
    return next((text for text in said if title.casefold() in text.casefold()), None)


@check(
    "tools.created-task-listed-later",
    level=MUST,
    on=("listed_tasks",),
    clause=SPEC_TOOLS,
    cause="The task is kept in the turn's own memory or transaction, or under another user.",
    fix="Commit the task, with its user, before the tool's result is sent to the model.",
    criteria=("SC-007",),
)
def created_task_listed_later(t: Transcript) -> Findings:
    """A task that was created is in the list of a later turn, in another thread."""
    title = str(note(t, "title"))
    if _told(t, "list", title) is not None:
        return
    if IN_WORDS in t.notes and not _shown(reply(t, "create"), title):
        raise Untestable(
            f"No answer names {title!r}, and nothing shows that the model called the tool that creates it."
        )
    got = shorten(answer_text(reply(t, "list")) if IN_WORDS in t.notes else listed(t, "list"))
    yield Finding(expected=f"{title!r} in the list", got=got, reply="list")


@check(
    "tools.deleted-task-unlisted-later",
    level=MUST,
    on=("listed_tasks",),
    clause=SPEC_TOOLS,
    cause="The tool answers before, or without, deleting, or the list comes from a copy.",
    fix="Delete the task's row, and commit before the tool's result is sent to the model.",
    criteria=("SC-007",),
)
def deleted_task_unlisted_later(t: Transcript) -> Findings:
    """A task that was deleted is in no list of a later turn."""
    title = str(note(t, "title"))
    if _told(t, "list", title) is None:
        raise Untestable(f"{title!r} was not in the list before it was deleted.")
    if (told := _told(t, "list-after", title)) is None:
        return
    if IN_WORDS in t.notes and not _shown(reply(t, "delete"), title):
        raise Untestable(f"{title!r} is still told, and nothing shows that the model called the tool that deletes it.")
    yield Finding(expected=f"no {title!r} in the list", got=shorten(told), reply="list-after")
