"""How far a tool reaches: a change of one task leaves the rest of it, and every other task, as they were."""

from __future__ import annotations

import re
from typing import Any

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Level, NotJudged, Untestable, check
from chatkit_conformance.target.task_reading import (
    Entry,
    claims_success,
    entry,
    facts_of,
    is_completed,
    is_page,
    parsed,
)
from chatkit_conformance.transcript import Transcript

from ..clauses import GEMINI_CALLING, SPEC_CONFIRM, SPEC_OWNER, SPEC_TOOLS
from ..evidence import calls_of, last_rounds, note, shorten
from ..exchanges.tool_scope import CHANGES, COMPLETE_AGAIN, NO_CONSENT
from .roles import elsewhere, entry_before, found_in, listed, name_of, results

FIELDS = "user specification, tools: a task has a title, description, due date, priority, tags and completed"
BULK = ("bulk-complete", "bulk-delete")
WIDE = "The statement that changes a task has no condition on the id, or writes every column."
NARROW = "Change only the row with that id and user, and only the fields that the call contains."


def _before(t: Transcript, label: str, title: str) -> Entry:
    """The task's entry in the first list of a turn. Raises Untestable where it is not there."""
    return entry_before(t, listed(t, label), title)


def differing(before: Entry, after: Entry, *, but: tuple[str, ...] = ()) -> dict[str, tuple[Any, Any]]:
    """The facts of a task that the entries tell differently. Prose may differ for many a reason: it tells nothing."""
    if isinstance(before, str) or isinstance(after, str):
        return {}
    old, new = facts_of(before), facts_of(after)
    return {fact: (old[fact], new.get(fact)) for fact in old if fact not in but and old[fact] != new.get(fact)}


def described(changed: dict[str, tuple[Any, Any]]) -> str:
    """What became of each fact, in words."""
    return "; ".join(f"{fact} was {shorten(old)} and is {shorten(new)}" for fact, (old, new) in changed.items())


@check(
    "tools.create-keeps-fields",
    level=MUST,
    needs=("model",),
    on=("one_task_of_two",),
    clause=FIELDS,
    cause="The tool accepts an argument but does not store it, or the list reads another column.",
    fix="Store every argument that the tool declares, and return it under the same name.",
    criteria=("SC-007",),
)
def create_keeps_fields(t: Transcript) -> Findings:
    """The list shows a task with all the values that it was created with."""
    title = str(note(t, "title"))
    sent = facts_of(_sent(t, title))
    shown = facts_of(_before(t, "create", title))
    judged = {fact: value for fact, value in sent.items() if fact in shown}
    if not judged:
        raise NotJudged("The list shows none of the fields that the tool accepted.")
    for fact, value in judged.items():
        if shown[fact] != value:
            yield Finding(expected=f"{fact} {shorten(value)}", got=f"{fact} {shorten(shown[fact])}", reply="create")


def _sent(t: Transcript, title: str) -> Entry:
    """The arguments of the create call for that title. Raises Untestable where it was not made."""
    name = name_of(t, "create")
    for made in last_rounds(calls_of(t, "create")):
        for _, called, arguments in made.calls:
            found = entry(arguments, title) if called == name else None
            if found is not None:
                return found
    raise Untestable(f"No call of {name!r} with the title {title!r} was replayed to the model.")


