"""Each of the seven tools: called by the model, it does its work, and the list shows it."""

from __future__ import annotations

import json

from chatkit_conformance.check import MUST, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.target.task_id import named
from chatkit_conformance.target.task_reading import Entry, claims_success, entry, is_completed, is_page, parsed
from chatkit_conformance.transcript import SHARED_TASKS, Transcript

from ..clauses import SPEC_CONFIRM, SPEC_TOOLS
from ..evidence import Round, answered, calls_of, last_rounds, note, reply, rounds, shorten

NOT_RUN = "The tool did not run, or the turn ended before its result went back to the model."
RUN = "Look at the turn's model calls in the transcript: the last one must contain a `tool` message for this call."


def name_of(t: Transcript, role: str) -> str:
    """The server's own name for a role. Raises Untestable where it has no such tool."""
    names = t.notes.get("names") or {}
    if role not in names:
        raise Untestable(
            f"The server declares no tool that looks like {role!r}: name it under [tools] in the target file, or "
            f"write {role} = false if there is to be none."
        )
    return str(names[role])


def results(t: Transcript, label: str, role: str) -> list[str]:
    """The results of the role's tool that went back to the model in that turn, in order."""
    name, found = name_of(t, role), []
    for made in last_rounds(calls_of(t, label)):
        found += _of(made, name)
    return found


def _of(made: Round, name: str) -> list[str]:
    by_id = dict(made.results)
    return [by_id[id] for id, called, _ in made.calls if called == name and id in by_id]


def listed(t: Transcript, label: str, nth: int = 0) -> str:
    """What the list tool told the model the nth time in that turn. Raises Untestable where it did not."""
    found = results(t, label, "read")
    if len(found) <= nth:
        raise Untestable(
            f"The list was read {len(found)} times in {label}, not {nth + 1}, so the effect cannot be looked up."
        )
    return found[nth]


def found_in(t: Transcript, text: str, title: str) -> Entry | None:
    """The task as a list tells it, or None. Raises Untestable where it may be on another page of the list."""
    found = entry(text, title)
    if found is None and (is_page(text) or t.notes.get(SHARED_TASKS, {}).get("from")):
        raise elsewhere(t, title)
    return found


def elsewhere(t: Transcript, title: str) -> Untestable:
    """What to raise where a list is one page of several, and lacks the task: no fault where others fill that list."""
    said = f"The list is one page of several, and {title!r} may be on another."
    if SHARED_TASKS not in t.notes:
        return Untestable(said)
    return NotJudged(f"{said} {t.notes[SHARED_TASKS]['why']}")


def entry_before(t: Transcript, text: str, title: str, when: str = "the change") -> Entry:
    """The task's entry in a list that was read before something. Raises Untestable where it is not there."""
    found = found_in(t, text, title)
    if found is None:
        raise Untestable(f"The task {title!r} is not in the list before {when}.")
    return found


def missing(t: Transcript, label: str, role: str, more: int = 0) -> Finding | None:
    """The finding that a tool's result never came back in a turn, or None. `more`: results before it that count not."""
    if len(results(t, label, role)) > more:
        return None
    r = reply(t, label)
    said = shorten((r.errors[0].data or {}).get("message") or "an error without a message") if r.errors else ""
    got = f"no result of it; the turn was answered with {answered(r)}{f' and the error {said}' if said else ''}"
    last = calls_of(t, label)[-1].n
    return Finding(expected=f"a result of {name_of(t, role)!r} in the next model call", got=got, reply=label, call=last)


def must_name(t: Transcript, label: str, role: str, title: str) -> None:
    """Raise Untestable where the tool of a role was called in that turn with what may not name the task."""
    names = {name_of(t, told) for told in ("create", "read")}
    seen = [made for c in t.calls for made in rounds(c)]
    told = [dict(made.results).get(id, "") for made in seen for id, name, _ in made.calls if name in names]
    made = [call for each in last_rounds(calls_of(t, label)) for call in each.calls if call[1] == name_of(t, role)]
    said = results(t, label, role)
    if not made or not said:
        return
    arguments = made[-1][2]
    if not any(named(title, value, told, said[-1]) for value in _values(arguments)):
        raise Untestable(
            f"{made[-1][1]} was called with {shorten(arguments)} and answered {shorten(said[-1])}; no result tells "
            f"an id of {title!r} under a key such as id, so nobody knows whether that names it. Return its id."
        )


def must_confirm(t: Transcript, label: str, role: str) -> None:
    """Raise Untestable where the role's tool may have waited for a yes that no call of ours knew how to give.

    An argument may confirm whatever it is called. Where the call left one out, and the result does not say that the
    work was done, nobody knows whether it was to be done.
    """
    made = [call for each in last_rounds(calls_of(t, label)) for call in each.calls if call[1] == name_of(t, role)]
    said = results(t, label, role)
    if not made or not said or claims_success(said[-1]) is True:
        return
    given = parsed(made[-1][2])
    if not isinstance(given, dict):
        return
    schemas = (tool.get("parameters") for c in t.calls for tool in c.tools if tool.get("name") == name_of(t, role))
    schema = next((one for one in schemas if isinstance(one, dict)), {})
    left = [name for name in schema.get("properties") or {} if name not in given]
    if left and True not in given.values():
        raise Untestable(
            f"{name_of(t, role)} was called with {shorten(made[-1][2])} and answered {shorten(said[-1])}: if "
            f"{' or '.join(left)} is its confirmation, write {left[0]} = true under [tools.arguments]."
        )


