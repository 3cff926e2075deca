"""What tools do with other scripts, long texts, ids of nothing, many calls at once and calls without an id."""

from __future__ import annotations

import re

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.target.task_reading import entry, is_completed, is_page
from chatkit_conformance.transcript import Transcript

from ..clauses import GEMINI_CALLING, SPEC_CONFIRM, SPEC_FAULTS, SPEC_TOOLS
from ..evidence import answer_text, answered, calls_of, last_rounds, note, said_errors, shorten, turn
from ..in_words import made_as_asked
from .mishaps import stated
from .roles import elsewhere, entry_before, found_in, listed, missing, must_name, name_of, results

SCRIPTS = "RFC 8259 section 7: JSON strings carry any character; " + SPEC_TOOLS
ESCAPED = "Arguments are decoded twice, truncated by bytes, or stored in a column of another encoding."
UTF8 = "Parse arguments with a JSON parser, and store text as UTF-8."


def _titled(t: Transcript, role: str, title: str, reading: str) -> Findings:
    """What is wrong where the tool of a role was called with a title, and the list was then read in turn `reading`."""
    made_as_asked(t, role, name_of(t, role), title)
    made_as_asked(t, reading, name_of(t, "read"))
    if (lost := missing(t, role, role)) is not None:
        yield lost
        return
    text = listed(t, reading)
    if found_in(t, text, title) is None:
        if role == "update":
            must_name(t, role, role, str(note(t, "title")))
        yield Finding(expected=f"{title!r} in the list", got=f"the list {shorten(text, 300)}", reply=reading)


@check(
    "tools.create-other-scripts",
    level=MUST,
    needs=("model",),
    on=("each_tool",),
    clause=SCRIPTS,
    cause=ESCAPED,
    fix=UTF8,
    criteria=("SC-007",),
)
def create_other_scripts(t: Transcript) -> Findings:
    """A task created with a title in several scripts is listed with that title."""
    yield from _titled(t, "create", str(note(t, "title")), "read")


@check(
    "tools.update-other-scripts",
    level=MUST,
    needs=("model",),
    on=("each_tool",),
    clause=SCRIPTS,
    cause=ESCAPED,
    fix=UTF8,
    criteria=("SC-007",),
)
def update_other_scripts(t: Transcript) -> Findings:
    """A task renamed to a title in several scripts is listed with that title."""
    yield from _titled(t, "update", str(note(t, "new_title")), "read-updated")


def _long(t: Transcript, label: str) -> Findings:
    r = turn(t, label)
    if not stated(r):
        got = f"{answered(r)}, ended {r.ended}, {said_errors(r)}"
        yield Finding(expected="an answer or an `error` event", got=got, reply=label)
        return
    for c in calls_of(t, label):
        for made in last_rounds([c]):
            if len(made.results) != len(made.calls):
                got = f"{len(made.results)} results for {len(made.calls)} calls"
                yield Finding(expected="a result for every call", got=got, reply=label, call=c.n)


@check(
    "tools.create-long-text",
    level=MUST,
    needs=("model",),
    on=("long_texts",),
    clause=SPEC_FAULTS + "; " + GEMINI_CALLING,
    cause="A column or a progress text is too short for the argument, and the exception breaks the stream.",
    fix="Store descriptions without a limit, or refuse a long one as the tool's result.",
    criteria=("SC-007",),
)
def create_long_text(t: Transcript) -> Findings:
    """A create call with 3,000 characters and the long list after it end in an answer, with a result for each call."""
    yield from _long(t, "create")


@check(
    "tools.update-long-text",
    level=MUST,
    needs=("model",),
    on=("long_texts",),
    clause=SPEC_FAULTS + "; " + GEMINI_CALLING,
    cause="A column or a progress text is too short for the argument, and the exception breaks the stream.",
    fix="Store descriptions without a limit, or refuse a long one as the tool's result.",
    criteria=("SC-007",),
)
def update_long_text(t: Transcript) -> Findings:
    """An update call with 3,000 characters and the long list after it end in an answer, with a result for each call."""
    name_of(t, "update")
    yield from _long(t, "update")


