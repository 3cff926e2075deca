"""Lies of servers that remember for too long, or for the wrong one: caches, as teams put them in for speed."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, cast

from chatkit.types import AssistantMessageItem, UserMessageItem

import reference_server.auth as auth
from reference_server.app import Web
from reference_server.context import RequestContext
from reference_server.gemini_compat.answer import Answer
from reference_server.gemini_compat.model import GeminiModel
from reference_server.store import SqlStore
from reference_server.tasks.task import TaskList

from .inside import Method, around, both


def _pages() -> tuple[Callable[[Method], Method], Callable[[Method], Method]]:
    kept: dict[tuple[Any, ...], Any] = {}

    def read(real: Method) -> Method:
        async def instead(
            self: SqlStore, thread_id: str, after: str | None, limit: int, order: str, context: RequestContext
        ) -> Any:
            key = (context.user_id, thread_id, after, limit, order)
            if key not in kept:
                kept[key] = await real(self, thread_id, after, limit, order, context)
            return kept[key].model_copy(deep=True)

        return instead

    def renew(real: Method) -> Method:
        async def instead(self: SqlStore, thread_id: str, item: Any, context: RequestContext) -> None:
            await real(self, thread_id, item, context)
            if isinstance(item, UserMessageItem | AssistantMessageItem):
                for key in [key for key in kept if key[1] == thread_id]:
                    del kept[key]

        return instead

    return read, renew


_READ, _RENEW = _pages()


def by_question(real: Method) -> Method:
    """A question that was answered in words is answered with the same words again; the model is not asked."""
    kept: dict[str, str] = {}

    async def instead(self: Any, instructions: Any, input: Any, *rest: Any) -> Answer:
        last = input[-1] if isinstance(input, list) and input else {}
        asked = str(last.get("content")) if last.get("role") == "user" else ""
        if asked and asked in kept:
            answer = Answer((), self._listener)
            answer._say(kept[asked])
            self._listener.end()
            return answer
        answer = cast("Answer", await real(self, instructions, input, *rest))
        if asked and not answer.calls:
            kept[asked] = answer.text
        return answer

    return instead


def remember_tokens() -> None:
    """A token that was good once is good for ever."""
    setattr(auth, "subject_of", functools.lru_cache(auth.subject_of))  # noqa: B010 - the module has no seam for this


def for_everybody(real: Method) -> Method:
    """A file that its owner has fetched is given to everybody who is signed in, from a cache."""
    kept: dict[str, Any] = {}

    async def instead(self: Any, request: Any) -> Any:
        self._caller(request)
        name = request.path_params["attachment_id"]
        if name not in kept:
            kept[name] = await real(self, request)
        return kept[name]

    return instead


def _one_list() -> tuple[Callable[[Method], Method], Callable[[Method], Method]]:
    kept: list[list[Any]] = []

    def read(real: Method) -> Method:
        async def instead(self: TaskList) -> list[Any]:
            if not kept:
                kept.append(await real(self))
            return kept[0]

        return instead

    def renew(real: Method) -> Method:
        async def instead(self: TaskList, *args: Any, **more: Any) -> Any:
            done = await real(self, *args, **more)
            kept.clear()
            return done

        return instead

    return read, renew


_LISTED, _CHANGED = _one_list()

keep_pages = both(around(SqlStore, "load_thread_items", _READ), around(SqlStore, "save_item", _RENEW))
keep_answers = around(GeminiModel, "_answer", by_question)
keep_downloads = around(Web, "download", for_everybody)
keep_one_list = both(
    around(TaskList, "all", _LISTED),
    *(around(TaskList, name, _CHANGED) for name in ("add", "change", "complete_all", "remove", "remove_all")),
)