def _values(arguments: str) -> list[str]:
    """The texts and numbers of a call's arguments, nested ones too."""
    found: list[str] = []
    waiting = [json.loads(arguments)]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict | list):
            waiting += value.values() if isinstance(value, dict) else value
        elif isinstance(value, str | int):
            found.append(str(value))
    return found


def _title(t: Transcript) -> str:
    return str(t.notes.get("title", ""))


def _prepared(t: Transcript) -> Entry:
    """The task's entry before the change. Raises Untestable where turn one did not make one with an id."""
    if not t.notes.get("task_id"):
        raise Untestable(
            f"Neither the create tool nor the list told an id of {_title(t)!r}. Return it: calls name a task by it."
        )
    return entry_before(t, listed(t, "create"), _title(t))


@check(
    "tools.create-executes",
    level=MUST,
    needs=("model",),
    on=("tool_create",),
    clause=SPEC_TOOLS,
    cause=NOT_RUN,
    fix=RUN,
    criteria=("SC-007",),
)
def create_executes(t: Transcript) -> Findings:
    """After the model calls the create tool, the task is in the list."""
    if (lost := missing(t, "create", "create")) is not None:
        yield lost
        return
    text = listed(t, "create")
    if found_in(t, text, _title(t)) is None:
        yield Finding(expected=f"{_title(t)!r} in the list", got=f"the list {shorten(text)}", reply="create")


@check(
    "tools.read-executes",
    level=MUST,
    needs=("model",),
    on=("tool_create",),
    clause=SPEC_TOOLS,
    cause=NOT_RUN,
    fix=RUN,
    criteria=("SC-007",),
)
def read_executes(t: Transcript) -> Findings:
    """When the model calls the list tool, the user's tasks go back to the model."""
    if not results(t, "create", "create"):
        raise Untestable("The create tool did not run, so there is no task that the list must hold.")
    if (lost := missing(t, "create", "read")) is not None:
        yield lost
    elif found_in(t, listed(t, "create"), _title(t)) is None:
        got = f"the list {shorten(listed(t, 'create'))}"
        yield Finding(expected=f"a list with {_title(t)!r} in it", got=got, reply="create")


@check(
    "tools.update-executes",
    level=MUST,
    needs=("model",),
    on=("tool_update",),
    clause=SPEC_TOOLS,
    cause=NOT_RUN,
    fix=RUN,
    criteria=("SC-007",),
)
def update_executes(t: Transcript) -> Findings:
    """After the model calls the update tool with a new title, the list shows the task under that title."""
    _prepared(t)
    if (lost := missing(t, "update", "update")) is not None:
        yield lost
        return
    text, wanted = listed(t, "update"), str(note(t, "new_title"))
    if found_in(t, text, wanted) is None:
        must_name(t, "update", "update", _title(t))
        yield Finding(expected=f"{wanted!r} in the list", got=f"the list {shorten(text)}", reply="update")


@check(
    "tools.complete-executes",
    level=MUST,
    needs=("model",),
    on=("tool_complete",),
    clause=SPEC_TOOLS,
    cause=NOT_RUN,
    fix=RUN,
    criteria=("SC-007",),
)
def complete_executes(t: Transcript) -> Findings:
    """After the model calls the complete tool, the list shows the task as completed, or no longer as open."""
    before = _prepared(t)
    if (lost := missing(t, "complete", "complete")) is not None:
        yield lost
        return
    if _still_open(before, after := entry(listed(t, "complete"), _title(t))):
        must_name(t, "complete", "complete", _title(t))
        got = f"before {shorten(before)}, after {shorten(after)}"
        yield Finding(expected="the task completed in the list", got=got, reply="complete")


def _still_open(before: Entry | None, after: Entry | None) -> bool:
    """Whether a task looks as open as before. One that is gone from the list of open tasks, or changed, does not."""
    if after is None:
        return False
    said = is_completed(after)
    return after == before if said is None else not said


@check(
    "tools.delete-executes",
    level=MUST,
    needs=("model",),
    on=("tool_delete",),
    clause=SPEC_TOOLS,
    cause=NOT_RUN,
    fix=RUN,
    criteria=("SC-007",),
)
def delete_executes(t: Transcript) -> Findings:
    """After the model calls the delete tool, the task is gone from the list."""
    _prepared(t)
    if (lost := missing(t, "delete", "delete")) is not None:
        yield lost
        return
    after = entry(listed(t, "delete"), _title(t))
    if after is not None:
        must_name(t, "delete", "delete", _title(t))
        yield Finding(
            expected=f"no {_title(t)!r} in the list", got=f"it is still there: {shorten(after)}", reply="delete"
        )


