"""Tools that reach too far or too short, over a real list of tasks; pages and titles that are kept wrongly."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from chatkit.types import Page

from mutants import effect_lies as lie
from mutants import kept_lies, odd_tools
from reference_server.database import Database
from reference_server.tasks.arguments import CreateTask, OneTask, UpdateTask
from reference_server.tasks.task import Task, TaskList
from reference_server.tasks.verbs import VERBS, Outcome

RUN = {verb.name: verb.run for verb in VERBS}


@pytest.fixture
async def database() -> AsyncIterator[Database]:
    """A database of its own."""
    made = await Database.open("sqlite+aiosqlite:///:memory:")
    yield made
    await made.close()


@pytest.fixture
async def tasks(database: Database) -> TaskList:
    """A list of two tasks, all fields of the first set."""
    made = TaskList(database, "user-a")
    await made.add(title="Prune", description="All roses.", due_date="2031-05-04", priority="high", tags=("garden",))
    await made.add(title="Sharpen")
    return made


async def update(how: Any, tasks: TaskList) -> list[Task]:
    """The list after the first task was given a new title by a changed tool."""
    first = (await tasks.all())[0]
    await how(RUN["update_task"])(tasks, UpdateTask(task_id=first.id, title="Prune all"))
    return await tasks.all()


async def test_an_update_resets_what_it_does_not_name(tasks: TaskList) -> None:
    """The title is new and every other field is as in a new task; the other task stays."""
    first, second = await update(lie.and_then(lie.reset_others), tasks)
    assert first.model_dump(exclude={"id"}) == Task(id="", title="Prune all").model_dump(exclude={"id"})
    assert second.title == "Sharpen"


async def test_an_update_under_a_new_id_keeps_all_else(tasks: TaskList) -> None:
    """The old id is gone, and the task is there with all its fields."""
    before = (await tasks.all())[0]
    after = next(task for task in await update(lie.other_id, tasks) if task.title == "Prune all")
    assert after.id != before.id
    assert after.model_dump(exclude={"id", "title"}) == before.model_dump(exclude={"id", "title"})


async def test_an_update_of_all_gives_everybody_the_title(tasks: TaskList) -> None:
    """Both tasks have the new title, and keep their other fields."""
    assert [task.title for task in await update(lie.and_then(lie.all_alike), tasks)] == ["Prune all", "Prune all"]


@pytest.mark.parametrize(
    ("tool", "how", "left"),
    [
        ("delete_task", lie.and_then(lie.delete_neighbour), []),
        ("complete_task", lie.and_then(lie.delete_it), ["Sharpen"]),
    ],
)
async def test_one_task_too_many_is_gone(tool: str, how: Any, left: list[str], tasks: TaskList) -> None:
    """A deletion takes the neighbour, and a completed task is deleted."""
    first = (await tasks.all())[0]
    await how(RUN[tool])(tasks, OneTask(task_id=first.id))
    assert [task.title for task in await tasks.all()] == left


async def test_a_new_task_lacks_one_field(tasks: TaskList) -> None:
    """What was asked for is not there, and the rest is."""
    await lie.without("tags")(RUN["create_task"])(tasks, CreateTask(title="Mow", priority="low", tags=["lawn"]))
    made = (await tasks.all())[-1]
    assert (made.title, made.priority, made.tags) == ("Mow", "low", ())


async def test_a_claim_is_made_of_a_task_that_is_not_there(tasks: TaskList) -> None:
    """The result says that it is done, and nothing is."""
    before = await tasks.all()
    said: Outcome = await lie.claimed("deleted")(RUN["delete_task"])(tasks, OneTask(task_id="task_999"))
    assert said.data["deleted"] is True
    assert await tasks.all() == before


async def test_one_task_stays_when_all_are_deleted(tasks: TaskList) -> None:
    """The last one survives."""

    async def real(tasks: TaskList, asked: Any) -> Outcome:
        return Outcome(data={"deleted": await tasks.remove_all()}, line="-")

    await lie.all_but_one(real)(tasks, None)
    assert [task.title for task in await tasks.all()] == ["Sharpen"]


async def test_tasks_of_others_are_seen_and_changed(database: Database, tasks: TaskList) -> None:
    """Another user lists them, and changes one by its id, which stays its owner's."""
    stranger = TaskList(database, "user-b")
    seen = await lie.everybodys(TaskList.all)(stranger)
    assert [task.title for task in seen] == ["Prune", "Sharpen"]
    await lie.as_its_owner(TaskList.change)(stranger, seen[0].id, title="Taken")
    assert [task.title for task in await tasks.all()] == ["Taken", "Sharpen"]
    assert await stranger.all() == []


