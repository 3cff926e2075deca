"""Tasks that no call names stay as they are: whatever is created, changed, deleted or said besides."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chatkit_conformance.check import MUST, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.stream.asked import asked_in
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.target.task_id import id_of
from chatkit_conformance.target.task_reading import is_page, objects, parsed
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_TOOLS
from ..evidence import rounds
from ..tools.scope import FIELDS, NARROW, WIDE, described, differing
from .effects import OWN, named_in

Row = dict[str, Any]

ACTIONS = ("threads.custom_action", "threads.sync_custom_action")
AT_ONCE = ("bulk-complete", "bulk-delete")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What the list tool told once.

    Args:
        turn: the turn. n: the request that carries it. asked: the request whose answer called for it.
        arguments: of that call. rows: by id, the tasks of this conversation. length: of the list, with everybody's;
            None where it is no list of objects, or says that it is one page of several.
    """

    turn: Turn
    n: int
    asked: int
    arguments: str
    rows: dict[str, Row]
    length: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolUse:
    """A call of any other tool: its name and arguments, the answer that made it, the request that has its result."""

    name: str
    arguments: str
    n: int
    ended: float


def _listings(t: Transcript, reads: str) -> Iterator[Listing]:
    """What the list tool told, in order."""
    titles = {title for turn in turns_in(t) for a in turn.answers for *_, text in a.calls for title in named_in(text)}
    for turn in turns_in(t):
        seen: set[str] = set()
        for before, call in zip((0, *(c.n for c in turn.calls)), turn.calls, strict=False):
            for made in rounds(call):
                told = dict(made.results)
                for id, name, arguments in made.calls:
                    if name == reads and id in told and id not in seen:
                        seen.add(id)
                        text = told[id]
                        yield Listing(
                            turn=turn,
                            n=call.n,
                            asked=before,
                            arguments=arguments,
                            rows=_rows(text, titles),
                            length=_length(text),
                        )


def _length(text: str) -> int | None:
    ids = {id for row in objects(parsed(text)) if (id := id_of(row)) is not None}
    value = parsed(text)
    empty = value == [] or (isinstance(value, dict) and [] in value.values())
    return None if is_page(text) or not (ids or empty) else len(ids)


def _rows(text: str, titles: set[str]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for row in objects(parsed(text)):
        own = any(isinstance(value, str) and value in titles for value in row.values())
        if own and (id := id_of(row)) is not None:
            found[id] = row
    return found


def _uses(t: Transcript, reads: str) -> Iterator[ToolUse]:
    """All calls of other tools."""
    for turn in turns_in(t):
        ended = {id: call.n for call in reversed(turn.calls) for made in rounds(call) for id, _ in made.results}
        for call, answer in zip(turn.calls, turn.answers, strict=True):
            for id, name, text in answer.calls:
                if name != reads:
                    yield ToolUse(name=name, arguments=text, n=call.n, ended=ended.get(id, float("inf")))


@check(
    "tools.others-unchanged",
    level=MUST,
    needs=("model",),
    clause=f"{SPEC_TOOLS}; {FIELDS}",
    capability="tasks",
    cause=WIDE,
    fix=NARROW,
    criteria=("SC-007",),
)
def others_unchanged(t: Transcript) -> Findings:
    """From one list to the next, a task is the same unless a call or a button named it, or a bulk tool was called."""
    names = t.notes.get("names")
    if not isinstance(names, dict) or "read" not in names:
        raise NotJudged(f"The tasks of {t.exchange} were not listed.")
    uses = list(_uses(t, str(names["read"])))
    buttons = [a.reply.params for a in asked_in(t) if a.reply.type in ACTIONS]
    pressed = json.dumps(buttons)
    bulk = {str(names[role]): role for role in AT_ONCE if role in names}
    last: dict[tuple[str, str, str], Listing] = {}
    lists: dict[tuple[str, str], Listing] = {}
    judged = 0
    listings = list(_listings(t, str(names["read"])))
    if buttons and not any(id in pressed for listing in listings for id in listing.rows):
        raise Untestable("A button was pressed, and it does not say which task it is about.")
    for listing in listings:
        user = listing.turn.asked.reply.user
        if (earlier := lists.get((user, listing.arguments))) is not None and not buttons:
            yield from _lost(earlier, listing, [use for use in uses if _between(earlier, use, listing)], bulk)
        lists[user, listing.arguments] = listing
        for id, row in listing.rows.items():
            key = (user, listing.arguments, id)
            before = last.get(key)
            last[key] = listing
            if before is None or id in pressed:
                continue
            between = [use for use in uses if _between(before, use, listing)]
            if any(id in use.arguments for use in between) or any(bulk.get(u.name) == AT_ONCE[1] for u in between):
                continue
            judged += 1
            but = ("completed",) if any(use.name in bulk for use in between) else ()
            if changed := differing(before.rows[id], row, but=but):
                label = listing.turn.asked.reply.label
                expected = f"task {id} as {before.turn.asked.reply.label} listed it: no call named it"
                yield Finding(expected=expected, got=described(changed), reply=label, call=listing.n)
    if not judged:
        raise Untestable(f"No task of {t.exchange} was listed twice without a call that names it between the two.")


def _between(before: Listing, use: ToolUse, after: Listing) -> bool:
    return use.n < after.n and use.ended >= before.asked


def _lost(before: Listing, after: Listing, between: list[ToolUse], bulk: Mapping[str, str]) -> Findings:
    """Tasks that no call named and that are gone from a list which became shorter, so that none was pushed off it."""
    if before.length is None or after.length is None or after.length >= before.length:
        return
    if any(use.name in bulk for use in between):
        return
    for id, row in before.rows.items():
        words = (id, *(value for value in row.values() if isinstance(value, str) and OWN.search(value)))
        if id not in after.rows and not any(word in use.arguments for word in words for use in between):
            expected = f"task {id} as {before.turn.asked.reply.label} listed it: no call named it"
            got = f"{after.length} tasks in place of {before.length}, without it"
            yield Finding(expected=expected, got=got, reply=after.turn.asked.reply.label, call=after.n)
