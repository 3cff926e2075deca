"""The scene of lists by a filter: of tasks of which each but the first lacks one thing, each filter lists the first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any

from ..target.argument_schema import options_of, resolved
from ..target.task_shapes import STATE_KEYS, spelled
from ..target.tools import Tool
from .move import JSON, MoveKind
from .reading import THREADS, USERS
from .scripted_turn import by_tools
from .tools import Call, calls_taken, created, known_by, listing, task_call, title_of

if TYPE_CHECKING:
    from .act import Act

TITLE, DESCRIPTION, WORD = "Rake the leaves", "Under the maple, where leaves lie", "leaves"
"""What all are called and described by, and a word that is looked for."""

TAG = "garden"
HIGH: dict[str, JSON] = {"priority": "high", "tags": [TAG], "description": DESCRIPTION}
MADE: tuple[dict[str, JSON], ...] = (
    {**HIGH, "due_date": "2032-02-29"},
    {**HIGH, "priority": "low"},
    {**HIGH, "tags": ["balcony"]},
    HIGH,
)
"""What is said of each of the tasks. The last one is completed, and the first alone has a date."""

PRIORITY, TAGS, DONE = 1, 2, 3
"""Which task each filter leaves out."""

TAG_KEYS = ("tag", "tags", "label", "labels")
SEARCH_KEYS = ("search", "query", "q", "search_query", "keyword", "contains")
SORT_KEYS = ("sort", "sort_by", "order", "order_by", "sorting")
OPEN = ("open", "pending", "active", "todo", "incomplete", "not_completed")
"""Words by which a list of open tasks is asked for; these and the names of arguments above as `spelled`."""

MOST = 12
"""Lists that are asked for at once, at most."""

MOST_ORDERS = 3
"""Orders that are asked for at most."""

Filter = tuple[dict[str, JSON], tuple[int, ...]]
"""The arguments, and which tasks they leave out."""


async def _list_filtered(act: Act) -> None:
    """Four tasks are made, the last one is completed; then lists are asked for by each filter, by two, and in order."""
    person, tool = act.person, act.talk.tools["read"]
    whole = task_call(act, "read")["arguments"]
    single = list(_filters(act, tool, whole)) if isinstance(whole, dict) else []
    act.talk.require(single, f"{tool.name!r} takes no filter that we know")
    assert isinstance(whole, dict)
    searches: list[Filter] = [({name: WORD}, ()) for name in _named(tool, SEARCH_KEYS, whole)]
    pairs = (({**a, **b}, (*x, *y)) for (a, x), (b, y) in combinations((*single, *searches), 2))
    orders: list[Filter] = [
        ({name: word}, ()) for name in _named(tool, SORT_KEYS, whole) for word in _words(tool, name)[:MOST_ORDERS]
    ]
    filters = [*single, *pairs, *orders]

    def titles(nonce: str) -> list[str]:
        return [title_of(nonce, n, TITLE) for n in range(1, len(MADE) + 1)]

    def rounds(nonce: str) -> list[list[Call]]:
        return [[task_call(act, "create", title=t, **facts) for t, facts in zip(titles(nonce), MADE, strict=True)]]

    made = await act.turn(act.thread, by_tools(rounds, n=act.n), suffix="made")
    new = titles(act.stage.turns[made.label]["nonce"])
    await created(act, made, person, new)
    last = person.tasks[-1]
    done = [[task_call(act, "complete", **known_by(last))]] if "complete" in act.talk.tools and last.id else []
    # All at once: a turn of many rounds may be more than a server allows.
    lists: list[Call] = [
        {"role": "read", "name": tool.name, "arguments": {**whole, **given}} for given, _ in filters[:MOST]
    ]
    asked = [*done, listing(act), lists]
    then = await act.turn(act.thread, by_tools(lambda _: asked, n=act.n + 1), suffix="lists")
    if done:
        taken = await calls_taken(act, act.stage.turns[then.label]["nonce"], 1)
        last.completed, last.sure = True, last.sure and all(taken)
    rows: list[JSON] = [{"by": given, "lacks": [new[n] for n in out]} for given, out in filters[:MOST]]
    completed = new[DONE] if last.completed and last.sure else ""
    act.expect(then.label, filtered={"whole": len(done), "rows": rows, "tasks": new, "completed": completed})


def _filters(act: Act, tool: Tool, whole: Mapping[str, JSON]) -> Iterator[Filter]:
    """Each argument of a list tool that asks for what the first task has, and which task it leaves out."""
    known: set[str] = set()
    for fact, out in (("priority", PRIORITY), ("tags", TAGS)):
        given = task_call(act, "read", **{fact: HIGH[fact]})["arguments"]
        if isinstance(given, dict) and (more := {k: v for k, v in given.items() if k not in whole}):
            known |= more.keys()
            yield more, (out,)
    for name in _named(tool, TAG_KEYS, whole):
        if name not in known and not _words(tool, name):
            yield {name: TAG}, (TAGS,)
    for name in _named(tool, STATE_KEYS, whole) if "complete" in act.talk.tools else ():
        if word := next((word for word in _words(tool, name) if spelled(word) in OPEN), ""):
            yield {name: word}, (DONE,)


def _named(tool: Tool, names: Sequence[str], whole: Mapping[str, JSON]) -> list[str]:
    """The arguments of a tool that have one of these names and take a text, and are not given anyway."""
    known = (name for name in _properties(tool) if spelled(name) in names and name not in whole)
    return [name for name in known if any(one.get("type", "string") == "string" for one in _options(tool, name))]


def _words(tool: Tool, name: str) -> list[str]:
    """The words of which an argument takes one."""
    return [word for option in _options(tool, name) for word in option.get("enum", ()) if isinstance(word, str)]


def _properties(tool: Tool) -> Mapping[str, Any]:
    found: Mapping[str, Any] = resolved(tool.schema, tool.schema).get("properties", {})
    return found


def _options(tool: Tool, name: str) -> Sequence[Mapping[str, Any]]:
    """The schemas of which an argument fits one."""
    return list(options_of(resolved(_properties(tool)[name], tool.schema), tool.schema))


FILTERED_SCENE = MoveKind(
    name="list-filtered",
    does="user {user} has tasks listed by filters in thread {thread}",
    play=_list_filtered,
    args={"user": USERS, "thread": THREADS},
    needs=("role:create", "role:read"),
    wants=("thread",),
    makes=("turn", "tools"),
)
"""The kind."""