@check(
    "tools.long-result-whole",
    level=SHOULD,
    needs=("model",),
    on=("long_texts",),
    clause=SPEC_TOOLS + "; the model knows only what the tool returns",
    cause="The list, or each title, is truncated to a number of characters.",
    fix="Page a long list by tasks, not by characters, and keep titles whole.",
)
def long_result_whole(t: Transcript) -> Findings:
    """A list that contains a long description names the task and those beside it, by their whole titles."""
    if not results(t, "create", "create"):
        raise Untestable("The create tool did not run.")
    for title in (str(note(t, "title")), *map(str, note(t, "neighbours"))):
        if found_in(t, listed(t, "create"), title) is None:
            yield Finding(expected=f"{title!r} in the list", got=shorten(listed(t, "create")), reply="create")


def _declare(role: str) -> None:
    """Declare the check of one role with an id of nothing."""

    def judge(t: Transcript) -> Findings:
        name_of(t, role)
        label, title = f"unknown-{role}", str(note(t, "title"))
        before = entry_before(t, listed(t, "create"), title, "the call")
        r = turn(t, label)
        if not stated(r):
            got = f"{answered(r)}, ended {r.ended}, answer {shorten(answer_text(r))}"
            yield Finding(expected="an answer or an `error` event", got=got, reply=label)
        for text in results(t, label, "read"):
            after = found_in(t, text, title)
            if after is None or is_completed(after) != is_completed(before):
                yield Finding(expected=f"{shorten(before)} unchanged", got=shorten(after), reply=label)

    judge.__doc__ = f"A call of the {role} tool for an unknown task changes no other task and does not break the turn."
    check(
        f"tools.{role}-unknown-id",
        level=MUST,
        needs=("model",),
        on=("unknown_ids",),
        clause=SPEC_FAULTS + "; " + SPEC_TOOLS,
        cause="The tool raises if it finds nothing, or falls back to the last or only task.",
        fix="Return “no task with that id” as the tool's result.",
        criteria=("SC-007", "SC-008"),
    )(judge)


for _role in ("update", "complete", "delete"):
    _declare(_role)


@check(
    "tools.five-calls-at-once",
    level=MUST,
    needs=("model",),
    on=("many_calls",),
    clause="Gemini docs, Function calling: parallel calls; user specification: several tools may run at once",
    cause="Calls without `index` are merged into one, or concurrent tools overwrite each other's rows.",
    fix="Give each complete call its own index, and each tool its own database session.",
    criteria=("SC-007",),
)
def five_calls_at_once(t: Transcript) -> Findings:
    """Five calls in one answer all run."""
    made = len(results(t, "five", "create"))
    if made < 5:
        yield Finding(expected="five results", got=f"{made}: {said_errors(turn(t, 'five'))}", reply="five")
        return
    text = listed(t, "five")
    for title in note(t, "titles"):
        if found_in(t, text, str(title)) is None:
            yield Finding(expected=f"{title!r} in the list", got=f"the list {shorten(text)}", reply="five")


@check(
    "tools.equal-calls-answered",
    level=MUST,
    needs=("model",),
    on=("many_calls",),
    clause=GEMINI_CALLING + ", as many results as calls",
    cause="Calls are stored by name and arguments, so the second of two identical ones is lost.",
    fix="Store calls by their ids.",
    criteria=("SC-007",),
)
def equal_calls_answered(t: Transcript) -> Findings:
    """Two identical calls in one answer get a result each."""
    made = next(iter(last_rounds(calls_of(t, "equal"))), None)
    ids = [id for id, _, _ in made.calls] if made else []
    if made is None or len(made.calls) != 2 or len(set(ids)) != 2 or {id for id, _ in made.results} != set(ids):
        got = f"calls {ids}, results {[id for id, _ in made.results] if made else []}"
        yield Finding(expected="two calls with different ids, a result for each", got=got, reply="equal")


