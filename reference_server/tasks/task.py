"""A task, and the list of one user's tasks in the database."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter
from sqlalchemy import Connection, text

from reference_server.database import Database
from reference_server.stored_text import dump, key, load

Priority = Literal["low", "medium", "high"]


class Task(BaseModel):
    """One thing to do. `due_date` is an ISO 8601 date or None."""

    model_config = ConfigDict(frozen=True)

    id: str
    title: str
    description: str = ""
    due_date: str | None = None
    priority: Priority = "medium"
    tags: tuple[str, ...] = ()
    completed: bool = False


class TaskNotFound(Exception):
    """The user has no task of this id."""


_TASK = TypeAdapter(Task)
_INSERT = text("INSERT INTO tasks (owner, id, body) VALUES (:owner, :id, :body)")
_UPDATE = text("UPDATE tasks SET body = :body WHERE owner = :owner AND id = :id")
_ONE = "SELECT body FROM tasks WHERE owner = :owner AND id = :id"
_ALL = "SELECT body FROM tasks WHERE owner = :owner ORDER BY position"
_DELETE = text("DELETE FROM tasks WHERE owner = :owner AND id = :id")
_DELETE_ALL = text("DELETE FROM tasks WHERE owner = :owner")


class TaskList:
    """The tasks of one user. No method sees or touches anybody else's."""

    def __init__(self, database: Database, user_id: str) -> None:
        self._database = database
        self._owner = key(user_id)

    async def add(self, **facts: Any) -> Task:
        """Make a task; the id is made here."""
        task = Task(id=f"task_{uuid.uuid4().hex[:12]}", **facts)
        await self._database.execute(_INSERT, self._row(task))
        return task

    async def all(self) -> list[Task]:
        """All tasks in the order they were made."""
        rows = await self._database.rows(text(_ALL), {"owner": self._owner})
        return [load(_TASK, row.body) for row in rows]

    async def of_ids(self, ids: Iterable[str]) -> list[Task]:
        """The tasks among `ids` that still exist, in the order they were made."""
        wanted = frozenset(ids)
        return [task for task in await self.all() if task.id in wanted]

    async def change(self, task_id: str, **facts: Any) -> Task:
        """Change some facts of a task. Raises TaskNotFound."""
        changed = await self._rewrite(_ONE, {"id": key(task_id)}, lambda task: task.model_copy(update=facts))
        if not changed:
            raise TaskNotFound(task_id)
        return changed[0]

    async def complete_all(self) -> list[Task]:
        """Complete every open task, and give those that were open."""
        return await self._rewrite(
            _ALL, {}, lambda task: None if task.completed else task.model_copy(update={"completed": True})
        )

    async def remove(self, task_id: str) -> Task:
        """Delete a task. Raises TaskNotFound."""
        keys = {"owner": self._owner, "id": key(task_id)}

        def work(connection: Connection) -> Task | None:
            row = connection.execute(text(_ONE), keys).first()
            connection.execute(_DELETE, keys)
            return None if row is None else load(_TASK, row.body)

        if (task := await self._database.write(work)) is None:
            raise TaskNotFound(task_id)
        return task

    async def remove_all(self) -> int:
        """Delete every task, and say how many there were."""
        return await self._database.execute(_DELETE_ALL, {"owner": self._owner})

    async def _rewrite(self, select: str, keys: dict[str, str], change: Callable[[Task], Task | None]) -> list[Task]:
        def work(connection: Connection) -> list[Task]:
            rows = connection.execute(text(select + self._database.row_lock), {"owner": self._owner, **keys})
            changed = [after for row in rows.all() if (after := change(load(_TASK, row.body)))]
            for task in changed:
                connection.execute(_UPDATE, self._row(task))
            return changed

        return await self._database.write(work)

    def _row(self, task: Task) -> dict[str, str]:
        return {"owner": self._owner, "id": key(task.id), "body": dump(task)}
