"""Tasks that a conversation of moves reads, compared whole with the tasks that are expected.

Each turn that changes tasks calls the read tool afterwards. Its result is compared with the result before it, so every
server is held to its own way of telling tasks: what nobody touched is told as before, what was touched is changed in
that, and what was deleted is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from chatkit_conformance.check import MUST, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.moves.marks import KINDS
from chatkit_conformance.moves.notes import EXPECTED, LEFT_OUT, TURNS
from chatkit_conformance.target.fuller_call import NAMES
from chatkit_conformance.target.task_reading import FACTS, Entry, entry, is_completed, objects, parsed
from chatkit_conformance.target.task_shapes import DONE_KEYS, STATE_KEYS, TITLE_KEYS, spelled
from chatkit_conformance.target.told_fact import told_as_said
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import SPEC_CONFIRM, SPEC_OWNER, SPEC_TOOLS
from ..evidence import rounds, shorten
from .claimed import rounds_of

PLACED = re.compile(
    r"position|index|order|rank|number|^no$|^nr$|time|_at$|At$|age|ago|relative|updated|modified|version"
    r"|aktualisiert|ge[aä]e?ndert|modif|actualiz|atualiz|aggiorn|bijgewerkt|mise?_[aà]_jour"
)
"""Keys whose value tells where or when a task stands, and so may change when another task does."""

MOMENT = re.compile(r"\d{4}-\d\d-\d\d")
"""How a date begins, as most servers write it."""

NUMBERED = re.compile(r"^\W*\d+[.):]\s*")
"""The number in front of a line, which changes with the lines above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One result of the read tool, and what it must show."""

    reply: Reply
    text: str
    tasks: tuple[Mapping[str, Any], ...]
    others: tuple[str, ...]
    user: str
    whole: bool
    """Whether these are all tasks that the user has: otherwise a list may be too long to show them."""

    def told(self, title: str) -> Entry | None:
        """The task of that title as the result tells it."""
        return entry(self.text, title)


def readings(t: Transcript) -> list[Reading]:
    """Every result of the read tool that a move asked for, in order. Raises Untestable where there is none."""
    found = [reading for r in t.replies if (reading := _reading(t, r)) is not None]
    if not found:
        raise Untestable(f"no tool of {t.exchange} listed the tasks")
    return found


def _reading(t: Transcript, r: Reply) -> Reading | None:
    what, note = t.notes.get(EXPECTED, {}).get(r.label, {}), t.notes.get(TURNS, {}).get(r.label)
    if "tasks" not in what or not note:
        return None
    names = {tool["name"] for tool in note["tools"] if tool["role"] == "read"}
    for c in sorted((c for c in t.calls if c.nonce == note["nonce"] and not c.side), key=lambda c: -c.position):
        made = rounds(c)
        if len(made) < what["position"]:
            continue
        round = made[what["position"] - 1]
        called = {id for id, name, _ in round.calls if name in names}
        text = next((text for id, text in round.results if id in called), None)
        if text is not None:
            return Reading(
                reply=r,
                text=text,
                tasks=tuple(what["tasks"]),
                others=tuple(what["others"]),
                user=note["user"],
                whole=what["whole"],
            )
    return None


def _pairs(found: list[Reading]) -> Iterator[tuple[Reading, Reading]]:
    """Each reading beside the one before it of the same user."""
    last: dict[str, Reading] = {}
    for reading in found:
        if reading.user in last:
            yield last[reading.user], reading
        last[reading.user] = reading


def _steady(found: Entry | None) -> object:
    """What of a task must not change while others do."""
    if isinstance(found, str):
        return NUMBERED.sub("", found).strip()
    return None if found is None else {k: v for k, v in found.items() if not PLACED.search(k)}


@check(
    "tools.tasks-as-expected",
    level=MUST,
    needs=("model",),
    clause=SPEC_TOOLS,
    capability="tasks",
    cause="A tool changes more than the task that it was called for, or less, or does so in some turns only.",
    fix="Address the task by its id and the user, change the given fields only, and return the task as it then is.",
    criteria=("SC-007",),
)
def tasks_as_expected(t: Transcript) -> Findings:
    """Whenever tasks are listed, tasks that nobody touched are as before, and the others as the tools left them."""
    found = readings(t)
    shows = {r.user for r in found for task in r.tasks if (row := r.told(task["title"])) and is_completed(row)}
    for reading in found:
        yield from _as_left(reading, shows_completed=reading.user in shows)
    for before, after in _pairs(found):
        yield from _untouched(before, after)
        yield from _renamed(before, after)


def _as_left(reading: Reading, *, shows_completed: bool) -> Findings:
    for task in (task for task in reading.tasks if task["sure"]):
        told, title = reading.told(task["title"]), task["title"]
        if told is None and not reading.whole:
            continue
        if task["gone"] and told is not None:
            yield Finding(expected=f"no task {title!r}, it was deleted", got=shorten(told), reply=reading.reply.label)
        elif not task["gone"] and not task["completed"] and (told is None or is_completed(told)):
            got = "it is not in the list" if told is None else f"it is completed: {shorten(told)}"
            yield Finding(expected=f"open task {title!r}", got=got, reply=reading.reply.label)
        elif not task["gone"] and task["completed"] and told is None and shows_completed:
            yield Finding(expected=f"completed task {title!r}", got="it is not in the list", reply=reading.reply.label)
        elif not task["gone"] and task["completed"] and told is not None and is_completed(told) is False:
            yield Finding(expected=f"task {title!r} completed", got=shorten(told), reply=reading.reply.label)


def _renamed(before: Reading, after: Reading) -> Findings:
    """A task that got another title is not there under the old one as well."""
    now = {task["id"]: task["title"] for task in after.tasks if task["sure"] and not task["gone"]}
    for task in before.tasks:
        title = now.get(task["id"], task["title"]) if task["id"] else task["title"]
        if title != task["title"] and (old := after.told(task["title"])) is not None:
            expects = f"no task {task['title']!r}, it is {title!r} now"
            yield Finding(expected=expects, got=shorten(old), reply=after.reply.label)


def _untouched(before: Reading, after: Reading) -> Findings:
    now = {task["title"]: task for task in after.tasks}
    for task in before.tasks:
        if now.get(task["title"]) != task or not task["sure"] or task["gone"]:
            continue
        was, told = _steady(before.told(task["title"])), _steady(after.told(task["title"]))
        if was is not None and was != told and (told is not None or after.whole):
            got = "it is gone" if told is None else f"it is {shorten(told)}"
            yield Finding(expected=f"task as before: {shorten(was)}", got=got, reply=after.reply.label)


@check(
    "tools.changes-nothing-else",
    level=MUST,
    needs=("model",),
    clause=SPEC_TOOLS,
    capability="tasks",
    cause="An update writes every field, so that what the call did not name is lost or set to a default.",
    fix="Write only the fields that the call names.",
    criteria=("SC-007",),
)
def changes_nothing_else(t: Transcript) -> Findings:
    """A tool that changes a task leaves the facts of it that the call does not name, and its id."""
    judged = False
    for before, after in _pairs(readings(t)):
        was = {task["id"]: task for task in before.tasks if task["id"] and task["sure"] and not task["gone"]}
        for task in after.tasks:
            old = was.get(task["id"])
            if old is None or old == task or task["gone"] or not task["sure"]:
                continue
            first, then = before.told(old["title"]), after.told(task["title"])
            if isinstance(first, dict) and isinstance(then, dict):
                judged = True
                yield from _changed(t, after, old, task, first, then)
    if not judged:
        raise NotJudged(f"no task of {t.exchange} was changed by a tool and told as an object before and after")


def calls_in(t: Transcript, reading: Reading, role: str) -> Iterator[dict[str, Any]]:
    """The arguments of the calls of that role in a reading's turn."""
    for tool in t.notes[TURNS][reading.reply.label]["tools"]:
        if tool["role"] == role and isinstance(tool["arguments"], dict):
            yield tool["arguments"]