@check(
    "tools.same-title-own-task",
    level=MUST,
    needs=("model",),
    on=("many_calls",),
    clause=SPEC_TOOLS + ": a tool that creates a task; a title names no task, its id does",
    cause="A task of that title is taken for a call that was made twice, and given back in place of a new one.",
    fix="Create a task for each call; where a title may be there once only, say so as the tool's result.",
    criteria=("SC-007",),
)
def same_title_own_task(t: Transcript) -> Findings:
    """A task with the title of another one and a description of its own is created, or the model is told why not."""
    told, title, own = next(iter(results(t, "same-title", "create")), None), str(note(t, "titles")[0]), note(t, "again")
    if told is None:
        raise Untestable(f"{name_of(t, 'create')!r} gave no result in same-title.")
    if _NONE_MADE.search(told):
        return
    if not isinstance(entry(told, title), dict) and not _MADE.search(told):
        raise NotJudged(f"The result does not say whether a task was made: {shorten(told)}.")
    text = listed(t, "same-title")
    before = listed(t, "five").count(title)
    if not before:
        raise Untestable(f"{title!r} was not in the list before.")
    if str(own) not in text and text.count(title) <= before:
        if is_page(text):
            raise elsewhere(t, title)
        got = f"the result {shorten(told)}, and the list as before: {shorten(text)}"
        yield Finding(expected=f"two tasks {title!r}", got=got, reply="same-title")


_NONE_MADE = re.compile(
    r"already|exist|duplicat|same|\berror|\bfail|refus|conflict|\b(?:merged|updated|not (?:created|added|made))\b|n't"
    r"|[\"'](?:created|added|ok|success|new|is_new|inserted)[\"']: *(?:false|0)\b",
    re.IGNORECASE,
)
"""What a result says where no second task was made."""

_MADE = re.compile(r"\b(?:created|added|made|saved)\b", re.IGNORECASE)


def _bare(t: Transcript, role: str) -> Findings:
    name = name_of(t, role)
    made = last_rounds(calls_of(t, f"bare-{role}"))
    if not any(called == name for round in made for _, called, _ in round.calls):
        raise Untestable(f"{name!r} was not run without arguments: its turn ended before.")
    text = listed(t, f"bare-{role}")
    for title in note(t, "titles"):
        before = entry_before(t, listed(t, "create"), str(title), "the call")
        after = found_in(t, text, str(title))
        # What is completed, the bulk tool that was tried before may have completed.
        if after is None or (role == "bulk-complete" and is_completed(after) and not is_completed(before)):
            got = f"after a call without arguments it is {shorten(after) if after else 'gone'}"
            yield Finding(expected=f"{title!r} unchanged", got=got, reply=f"bare-{role}")


BARE = "The confirm argument defaults to true, or a missing one is not checked."
ASK = "Let confirm default to false, and refuse unless it is true."


@check(
    "tools.bulk-complete-without-arguments",
    level=MUST,
    needs=("model",),
    on=("bulk_trials",),
    clause=SPEC_CONFIRM,
    cause=BARE,
    fix=ASK,
    criteria=("SC-007",),
)
def bulk_complete_without_arguments(t: Transcript) -> Findings:
    """Called without arguments, the bulk-complete tool changes no task."""
    yield from _bare(t, "bulk-complete")


@check(
    "tools.bulk-delete-without-arguments",
    level=MUST,
    needs=("model",),
    on=("bulk_trials",),
    clause=SPEC_CONFIRM,
    cause=BARE,
    fix=ASK,
    criteria=("SC-007",),
)
def bulk_delete_without_arguments(t: Transcript) -> Findings:
    """Called without arguments, the bulk-delete tool deletes no task."""
    yield from _bare(t, "bulk-delete")


SAYS_NOTHING = ("", "{}", "null", "[]", "None", '""')


@check(
    "tools.failure-told",
    level=SHOULD,
    needs=("model",),
    on=("unknown_ids",),
    clause=GEMINI_CALLING + "; the result is all that the model knows of what happened",
    cause="A failed tool has no result, which goes to the model as an empty object.",
    fix='Tell the model what went wrong, as {"error": "there is no task 7"}.',
    criteria=("SC-007",),
)
def failure_told(t: Transcript) -> Findings:
    """What a tool that failed tells the model says something."""
    asked = [role for role in ("update", "complete", "delete") if f"unknown-{role}" in {r.label for r in t.replies}]
    if not asked:
        raise Untestable("No tool was called with an unknown id.")
    for label, role in ((f"unknown-{role}", role) for role in asked):
        for told in results(t, label, role):
            if told.strip() in SAYS_NOTHING:
                yield Finding(expected="a result that says what went wrong", got=repr(told), reply=label)
