"""Scenes of tasks that are odd and right: in other scripts, long, many at once, done twice, changed in one fact."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from ..target.fuller_call import fractional_call, named_call
from ..target.tools import toggles
from .move import JSON, MoveKind
from .reading import THREADS, USERS
from .scripted_turn import by_tools
from .task_calls import BULK
from .tools import (
    FACTS,
    Call,
    asks,
    calls_taken,
    created,
    expect_tasks,
    known_by,
    listing,
    require_silence,
    results_of,
    task_call,
    title_of,
)

if TYPE_CHECKING:
    from ..transcript import Reply
    from .act import Act
    from .state import Task

OTHER_SCRIPTS = "Käse & Brötchen 買い物 שלום 🧀"
SMALL = "read eBay's letter"
LONG = "A long description, as people paste them. Zeile für Zeile, 一行ずつ。 " * 45
"""About 3,000 characters."""

FIRST = 101
"""The number of the first of tasks that are made at once."""

MANY = 11
"""Tasks of which one's number is the beginning of another's, where they are counted."""

AT_ONCE = 5
"""Tasks made by one answer."""


async def _titled(act: Act, words: str, number: int = 1) -> Reply:
    """Tasks of these words are made by one answer, and listed."""
    person = act.person

    def titles(nonce: str) -> list[str]:
        return [title_of(nonce, FIRST + n, words) for n in range(number)]  # none is the beginning of another

    def rounds(nonce: str) -> list[list[Call]]:
        return [[task_call(act, "create", title=title) for title in titles(nonce)], listing(act)]

    made = await act.turn(act.thread, by_tools(rounds, n=act.n))
    await created(act, made, person, titles(act.stage.turns[made.label]["nonce"]))
    expect_tasks(act, made, person, 1)
    return made


async def _long(act: Act) -> None:
    """A task of a long description is made, and not listed: how much of it a list shows, a server may choose."""

    def rounds(nonce: str) -> list[list[Call]]:
        return [[task_call(act, "create", title=title_of(nonce), description=LONG)]]

    made = await act.turn(act.thread, by_tools(rounds, n=act.n))
    await created(act, made, act.person, [title_of(act.stage.turns[made.label]["nonce"])])


async def _more_told(act: Act, more: Callable[..., dict[str, JSON] | None], words: str, lacks: str) -> None:
    """A task is made by a call with more than a task must have, and listed.

    Args:
        more: makes the call, or None where the tool takes no such thing. lacks: what it does not take then.
    """
    tool = act.talk.tools["create"]
    act.talk.require(more(tool, {"title": ""}), f"{tool.name!r} takes {lacks}")

    def rounds(nonce: str) -> list[list[Call]]:
        return [[{"role": "create", **(more(tool, {"title": title_of(nonce, words=words)}) or {})}], listing(act)]

    made = await act.turn(act.thread, by_tools(rounds, n=act.n))
    await created(act, made, act.person, [title_of(act.stage.turns[made.label]["nonce"], words=words)])
    expect_tasks(act, made, act.person, 1)


FRACTION = partial(_more_told, more=fractional_call, words="Weigh the seed", lacks="no number that may be a fraction")
NAMES = partial(_more_told, more=named_call, words="Ask the neighbours", lacks="no further text")


async def _made_anew(act: Act) -> None:
    """A task is made; it is deleted, another one is made, and the one that is gone is changed: it stays gone."""
    person = act.person
    made = await act.turn(act.thread, by_tools(lambda n: [[task_call(act, "create", title=title_of(n))]], n=act.n))
    await created(act, made, person, [title_of(act.stage.turns[made.label]["nonce"])])
    old = person.tasks[-1]
    # Where a task is known by its title, another one may have it by now, or a new one be made.
    late = (
        [[task_call(act, "update", **known_by(old), priority="low")]] if "update" in act.talk.tools and old.id else []
    )

    def rounds(nonce: str) -> list[list[Call]]:
        new = task_call(act, "create", title=title_of(nonce))
        return [[task_call(act, "delete", **known_by(old))], [new], *late, listing(act)]

    then = await act.turn(act.thread, by_tools(rounds, n=act.n + 1), suffix="anew")
    nonce = act.stage.turns[then.label]["nonce"]
    old.gone, old.sure = True, old.sure and old.told and all(await calls_taken(act, nonce, 1))
    await created(act, then, person, [title_of(nonce)])
    expect_tasks(act, then, person, 2 + len(late))


async def _one_of_eleven(act: Act) -> None:
    """Where tasks are numbered: eleven are made, and the one is deleted whose number is the beginning of another's."""
    known = [task for person in act.stage.state.people for task in person.tasks if task.id]
    act.talk.require(all(task.id.isdecimal() for task in known), "tasks have no numbers by which they are known")
    person, listed = act.person, await _titled(act, "Oil the lock", number=MANY)
    there = [task for task in person.open_tasks if task.told]
    short = next((a for a in there if any(a.id != b.id and b.id.startswith(a.id) for b in there)), None)
    act.talk.require(short, "no number of a task is the beginning of another's")
    assert short is not None
    told = "".join(row["content"] for row in (await results_of(act, act.stage.turns[listed.label]["nonce"]))[MANY:])
    rounds = [[task_call(act, "delete", **known_by(short))], listing(act)]
    made = await act.turn(act.thread, by_tools(lambda _: rounds, n=act.n + 1), suffix="one")
    taken = await calls_taken(act, act.stage.turns[made.label]["nonce"], 1)
    short.gone, short.sure = True, taken[0]
    expect_tasks(act, made, person, 1, paged=not all(task.title in told for task in there))


