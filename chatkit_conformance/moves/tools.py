"""Moves in which the model calls tools: one, several at once, several rounds, bulk, and calls that cannot work.

The model's side is scripted, so a call is made whatever the user's words are. Each turn that changes tasks also calls
the read tool after it, if there is one: its result must show the user's tasks as they then are.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..script import call
from ..target.argument_schema import properties_in
from ..target.target import LISTS
from ..target.task_id import named, task_id_from, told_id
from ..target.task_reading import claims_success
from ..target.tools import Tool, call_of
from ..target.vocabulary import ARGUMENTS, words
from .marks import mark
from .move import JSON, MoveKind
from .own_ids import own_ids
from .reading import WITH
from .scripted_turn import by_tools
from .state import Person, Task
from .talking import MANNERS, NEEDS, manner
from .task_calls import BULK, NOT_THEIRS, ROLES, THEIR_TASK

if TYPE_CHECKING:
    from ..transcript import Reply
    from .act import Act

RESULT_S = 1.0
"""Seconds in which the result of a call that was made is in the journal, once the turn is over."""

NO_ID = "999999999"
"""An id that names no task, and fits where ids are numbers as well as where they are text."""

NOT_JSON = '{"broken'
"""Arguments that are cut off."""

FACTS: Mapping[str, JSON] = {
    "description": "Käse & Brötchen 買い物 — “quoted”",
    "priority": "high",
    "due_date": "2032-02-29",
    "tags": ["garden"],
}
"""What is said of a new task beside its title, as far as the tool has arguments for it; the day is a leap day."""

NEW_FACTS: Mapping[str, JSON] = {"due_date": "2032-05-06", "tags": ["balcony"]}
"""What an update says of a task beside its new title; the rest must stay."""

Call = dict[str, JSON]


def task_call(act: Act, role: str, **facts: JSON) -> Call:
    """A call of the server's tool for that role."""
    return {"role": role, **act.talk.tool_call(role, **facts)}


def listing(act: Act) -> list[Call]:
    """The calls that list the user's tasks: of the read tool, and of the one that draws them, where that is another."""
    return [task_call(act, role) for role in LISTS if role in act.talk.tools]


def _read(act: Act) -> list[list[Call]]:
    return [listing(act)] if "read" in act.talk.tools else []


def title_of(nonce: str, n: int = 0, words: str = "Water the ferns") -> str:
    """The title of the nth task of a turn."""
    return f"{words} {mark(nonce, 'task', n)}"


async def _use(act: Act) -> None:
    await _one(act, act.arg("role"))


async def _one(act: Act, role: str) -> None:
    """One call, and the read tool after it where there is one."""
    person, task = act.person, next(iter(act.person.open_tasks), None)
    if not act.talk.tools:
        await _own(act, [1])
        return
    sent = await manner(act, act.arg("with"))
    theirs = _of_another(act) if act.arg("title") == THEIRS else ""

    def rounds(nonce: str) -> list[list[Call]]:
        if role == "read":
            return _read(act)
        changed = (
            task_call(act, "create", title=theirs or title_of(nonce), **FACTS)
            if role == "create"
            else _changed(act, role, nonce, task)
        )
        return [[changed], *_read(act)]

    made = await act.turn(act.thread, by_tools(rounds, n=act.n), **sent)
    nonce = act.stage.turns[made.label]["nonce"]
    if role == "create":
        await created(act, made, person, [theirs or title_of(nonce)])
    elif task is not None and role != "read":
        await _apply(act, role, nonce, task)
    expect_tasks(act, made, person, 0 if role == "read" else 1)


async def _own(act: Act, rounds: Sequence[int]) -> None:
    """Tools of a server that has none for tasks, called with arguments that their schemas allow.

    Args:
        rounds: how many are called in each round.
    """
    declared = act.talk.learnt.declared
    made = [[{"role": "", **call_of(declared[(act.n + n) % len(declared)], {})} for n in range(k)] for k in rounds]
    await act.turn(act.thread, by_tools(lambda nonce: made, n=act.n))


def _of_another(act: Act) -> str:
    """The title of a task of another user which this one has not yet, or ""."""
    mine = {task.title for task in act.person.tasks}
    others = (task for other in act.stage.state.others(act.person) for task in other.open_tasks)
    return next((task.title for task in others if task.title not in mine), "")


def _changed(act: Act, role: str, nonce: str, task: Task | None) -> Call:
    if task is None:
        raise RuntimeError(f"{act.move} was held without the task that it wants")
    facts = known_by(task)
    if role == "update":
        facts |= {"new_title": title_of(nonce, words="Repot the basil"), **NEW_FACTS}
    return task_call(act, role, **facts)