def results_in(t: Transcript, reading: Reading, role: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The arguments of the calls of that role in a reading's turn, each with its result."""
    done = rounds_of(t, reading.reply.label)
    told = [(arguments, dict(made.results).get(id, "")) for made in done for id, _, arguments in made.calls]
    for given in calls_in(t, reading, role):
        yield from ((given, result) for arguments, result in told if parsed(arguments) == given)


def _changed(
    t: Transcript,
    reading: Reading,
    old: Mapping[str, Any],
    task: Mapping[str, Any],
    first: dict[str, Any],
    then: dict[str, Any],
) -> Findings:
    completes = old["completed"] != task["completed"]
    given = [
        value for arguments in calls_in(t, reading, "update") for row in objects(arguments) for value in row.values()
    ]
    for key, value in first.items():
        named = value == old["title"] or any(told_as_said(then.get(key), said) for said in given)
        named = named or ([] in given and not then.get(key))  # made empty, whatever the list calls it
        named = named or (completes and _tells_done(key, value, then.get(key)))
        if not named and not PLACED.search(key) and then.get(key) != value:
            got = f"{key} {shorten(then.get(key))}"
            yield Finding(expected=f"{key} {shorten(value)} as before", got=got, reply=reading.reply.label)


def _tells_done(key: str, before: object, after: object) -> bool:
    """Whether a key may tell that its task is completed: by its name, or as a yes or a moment of another language."""
    name = spelled(key)
    if name in (*DONE_KEYS, *STATE_KEYS) or re.search("complet|done|finish|check|status|state|open", name):
        return True
    return (isinstance(before, bool) and isinstance(after, bool)) or (before is None and bool(MOMENT.match(str(after))))


@check(
    "tools.created-facts-kept",
    level=MUST,
    needs=("model",),
    clause=SPEC_TOOLS,
    capability="tasks",
    cause="The tool takes an argument and drops it, or stores it cut.",
    fix="Store every argument that the schema offers, or do not offer it.",
    criteria=("SC-007",),
)
def created_facts_kept(t: Transcript) -> Findings:
    """What a call that creates a task says of it is in the list afterwards, under the same name."""
    yield from _facts_kept(t, "create")


@check(
    "tools.updated-facts-kept",
    level=MUST,
    needs=("model",),
    clause=SPEC_TOOLS,
    capability="tasks",
    cause="The tool takes an argument and drops it, or adds what is given to what was there.",
    fix="Set every field that the call names to the value that it names.",
    criteria=("SC-007",),
)
def updated_facts_kept(t: Transcript) -> Findings:
    """What a call that updates a task says of it is in the list afterwards, under the same name."""
    yield from _facts_kept(t, "update")


def said_by_calls(t: Transcript, reading: Reading, role: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """What the calls of this role in a reading's turn say of a task, and the task as it is then listed."""
    for arguments in calls_in(t, reading, role):
        told = next((e for title in _titles(arguments) if (e := reading.told(title))), None)
        if isinstance(told, dict):
            yield arguments, told


def _facts_kept(t: Transcript, role: str) -> Findings:
    """What calls of this role said and the list after them does not, of facts that tasks are listed with at all."""
    judged = False
    found = readings(t)
    listed = {key for reading in found for task in reading.tasks for key in _fields(reading, task["title"])}
    for reading in found:
        for arguments, told in said_by_calls(t, reading, role):
            facts = {key: value for key, value in _said(arguments).items() if not names_in(value)}
            for key, value in facts.items():
                judged = judged or key in told
                if key in listed and value not in (None, "", []) and not told_as_said(told.get(key), value):
                    got = f"{key} {shorten(told[key])}" if key in told else f"no {key}"
                    yield Finding(expected=f"{key} {shorten(value)}", got=got, reply=reading.reply.label)
    if not judged:
        raise NotJudged(f"no task of {t.exchange} was listed with a fact that its {role} call named")


def names_in(value: Any) -> bool:
    """Whether a fact is one of the names that are sent where an argument takes any text: a server may look it up."""
    return value in NAMES or (isinstance(value, list) and bool(value) and set(map(str, value)) <= set(NAMES))


def _said(arguments: dict[str, Any]) -> dict[str, Any]:
    """What a call says of a task, by name; of what is nested, only what has the name of a fact that tasks have."""
    inner = (row.items() for row in list(objects(arguments))[1:])
    facts = {k: v for rows in inner for k, v in rows if spelled(k) in _FACT_NAMES or _is_title(v)}
    return {**facts, **arguments}


_FACT_NAMES = {key for keys in FACTS.values() for key in keys} - {*TITLE_KEYS}
"""How tasks' facts are called, but for the title: any thing inside a call can have a name of its own."""


def titles_created(t: Transcript, reading: Reading) -> list[str]:
    """The titles that the create calls of a reading's turn named."""
    return [title for arguments in calls_in(t, reading, "create") for title in _titles(arguments)]


def _titles(arguments: dict[str, Any]) -> Iterator[str]:
    """The titles that a call names, at any depth."""
    return (value for row in objects(arguments) for value in row.values() if _is_title(value))


def _is_title(value: object) -> TypeGuard[str]:
    """Whether a text is a task's title, which has a mark of its own."""
    return isinstance(value, str) and f" {KINDS['task']}" in value


def _fields(reading: Reading, title: str) -> Iterator[str]:
    """The names of the facts with which a task is listed."""
    told = reading.told(title)
    yield from told if isinstance(told, dict) else ()


@check(
    "tools.bulk-refused-unless-confirmed",
    level=MUST,
    needs=("model",),
    clause=SPEC_CONFIRM,
    capability="tasks",
    cause='The confirmation is read as a truth value, so that "false" confirms.',
    fix="Carry it out only for the value true itself; otherwise change nothing and ask for the confirmation.",
    criteria=("SC-007",),
)
def bulk_refused(t: Transcript) -> Findings:
    """A bulk tool that is called with false, "false", null or 0 for a confirmation changes no task."""
    told = t.notes.get(EXPECTED, {})
    pairs = [(b, a) for b, a in _pairs(readings(t)) if told[a.reply.label].get("confirm", True) is not True]
    if not pairs:
        if why := t.notes.get(LEFT_OUT, {}).get("bulk-tool"):
            raise NotJudged(why)
        raise Untestable(f"no bulk tool of {t.exchange} was called without a confirmation between two lists")
    for before, after in pairs:
        kept = {task["title"]: task for task in after.tasks}
        for task in (task for task in before.tasks if task["sure"] and kept.get(task["title"]) == task):
            was, now = _steady(before.told(task["title"])), _steady(after.told(task["title"]))
            if was is not None and was != now and (now is not None or after.whole):
                confirm = told[after.reply.label]["confirm"]
                expects = f"task as before, since confirm was {confirm!r}: {shorten(was)}"
                yield Finding(expected=expects, got=shorten(now), reply=after.reply.label)


@check(
    "tools.tasks-of-one-user",
    level=MUST,
    needs=("model",),
    clause=SPEC_OWNER,
    capability="tasks",
    cause="The query lists or changes tasks without a look at whose they are.",
    fix="Filter every query of tasks by user.",
)
def tasks_of_one_user(t: Transcript) -> Findings:
    """No list of tasks shows a task of another user."""
    found = [reading for reading in readings(t) if reading.others]
    if not found:
        raise Untestable(f"in {t.exchange} no task of another user was there when tasks were listed")
    for reading in found:
        for title in reading.others:
            if title in reading.text:
                got = f"{shorten(reading.told(title))}"
                yield Finding(expected=f"no task {title!r} of another user", got=got, reply=reading.reply.label)
