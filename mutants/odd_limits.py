"""What near misses refuse: what is longer than they allow, and fields that they do not know."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from typing import Any

from chatkit.store import NotFoundError

from reference_server.chat import TaskChat
from reference_server.refusal import Refusal

from .inside import Method, around

LONGEST_TEXT = 8_000
LONGEST_TITLE = 100
LARGEST_PAGE = 100

KNOWN = {
    "input": {"content", "attachments", "quoted_text", "inference_options"},
    "content": {"type", "id", "text", "data", "group", "interactive"},
}
"""The fields of a message and of its parts (types.py L846 to L916)."""


def refusing(
    why: Callable[[dict[str, Any]], tuple[int, str] | None], *, of: tuple[str, ...] = ()
) -> Callable[[Method], Method]:
    """What is wrong with the parameters of a request, as status and words, is refused before anything is done.

    Args:
        of: the types of requests that are looked at; all of them where there are none.
    """

    def wrap(real: Method) -> Method:
        async def instead(self: TaskChat, request: Any, context: Any) -> Any:
            told = json.loads(request)
            params = told.get("params") if isinstance(told, dict) else None
            meant = not of or (isinstance(told, dict) and told.get("type") in of)
            if meant and isinstance(params, dict) and (wrong := why(params)):
                raise Refusal(wrong[0], "not_accepted", wrong[1])
            return await real(self, request, context)

        return instead

    return wrap


def _message(params: dict[str, Any]) -> dict[str, Any]:
    value = params.get("input")
    return value if isinstance(value, dict) else {}


def _parts(params: dict[str, Any]) -> list[dict[str, Any]]:
    content = _message(params).get("content")
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _too_large(params: dict[str, Any]) -> tuple[int, str] | None:
    if sum(len(str(part.get("text", ""))) for part in _parts(params)) > LONGEST_TEXT:
        return 413, f"A message has at most {LONGEST_TEXT} characters."
    if isinstance(params.get("title"), str) and len(params["title"]) > LONGEST_TITLE:
        return 422, f"A title has at most {LONGEST_TITLE} characters."
    limit = params.get("limit")
    if isinstance(limit, int) and not 1 <= limit <= LARGEST_PAGE:
        return 422, f"limit: Input should be from 1 to {LARGEST_PAGE}."
    return None


def _unknown(params: dict[str, Any]) -> tuple[int, str] | None:
    more = set(_message(params)) - KNOWN["input"]
    more |= {field for part in _parts(params) for field in set(part) - KNOWN["content"]}
    return (422, f"Extra inputs are not permitted: {', '.join(sorted(more))}") if more else None


def _rating_answers(real: Method) -> Method:
    """Feedback is taken on answers alone: what else is rated is refused."""

    async def instead(self: TaskChat, request: Any, context: Any) -> Any:
        told = json.loads(request)
        if isinstance(told, dict) and told.get("type") == "items.feedback":
            params = told.get("params") or {}
            for id in params.get("item_ids") or ():
                with contextlib.suppress(NotFoundError):
                    item = await self.store.load_item(str(params.get("thread_id")), id, context)
                    if item.type != "assistant_message":
                        raise Refusal(422, "not_rated", "Feedback can be given on answers.")
        return await real(self, request, context)

    return instead


rate_answers_alone = around(TaskChat, "process", _rating_answers)
refuse_too_large = around(TaskChat, "process", refusing(_too_large))
refuse_unknown = around(TaskChat, "process", refusing(_unknown))