async def created(act: Act, made: Reply, person: Person, titles: Sequence[str]) -> None:
    """Put the tasks that a turn created into the state: sure where a result says something of them."""
    note = act.stage.turns[made.label]
    results = "\n".join([r["content"] for r in await results_of(act, note["nonce"])])
    # A title that a deleted task had is the new one's.
    person.tasks[:] = (task for task in person.tasks if not (task.gone and task.title in titles))
    for title in titles:
        id = task_id_from(results, title)
        told = told_id(results, title) is not None
        person.tasks.append(Task(title=title, id=id or "", sure=id is not None, told=told))


async def results_of(act: Act, nonce: str) -> list[dict[str, str]]:
    """The tool results of a turn, as its last request to the model carries them."""
    calls = [c for c in await act.talk.calls(nonce, timeout_s=RESULT_S) if not c.side]
    return await act.talk.result_of(max(calls, key=lambda c: (c.attempt, c.position))) if calls else []


async def calls_taken(act: Act, nonce: str, number: int) -> list[bool]:
    """Of so many calls of a turn, in order, whether each was answered with a result that is no refusal."""
    results = [row["content"] for row in await results_of(act, nonce)][:number]
    taken = [claims_success(text) is not False for text in results]
    return taken + [False] * (number - len(taken))


def known_by(task: Task) -> dict[str, JSON]:
    """What a call says of the task that it means."""
    return {"id": task.id, "title": task.title}


async def _apply(act: Act, role: str, nonce: str, task: Task) -> None:
    """What a tool that ran did to a task."""
    results = await results_of(act, nonce)
    task.sure = any(task.told or named(task.title, task.id, (), r["content"]) for r in results)
    if role == "complete":
        task.completed = True
    elif role == "delete":
        task.gone = True
    elif role == "update":
        task.title = title_of(nonce, words="Repot the basil")


def expect_tasks(act: Act, made: Reply, person: Person, rounds: int, *, paged: bool = False, **more: JSON) -> None:
    """What the read tool's result must show; it was called after so many rounds.

    Args:
        paged: whether there are so many tasks that a list may well show some of them.
    """
    if "read" in act.talk.tools:
        own = {task.title for task in person.tasks}
        others = [t.title for other in act.stage.state.others(person) for t in other.tasks if t.title not in own]
        act.expect(
            made.label,
            tasks=[asdict(task) for task in person.tasks],
            others=others,
            whole=act.stage.own and not paged,
            position=rounds + 1,
            **more,
        )


def require_silence(act: Act) -> None:
    """Raise Untestable where an update that does not say whether the task is done says that it is not, by a default."""
    schema = act.talk.tools["update"].schema
    saying = [
        name
        for name, value in properties_in(schema, schema)
        if "_".join(words(name)) in (*ARGUMENTS["completed"], "state") and value.get("default") not in (None, True)
    ]
    act.talk.require(not saying, f"an update that leaves {', '.join(saying)} out says that the task is not done")


async def _several(act: Act) -> None:
    """Several calls: two tasks created in one answer; or, one after another and with words before them, a list, a task
    that is made, and the same list again.
    """
    person, how = act.person, act.arg("how")
    two = (1, 2) if how != "rounds" else (1,)
    if not act.talk.tools:
        await _own(act, [2] if how != "rounds" else [1, 1])
        return

    def rounds(nonce: str) -> list[list[Call]]:
        read, made = _read(act), [task_call(act, "create", title=title_of(nonce, n)) for n in two]
        return [*(read if how == "rounds" else ()), made, *read]

    more: dict[str, Any] = {"words": "I will add that now.", "chunk_chars": 6} if how == "rounds" else {"layout": how}
    made = await act.turn(act.thread, by_tools(rounds, n=act.n, **more))
    nonce = act.stage.turns[made.label]["nonce"]
    await created(act, made, person, [title_of(nonce, n) for n in two])
    expect_tasks(act, made, person, 2 if how == "rounds" else 1)


def asks(tool: Tool) -> bool:
    """Whether a bulk tool has an argument to confirm with."""
    return any(value is True for value in call_of(tool, {"confirm": True})["arguments"].values())


async def _bulk(act: Act) -> None:
    """A bulk tool with a confirmation, or with something that is none."""
    act.require_own_users()
    person, role, confirm = act.person, act.arg("role"), act.arg("confirm")
    tool = act.talk.tools[role]
    asks_for = 1 if confirm is True else 2  # who only asks again has not said yes
    act.talk.require(confirm is True or asks(tool), f"{tool.name!r} has no argument to confirm with")

    def rounds(nonce: str) -> list[list[Call]]:
        made = call_of(tool, {"confirm": True})
        arguments = {key: confirm if value is True else value for key, value in made["arguments"].items()}
        return [*([{"role": role, **made, "arguments": arguments}] for _ in range(asks_for)), *_read(act)]

    made = await act.turn(act.thread, by_tools(rounds, n=act.n))
    if confirm is True:
        ran = bool(await results_of(act, act.stage.turns[made.label]["nonce"]))  # else the thread may be closed
        for task in person.tasks:
            task.sure = task.sure and ran
            task.completed = task.completed or role == "bulk-complete"
            task.gone = task.gone or role == "bulk-delete"
    expect_tasks(act, made, person, asks_for, confirm=confirm)