def _titles(t: Transcript) -> list[str]:
    return [str(title) for title in t.notes.get("titles", ())]


def _both_listed(t: Transcript) -> dict[str, Entry]:
    """Both tasks' entries before the bulk tools. Raises Untestable where one is missing."""
    text = listed(t, "create")
    return {title: entry_before(t, text, title, "the bulk tools run") for title in _titles(t)}


def _left_by_complete(t: Transcript) -> list[str]:
    """The titles still listed before the bulk-delete turn. Raises Untestable where a list of open tasks hides both.

    A server may have the tool that deletes all, and none that completes all.
    """
    completes = "bulk-complete" in (t.notes.get("names") or {})
    text = listed(t, "bulk-complete", 1) if completes else listed(t, "create")
    there = [title for title in _titles(t) if entry(text, title) is not None]
    if not there:
        raise NotJudged("The list tool hides completed tasks, so a deleted task looks the same as a completed one.")
    return there


@check(
    "tools.bulk-complete-executes",
    level=MUST,
    needs=("model",),
    on=("bulk_tools",),
    clause=SPEC_TOOLS,
    cause=NOT_RUN,
    fix=RUN,
    criteria=("SC-007",),
)
def bulk_complete_executes(t: Transcript) -> Findings:
    """When the model calls the bulk-complete tool with confirm=true, every task of the user is completed."""
    before = _both_listed(t)
    if (lost := missing(t, "bulk-complete", "bulk-complete", more=1)) is not None:
        yield lost
        return
    must_confirm(t, "bulk-complete", "bulk-complete")
    text = listed(t, "bulk-complete", 1)
    for title, was in before.items():
        if _still_open(was, after := entry(text, title)):
            yield Finding(expected=f"{title!r} completed", got=f"still {shorten(after)}", reply="bulk-complete")


@check(
    "tools.bulk-delete-executes",
    level=MUST,
    needs=("model",),
    on=("bulk_tools",),
    clause=SPEC_TOOLS,
    cause=NOT_RUN,
    fix=RUN,
    criteria=("SC-007",),
)
def bulk_delete_executes(t: Transcript) -> Findings:
    """When the model calls the bulk-delete tool with confirm=true, no task of the user is left."""
    _both_listed(t)
    if (lost := missing(t, "bulk-delete", "bulk-delete", more=1)) is not None:
        yield lost
        return
    must_confirm(t, "bulk-delete", "bulk-delete")
    there, text = _left_by_complete(t), listed(t, "bulk-delete", 1)
    for title in there:
        if (after := entry(text, title)) is not None:
            yield Finding(
                expected=f"no {title!r} in the list", got=f"it is still there: {shorten(after)}", reply="bulk-delete"
            )


@check(
    "tools.bulk-complete-needs-confirm",
    level=MUST,
    needs=("model",),
    on=("bulk_tools",),
    clause=SPEC_CONFIRM,
    cause="The tool ignores its confirm argument, or treats a missing or false value as true.",
    fix="Unless confirm is true, change nothing and return a refusal that asks for confirm=true.",
    criteria=("SC-007",),
)
def bulk_complete_needs_confirm(t: Transcript) -> Findings:
    """Called with confirm=false, the bulk-complete tool changes no task."""
    before = _both_listed(t)
    _asked_to_confirm(t, "bulk-complete")
    text = listed(t, "bulk-complete", 0)
    for title in before:
        after = found_in(t, text, title)
        if after is None or is_completed(after):
            got = f"after confirm=false it is {shorten(after) if after else 'gone from the list'}"
            yield Finding(expected=f"{title!r} unchanged", got=got, reply="bulk-complete")


@check(
    "tools.bulk-delete-needs-confirm",
    level=MUST,
    needs=("model",),
    on=("bulk_tools",),
    clause=SPEC_CONFIRM,
    cause="The tool ignores its confirm argument, or treats a missing or false value as true.",
    fix="Unless confirm is true, delete nothing and return a refusal that asks for confirm=true.",
    criteria=("SC-007",),
)
def bulk_delete_needs_confirm(t: Transcript) -> Findings:
    """Called with confirm=false, the bulk-delete tool deletes no task."""
    _both_listed(t)
    there = _left_by_complete(t)
    _asked_to_confirm(t, "bulk-delete")
    text = listed(t, "bulk-delete", 0)
    for title in there:
        if found_in(t, text, title) is None:
            got = f"after confirm=false the list is {shorten(text)}"
            yield Finding(expected=f"{title!r} still in the list", got=got, reply="bulk-delete")


def _asked_to_confirm(t: Transcript, role: str) -> None:
    """Raise Untestable where the tool's schema has nothing to say confirm=false with."""
    name = name_of(t, role)
    for made in last_rounds(calls_of(t, role)):
        for _, called, arguments in made.calls:
            if called == name and "false" in arguments.lower():
                return
    raise Untestable(
        f"{name!r} was never called with confirm=false: its schema has no such argument, or it did not run."
    )