@check(
    "tools.complete-twice-stays",
    level=MUST,
    needs=("model",),
    on=("one_task_of_two",),
    clause=SPEC_TOOLS + ": a tool that completes a task; " + FIELDS,
    cause="The tool turns the field over in place of setting it.",
    fix="Set completed to true, whatever it was before.",
    criteria=("SC-007",),
)
def complete_twice_stays(t: Transcript) -> Findings:
    """A task that is completed once more stays completed."""
    changed = "update" in (t.notes.get("names") or {})
    title = str(note(t, "new_title") if changed else note(t, "title"))
    if note(t, "toggles"):
        raise NotJudged(f"{name_of(t, 'complete')!r} says that it may also do the opposite.")
    if found_in(t, listed(t, "complete"), title) is None:
        raise NotJudged(f"{title!r} is in no list once it is completed, so nobody sees whether it stays so.")
    done = _before(t, "complete", title)
    yes = _turned(entry(listed(t, "update" if changed else "create"), title), done)
    if (first := is_completed(done)) is None and not yes:
        raise NotJudged(f"Whether {title!r} is completed, the list says in words that nobody here knows.")
    if first is False:
        raise Untestable(f"{title!r} was not shown as completed after the first call.")
    if not results(t, COMPLETE_AGAIN, "complete"):
        raise Untestable("The tool that completes did not run again.")
    now = found_in(t, listed(t, COMPLETE_AGAIN), title)
    if now is None or not (is_completed(now) if first else not _turned(now, done) & yes):
        yield Finding(expected=f"{title!r} completed", got=shorten(now or "not in the list"), reply=COMPLETE_AGAIN)


def _turned(before: Entry | None, after: Entry) -> set[str]:
    """What was false of a task and is true now, whatever the server calls it."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return set()
    return {key for key, value in after.items() if value is True and before.get(key) is False}


def _declare_change(role: str) -> None:
    """Declare what a change of one task by this role must leave alone."""

    def others(t: Transcript) -> Findings:
        other = str(note(t, "other"))
        was = _before(t, "create", other)
        if not results(t, role, role):
            raise Untestable(f"The {role} tool did not run.")
        now = found_in(t, listed(t, role), other)
        if now is None:
            yield Finding(
                expected=f"{other!r} still in the list", got=f"the list {shorten(listed(t, role))}", reply=role
            )
        elif changed := differing(was, now):
            yield Finding(expected=f"{other!r} unchanged", got=described(changed), reply=role)

    others.__doc__ = f"When the model calls the {role} tool for one task, the other task does not change."
    check(
        f"tools.{role}-changes-one-task",
        level=MUST,
        needs=("model",),
        on=("one_task_of_two",),
        clause=f"{SPEC_TOOLS}; {FIELDS}",
        cause=WIDE,
        fix=NARROW,
        criteria=("SC-007",),
    )(others)

    def foreign(t: Transcript) -> Findings:
        title = str(note(t, "title"))
        was = _before(t, "b-create", title)
        if not _called(t, f"a-{role}", role):
            raise Untestable(f"The {role} tool was not called with the id of user b's task.")
        text = listed(t, f"b-after-{role}")
        now = found_in(t, text, title)
        if now is None:
            yield Finding(
                expected=f"user b's {title!r} still there", got=f"b's list {shorten(text)}", reply=f"a-{role}"
            )
        elif changed := differing(was, now):
            yield Finding(expected=f"user b's {title!r} unchanged", got=described(changed), reply=f"a-{role}")

    foreign.__doc__ = f"The {role} tool changes no task of another user, even if it is called with that task's id."
    check(
        f"tools.{role}-other-user-refused",
        level=MUST,
        needs=("model",),
        on=("tasks_of_two_users",),
        clause=SPEC_OWNER,
        cause="The task is looked up by id only.",
        fix="Look tasks up by id and user, and return “no task with that id” if there is none.",
        criteria=("SC-007",),
    )(foreign)


def _called(t: Transcript, label: str, role: str) -> bool:
    name = name_of(t, role)
    return any(called == name for made in last_rounds(calls_of(t, label)) for _, called, _ in made.calls)


def _has(t: Transcript, label: str, value: object) -> bool:
    """Whether a call of that turn has an argument of that very value."""
    waiting = [parsed(text) for made in last_rounds(calls_of(t, label)) for *_, text in made.calls]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict | list):
            waiting += node.values() if isinstance(node, dict) else node
        elif type(node) is type(value) and node == value:
            return True
    return False


for _role in CHANGES:
    _declare_change(_role)


@check(
    "tools.update-keeps-fields",
    level=MUST,
    needs=("model",),
    on=("one_task_of_two",),
    clause=f"{SPEC_TOOLS}; {FIELDS}",
    cause="The update writes every field, and an argument that was left out becomes empty.",
    fix="Change only the fields that the call contains.",
    criteria=("SC-007",),
)
def update_keeps_fields(t: Transcript) -> Findings:
    """An update of a task's title keeps its other fields and does not duplicate the task."""
    title, new_title = str(note(t, "title")), str(note(t, "new_title"))
    was = _before(t, "create", title)
    text = listed(t, "update")
    now = entry(text, new_title)
    if now is None:
        raise elsewhere(t, new_title) if is_page(text) else Untestable("The update did not reach the list.")
    if changed := differing(was, now, but=("title",)):
        yield Finding(expected=f"{title!r} unchanged but for its title", got=described(changed), reply="update")
    if isinstance(now, dict) and entry(text.replace(new_title, ""), title) is not None:
        yield Finding(expected=f"no {title!r}", got=f"both are listed: {shorten(text)}", reply="update")