async def _misuse(act: Act) -> None:
    """A call that cannot work: an unknown task, cut or missing arguments, a tool that there is not."""
    how, person = act.arg("how"), act.person
    theirs = list(_tasks_of_others(act)) if how.startswith(THEIR_TASK) else []
    act.talk.require(theirs or not how.startswith(THEIR_TASK), "no other user has a task that a tool told the id of")
    other, id = foreign(theirs, await own_ids(act, person, [task.id for _, task in theirs]))

    def rounds(nonce: str) -> list[list[Call]]:
        return [[_wrong(act, how, nonce, id)], *_read(act)]

    made = await act.turn(act.thread, by_tools(rounds, n=act.n))
    expect_tasks(act, made, person, 1, refused=f"the call is wrong: {how}")
    thread = other and next((t for t in reversed(other.threads) if t.id and not t.gone), None)
    if other and thread and _read(act):
        made = await act.turn(thread, by_tools(lambda _: _read(act), n=act.n), person=other, suffix="theirs")
        expect_tasks(act, made, other, 0)


def foreign(theirs: Sequence[tuple[Person, Task]], own: Container[str]) -> tuple[Person | None, str]:
    """One of these others with the id of a task that this user has not, or an id that nobody has.

    Args:
        own: ids that this user's tasks may have, too.
    """
    known = ((whose, task.id) for whose, task in theirs if task.id not in own)
    return next(known, (theirs[0][0] if theirs else None, NO_ID))


def _tasks_of_others(act: Act) -> Iterator[tuple[Person, Task]]:
    """The open tasks of other users whose ids are known."""
    for other in act.stage.state.others(act.person):
        yield from ((other, task) for task in other.open_tasks if task.id)


def _wrong(act: Act, how: str, nonce: str, id: str) -> Call:
    tools, declared = act.talk.tools, act.talk.learnt.declared
    if ":" in how:
        role = next((r for r in (how.rpartition(":")[2], "complete", "delete", "update") if r in tools), "")
        if role:
            facts = {"new_title": title_of(nonce)} if role == "update" else {}
            return task_call(act, role, id=id, title=title_of(nonce, words="Nothing"), **facts)
    if how == "unknown-tool" or not declared:
        return {"role": "", **call("launch_rocket", {"to": "the moon"})}
    name = tools.get("create", declared[0]).name
    return {"role": "create", **call(name, NOT_JSON if how == "not-json" else {})}


CHANGES = ("update", "complete", "delete")
THEIRS = "another user's"
NO = (False, "false", None, 0)
"""Confirmations that are none: they are told by a task that is gone or changed all the same."""

WRONG = (*NOT_THEIRS, "not-json", "no-arguments", "unknown-tool")

TOOLS = (
    MoveKind(
        name="use-tool",
        does="user {user} has the {role} tool called in thread {thread} (by a message: {with}; title: {title})",
        play=_use,
        args={**WITH, "role": ROLES, "with": MANNERS, "title": ("its own", THEIRS)},
        needs=("any-tool",),
        needs_by={"role": {role: (f"role:{role}",) for role in ROLES if role != "create"}, "with": NEEDS},
        wants=("thread",),
        wants_by={"role": dict.fromkeys(CHANGES, ("task",)), "title": {THEIRS: ("two",)}},
        makes=("turn", "tools"),
        makes_by={"role": {"create": ("task",), "complete": ("task-spent",), "delete": ("task-spent",)}},
    ),
    MoveKind(
        name="several-tools",
        does="user {user} has several tools called in thread {thread} ({how})",
        play=_several,
        args={**WITH, "how": ("one-delta", "one-per-delta", "rounds")},
        needs=("any-tool",),
        wants=("thread",),
        makes=("turn", "tools", "task"),
    ),
    MoveKind(
        name="bulk-tool",
        does="user {user} has the {role} tool called with confirm {confirm!r}, in thread {thread}",
        play=_bulk,
        args={**WITH, "role": BULK, "confirm": (False, True, *NO[1:])},
        needs_by={"role": {role: (f"role:{role}",) for role in BULK}},
        wants=("thread",),
        wants_by={"confirm": dict.fromkeys(NO, ("task",))},
        makes=("turn", "tools"),
        makes_by={"confirm": {True: ("task-spent",)}},
    ),
    MoveKind(
        name="misuse-tool",
        does="user {user} has a tool called wrongly ({how}) in thread {thread}",
        play=_misuse,
        args={**WITH, "how": WRONG},
        wants=("thread",),
        wants_by={"how": {how: ("two",) for how in NOT_THEIRS if how.startswith(THEIR_TASK)}},
        makes=("turn", "tools"),
    ),
)
"""The kinds."""
