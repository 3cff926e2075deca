"""What a tool did is there in a later turn, in a thread that knows of it from nothing but the list."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.stream.event_kinds import kind_of, shows_tool
from chatkit_conformance.transcript import IN_WORDS, Event, Reply, Transcript

from ..clauses import SPEC_TOOLS
from ..evidence import answer_text, note, reply, shorten, tries
from .roles import found_in, listed, must_name

CLAIMS = ("delet", "remov", "gone", "no longer", "erased")
"""Beginnings of words with which a model says that it deleted something."""

Sign = tuple[str, str]
"""How something shows a tool: its event's kind, and the kinds of item and component in it."""


def _names(e: Event, title: str) -> bool:
    """Whether an event names the task, and is not the user's own message."""
    return title.casefold() in e.raw.casefold() and e.item.get("type") != "user_message"


def _signs(r: Reply, title: str) -> set[Sign]:
    """What shows a tool and names the task."""
    return {_sign(e) for e in r.events if shows_tool(e) and _names(e, title)}


def _sign(e: Event) -> Sign:
    widget = e.item.get("widget") or e.update.get("widget")
    return kind_of(e.data or {}), str(widget.get("type")) if isinstance(widget, dict) else ""


def _told(t: Transcript, label: str, title: str) -> str | None:
    """How that turn tells the task: by the list tool's result, or by whatever was shown; None where it does not."""
    if IN_WORDS not in t.notes:
        text = listed(t, label)
        return text if found_in(t, text, title) else None
    said = tries(t, label)
    if not any(answer_text(r) for r in said):
        raise Untestable(f"{label} of {t.exchange} has no answer.")
    return next((e.raw for r in said for e in r.events if _names(e, title)), None)


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
    if IN_WORDS in t.notes and not _signs(reply(t, "create"), title):
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
    if IN_WORDS in t.notes and not _signs(reply(t, "delete"), title) - _signs(reply(t, "list"), title):
        why = f"{title!r} is still told, and nothing shows that the model called the tool that deletes it."
        claimed = any(word in answer_text(reply(t, "delete")).casefold() for word in CLAIMS)
        raise (Untestable if claimed else NotJudged)(why)
    if IN_WORDS not in t.notes:
        must_name(t, "delete", "delete", title)
    yield Finding(expected=f"no {title!r} in the list", got=shorten(told), reply="list-after")
