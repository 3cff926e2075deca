"""Lists by a filter, and a list of tags that was made empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chatkit_conformance.transcript import Transcript
from tests.suites.build import Data, answer, asked, called, calling, create, nonce_of, noted, result, transcript
from tests.suites.moved import BASIL, moved

TITLES = [f"Rake the leaves zt1v{n}" for n in range(1, 5)]
TASKS = [
    {"title": TITLES[0], "priority": "high", "tags": ["garden"], "completed": False},
    {"title": TITLES[1], "priority": "low", "tags": ["garden"], "completed": False},
    {"title": TITLES[2], "priority": "high", "tags": ["balcony"], "completed": False},
    {"title": TITLES[3], "priority": "high", "tags": ["garden"], "completed": True},
]
ROWS: list[Data] = [
    {"by": {"priority": "high"}, "lacks": [TITLES[1]]},
    {"by": {"status": "open"}, "lacks": [TITLES[3]]},
    {"by": {"priority": "high", "status": "open"}, "lacks": [TITLES[1], TITLES[3]]},
    {"by": {"sort": "due_date"}, "lacks": []},
]
RIGHT = ((0, 2, 3), (0, 1, 2), (0, 2), (0, 1, 2, 3))
"""The tasks that each of these lists has."""


def filtered(shown: Sequence[Sequence[int]] = RIGHT, *, whole: Sequence[int] = (0, 1, 2, 3)) -> Transcript:
    """All tasks are listed, and then by these filters; the lists show these."""
    lists = [("c0", {}, whole), *((f"c{n}", row["by"], shown[n - 1]) for n, row in enumerate(ROWS, 1))]
    made = [(id, "list_tasks", by) for id, by, _ in lists]
    told = [result(id, {"tasks": [TASKS[n] for n in rows]}) for id, _, rows in lists]
    messages: list[Data] = [{"role": "user", "content": asked("List.", "lists")}]
    messages += [calling(*made[:1]), told[0], calling(*made[1:]), *told[1:]]
    calls = [called("lists", messages, position=2)]
    expected = {"lists": {"filtered": {"whole": 0, "rows": ROWS, "tasks": TITLES, "completed": TITLES[3]}}}
    turns = {"lists": {"nonce": nonce_of("lists"), "tools": [], "user": "a"}}
    replies = [create("lists", "List.", answer("a1", "Here they are."))]
    return noted(transcript("moves_of_lists", replies, calls), expected=expected, turns=turns)


def emptied() -> Transcript:
    """A call makes the tags of a task empty; the list after it still has them."""
    t = moved()
    label, turns = "4-bulk-tool", {**t.notes["turns"]}
    given: Data = {"role": "update", "name": "update", "arguments": {"id": BASIL["id"], "tags": []}}
    turns[label] = {**turns[label], "tools": [given, *turns[label]["tools"]]}
    return noted(t, turns=turns)


def odd_filters() -> list[Transcript]:
    """Nothing but the first page is listed; a filter that no list tells of; a turn that ended before."""
    return [filtered(((), (), (), ()), whole=()), filtered(((0,), (0,), (0,), (0, 1, 2, 3))), filtered()]


BREAKS: Mapping[str, list[Transcript]] = {
    "tools.filtered-lists": [
        filtered((*RIGHT[:2], (0, 2, 3), RIGHT[3])),
        filtered((*RIGHT[:2], (0, 1, 2), RIGHT[3])),
        filtered(((0, 1, 2, 3), *RIGHT[1:])),
        filtered((RIGHT[0], (0, 1, 2, 3), *RIGHT[2:])),
        filtered((*RIGHT[:3], (0, 1))),
        filtered(((2, 3), *RIGHT[1:])),
    ],
    "tools.emptied-tags-gone": [emptied()],
}