@pytest.mark.parametrize(
    ("how", "yes"),
    [
        (lie.word_is_yes, ["false", "no", "0"]),
        (lie.null_is_yes, [None]),
        (lie.given_is_yes, ["false", "no", "0", None, 0, False]),
    ],
)
def test_what_is_no_consent_is_taken_for_one(how: Any, yes: list[Any]) -> None:
    """Each lie takes its own values for a yes, and leaves a missing one alone."""
    assert all(how({"confirm": value})["confirm"] is True for value in yes)
    assert "confirm" not in how({})
    assert how({"confirm": True}) == {"confirm": True}


@pytest.mark.parametrize(
    ("how", "seen"),
    [
        (kept_lies.cursor_on_next, [1, 2, 4, 5]),
        (kept_lies.cursor_on_last_but_one, [1, 2, 2, 3, 3, 4, 4, 5]),
        (kept_lies.last_page_lost, [1, 2, 3, 4]),
    ],
)
async def test_a_row_between_pages_is_lost_or_comes_again(how: kept_lies.Paging, seen: list[int]) -> None:
    """Five rows read in pages of two: one is skipped, each last one comes again, or the fifth is never told of."""

    class Row:
        def __init__(self, id: str) -> None:
            self.id = id

    async def real(store: Any, limit: int, after: str | None, order: str) -> Page[Any]:
        first = int(after or 0) + 1
        data = [Row(str(n)) for n in range(first, min(first + limit, 6))]
        more = first + limit < 6
        return Page.model_construct(data=data, has_more=more, after=data[-1].id if more else None)

    read: list[int] = []
    after: str | None = None
    for _ in range(9):
        page = await kept_lies.paged(how)(real)(None, 2, after, "asc")
        read += [int(row.id) for row in page.data]
        after = page.after
        if not page.has_more:
            break
    assert read == seen


@pytest.mark.parametrize("face", [odd_tools.TODOS, odd_tools.AUFGABEN, odd_tools.NESTED, odd_tools.INTEGERS])
def test_a_face_takes_what_it_declares(face: odd_tools.Face) -> None:
    """Arguments in the declared names and places reach the tool in its own, and results keep every task."""
    words = {**{k: k for k in ("task_id", "title")}, **face.words}
    given: dict[str, Any] = {words["task_id"]: 17 if face is odd_tools.INTEGERS else "task_11"}
    given |= {"input": {words["title"]: "Mow"}} if face is odd_tools.NESTED else {words["title"]: "Mow"}
    back = {other: word for word, other in face.words.items()}
    taken = {back.get(k, k): v for k, v in face.arguments("update_task", given).items()}
    assert taken["title"] == "Mow"
    assert taken["task_id"] in ("task_11", "task_000000000011")


@pytest.mark.parametrize("face", [odd_tools.PROSE, odd_tools.TABLE, odd_tools.REPR, odd_tools.PAGES])
def test_a_list_has_its_tasks_in_whatever_form(face: odd_tools.Face) -> None:
    """Title and id of each task stand in the result."""
    rows = [Task(id=f"task_{n}", title=f"Title {n}").model_dump(mode="json") for n in (1, 2)]
    said = face.result("list_tasks", {}, {"count": 2, "tasks": rows})
    assert all(f"Title {n}" in said and f"task_{n}" in said for n in (1, 2))