@check(
    "tools.complete-keeps-fields",
    level=MUST,
    needs=("model",),
    on=("one_task_of_two",),
    clause=f"{SPEC_TOOLS}; {FIELDS}",
    cause="The tool deletes the completed task, or writes a new row.",
    fix="Set only the task's completed field.",
    criteria=("SC-007",),
)
def complete_keeps_fields(t: Transcript) -> Findings:
    """A completed task keeps its other fields, and is found when completed tasks are requested."""
    title = str(note(t, "new_title"))
    was = _before(t, "update", title)
    if not results(t, "complete", "complete"):
        raise Untestable("The complete tool did not run.")
    texts = results(t, "complete", "read")
    found = [now for text in texts if (now := entry(text, title)) is not None]
    if not found:
        if "full_reading" not in t.notes or len(texts) < 2:
            raise NotJudged("The list shows open tasks only, and has no argument to request completed ones.")
        got = f"the list with {shorten(t.notes['full_reading'])} is {shorten(texts[-1])}"
        yield Finding(expected=f"{title!r} among the completed tasks", got=got, reply="complete")
    elif changed := differing(was, found[-1], but=("completed",)):
        yield Finding(expected=f"{title!r} unchanged but for being completed", got=described(changed), reply="complete")


@check(
    "tools.other-users-not-listed",
    level=MUST,
    needs=("model",),
    on=("tasks_of_two_users",),
    clause=SPEC_OWNER,
    cause="The list has no condition on the user.",
    fix="List only the tasks of the current user.",
    criteria=("SC-007",),
)
def others_not_listed(t: Transcript) -> Findings:
    """The list tool returns only the current user's tasks."""
    title = str(note(t, "title"))
    _before(t, "b-create", title)
    text = listed(t, "a-read")
    if (seen := entry(text, title)) is not None:
        yield Finding(expected="no task of user b's", got=f"user a's list has {shorten(seen)}", reply="a-read")


@check(
    "tools.bulk-keeps-other-users-tasks",
    level=MUST,
    needs=("model",),
    on=("no_consent",),
    clause=SPEC_OWNER,
    cause="“All tasks” includes the tasks of all users.",
    fix="Complete and delete only the tasks of the current user.",
    criteria=("SC-007",),
)
def bulk_leaves_other_users(t: Transcript) -> Findings:
    """The bulk tools do not change the tasks of other users."""
    title = str(note(t, "others"))
    was = _before(t, "b-create", title)
    ran = [role for role in BULK if role in note(t, "names") and results(t, f"yes-{role}", role)]
    if not ran:
        raise Untestable("No bulk tool ran.")
    text = listed(t, "b-after")
    now = found_in(t, text, title)
    if now is None:
        yield Finding(expected=f"user b's {title!r} still there", got=f"b's list {shorten(text)}", reply="b-after")
    elif changed := differing(was, now):
        yield Finding(expected=f"user b's {title!r} unchanged", got=described(changed), reply="b-after")