async def _lengthened(act: Act) -> None:
    """A task gets a long description; how much of it a list then shows, a server may choose."""
    await _changed(act, "update", {"new_description": LONG}, known=False)


async def _emptied(act: Act) -> None:
    """A task is made with all that is said of one; then its list of tags is made empty, and nothing else is named."""
    person = act.person
    new = by_tools(lambda n: [[task_call(act, "create", title=title_of(n), **FACTS)], listing(act)], n=act.n)
    made = await act.turn(act.thread, new)
    await created(act, made, person, [title_of(act.stage.turns[made.label]["nonce"])])
    expect_tasks(act, made, person, 1)
    task = person.tasks[-1]
    change = task_call(act, "update", **known_by(task), tags=[])
    given = change["arguments"]
    act.talk.require(isinstance(given, dict) and [] in given.values(), f"{change['name']!r} takes no list of tags")
    then = await act.turn(act.thread, by_tools(lambda _: [[change], listing(act)], n=act.n + 1), suffix="emptied")
    task.sure = task.sure and task.told and all(await calls_taken(act, act.stage.turns[then.label]["nonce"], 1))
    task.edits += 1
    expect_tasks(act, then, person, 1)


async def _renamed(act: Act) -> None:
    """A task gets another title; nothing else of it is named."""
    await _changed(act, "update", {"new_title": title_of(act.talk.new_nonce(), words="Repot the basil")})


async def _done_twice(act: Act) -> None:
    """A task is completed, and in the next round once more."""
    act.talk.require(not toggles(act.talk.tools["complete"]), "the tool says that it may also do the opposite")
    await _changed(act, "complete", {}, times=2)


async def _changed_when_done(act: Act) -> None:
    """A task is completed, and then gets another title; nothing is said of its being done."""
    require_silence(act)
    person, task = act.person, _first(act)
    title = title_of(act.talk.new_nonce(), words="Repot the basil")
    rounds = [
        [task_call(act, "complete", **known_by(task))],
        [task_call(act, "update", **known_by(task), new_title=title)],
        listing(act),
    ]
    made = await act.turn(act.thread, by_tools(lambda _: rounds, n=act.n))
    taken = await calls_taken(act, act.stage.turns[made.label]["nonce"], 2)
    task.sure = task.sure and task.told and all(taken)
    task.title, task.completed = title, True
    expect_tasks(act, made, person, 2)