def _declare_consent(role: str) -> None:
    """Declare the check of one bulk tool with values that are no consent."""

    def judge(t: Transcript) -> Findings:
        title = str(note(t, "title"))
        was = _before(t, "create", title)
        made = [n for n in range(len(NO_CONSENT)) if any(r.label == f"{n}-{role}" for r in t.replies)]
        looked = [n for n in made if _called(t, f"{n}-{role}", role) and results(t, f"{n}-{role}", "read")]
        if not looked:
            raise Untestable(f"The {role} tool was never called with a value other than true.")
        if not any(_has(t, f"{n}-{role}", NO_CONSENT[n]) for n in looked):
            raise Untestable(f"The {role} tool has no argument to confirm with; see tools.{role}-needs-confirm.")
        for n in looked:
            now = found_in(t, listed(t, f"{n}-{role}"), title)
            # What is completed, the bulk tool that was tried before may have completed.
            if now is None or (role == "bulk-complete" and is_completed(now) and not is_completed(was)):
                got = f"after confirm={NO_CONSENT[n]!r} it is {shorten(now) if now else 'gone from the list'}"
                yield Finding(expected=f"{title!r} unchanged", got=got, reply=f"{n}-{role}")
                return

    judge.__doc__ = f"The {role} tool accepts only true as confirmation, not “false”, “no”, null or 0."
    check(
        f"tools.{role}-needs-boolean-true",
        level=MUST,
        needs=("model",),
        on=("no_consent",),
        clause=SPEC_CONFIRM,
        cause="The argument is only checked for being present or not empty: the text “false” counts as true.",
        fix="Validate the argument as a boolean, and continue only if it is true.",
        criteria=("SC-007",),
    )(judge)


for _role in BULK:
    _declare_consent(_role)


def _as_said(result: str, t: Transcript) -> str:
    """The words of a result, without what names its task."""
    return re.sub(r"\S*\d\S*", "", result.replace(str(note(t, "title")), "")).casefold().strip()


def _declare_claim(role: str, level: Level) -> None:
    """Declare the check of what one tool says of a task that is not there."""

    def judge(t: Transcript) -> Findings:
        true, nothing = results(t, f"true-{role}", role), results(t, f"nothing-{role}", role)
        if not true or not nothing:
            raise Untestable(f"The {role} tool did not run for both ids.")
        if claims_success(true[0]) is not True and claims_success(nothing[0]) is not False:
            same = _as_said(true[0], t) == _as_said(nothing[0], t)
            why = f"The {role} tool's result for a success is unknown: {shorten(true[0])}"
            # Other words for the one than for the other: it is told apart, in a language that we do not read.
            raise Untestable(f"{why}.") if same else NotJudged(f"{why}; for an unknown id: {shorten(nothing[0])}.")
        if claims_success(nothing[0]):
            got = f"{shorten(nothing[0])}; for an existing task it is {shorten(true[0])}"
            yield Finding(expected="a result that says that the task does not exist", got=got, reply=f"nothing-{role}")

    judge.__doc__ = f"The {role} tool does not report success for an unknown task."
    check(
        f"tools.{role}-no-false-success",
        level=level,
        needs=("model",),
        on=("claims",),
        clause=GEMINI_CALLING + "; the model tells the user what the result says",
        cause="The statement's count of changed rows is not checked.",
        fix="If no row was changed, return “no task with that id” as the result.",
        criteria=("SC-007",) if level == MUST else (),
    )(judge)


for _role, _level in (("update", MUST), ("complete", MUST), ("delete", SHOULD)):
    _declare_claim(_role, _level)  # deleting what is not there may well be called done