async def _changed(act: Act, role: str, facts: Mapping[str, JSON], *, times: int = 1, known: bool = True) -> None:
    """The first open task is changed, so many times, by a turn that lists nothing; then the list is read.

    Args:
        known: whether it is known how the list tells the task then.
    """
    person, task = act.person, _first(act)
    change = task_call(act, role, **known_by(task), **facts)
    made = await act.turn(act.thread, by_tools(lambda _: [[change]] * times, n=act.n))
    results = await results_of(act, act.stage.turns[made.label]["nonce"])
    task.sure = known and task.sure and task.told and len(results) >= times
    read = by_tools(lambda _: [listing(act)], n=act.n + 1)
    listed = await act.turn(act.thread, read, suffix="read")
    if facts.get("new_title"):
        task.title = str(facts["new_title"])
    task.completed = task.completed or role == "complete"
    expect_tasks(act, listed, person, 0)


def _first(act: Act) -> Task:
    task = next((task for task in act.person.open_tasks if task.id), None)
    act.talk.require(task, "no tool told the id of an open task")
    assert task is not None
    return task


async def _unconfirmed(act: Act, role: str) -> None:
    """A bulk tool is called without any argument."""
    act.require_own_users()
    tool = act.talk.tools[role]
    act.talk.require(asks(tool), f"{tool.name!r} has no argument to confirm with")
    rounds: list[list[Call]] = [[{"role": role, "name": tool.name, "arguments": {}}], listing(act)]
    made = await act.turn(act.thread, by_tools(lambda _: rounds, n=act.n))
    expect_tasks(act, made, act.person, 1, confirm="left out")


HOW: Mapping[str, Callable[[Act], Awaitable[object]]] = {
    "made in other scripts": partial(_titled, words=OTHER_SCRIPTS),
    "made in small letters": partial(_titled, words=SMALL),
    "five made at once": partial(_titled, words="Oil the lock", number=AT_ONCE),
    "made with a long description": _long,
    "made with a fraction": FRACTION,
    "made with names": NAMES,
    "made, deleted and made anew": _made_anew,
    "one of eleven deleted": _one_of_eleven,
    "given a long description": _lengthened,
    "given another title alone": _renamed,
    "left without a tag": _emptied,
    "completed, then given another title": _changed_when_done,
    "completed twice": _done_twice,
    **{f"{role} without an argument": partial(_unconfirmed, role=role) for role in BULK},
}
"""What becomes of tasks -> how it is held."""

CHANGING = (
    "given a long description",
    "given another title alone",
    "completed, then given another title",
    "completed twice",
)


async def _play(act: Act) -> None:
    await HOW[act.arg("how")](act)


ODD_TASKS = MoveKind(
    name="odd-task",
    does="user {user} has tasks {how} in thread {thread}",
    play=_play,
    args={"user": USERS, "thread": THREADS, "how": tuple(HOW)},
    needs=("role:create", "role:read"),
    needs_by={
        "how": {
            "made, deleted and made anew": ("role:delete",),
            "one of eleven deleted": ("role:delete",),
            "given a long description": ("role:update",),
            "given another title alone": ("role:update",),
            "left without a tag": ("role:update",),
            "completed, then given another title": ("role:update", "role:complete"),
            "completed twice": ("role:complete",),
            **{f"{role} without an argument": (f"role:{role}",) for role in BULK},
        }
    },
    wants=("thread",),
    wants_by={
        "how": {
            **dict.fromkeys(CHANGING, ("task",)),
            **{f"{role} without an argument": ("task",) for role in BULK},
        }
    },
    makes=("turn", "tools"),
    makes_by={
        "how": {
            "left without a tag": ("task",),
            "made in other scripts": ("task",),
            "made in small letters": ("task",),
            "five made at once": ("task",),
            "made with a long description": ("task",),
            "made with a fraction": ("task",),
            "made with names": ("task",),
            "made, deleted and made anew": ("task",),
            "one of eleven deleted": ("task",),
            "completed, then given another title": ("task-spent",),
            "completed twice": ("task-spent",),
        }
    },
)
"""The kind."""
