"""Ways in which what one user chose for one message is taken for another, or not for all of its own turn."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from chatkit.types import InferenceOptions, UserMessageItem

from reference_server.chat import TaskChat

from .inside import Method, around
from .instruction_lies import Change, Rows, after_tool
from .model_lies import messages
from .mutant import Event, Patch


def _keeping(of: Callable[[Any, Any], str]) -> Callable[[Method], Method]:
    chosen: dict[str, str] = {}

    def wrap(real: Method) -> Method:
        async def instead(
            self: TaskChat, thread: Any, message: UserMessageItem | None, context: Any
        ) -> AsyncIterator[Any]:
            key = of(thread, context)
            if message is not None and message.inference_options.model:
                chosen[key] = message.inference_options.model
            elif message is not None and key in chosen:
                options: InferenceOptions = message.inference_options.model_copy(update={"model": chosen[key]})
                message = message.model_copy(update={"inference_options": options})
            async for event in real(self, thread, message, context):
                yield event

        return instead

    return wrap


def _kept(of: Callable[[Any, Any], str]) -> Patch:
    return around(TaskChat, "respond", _keeping(of))


def first_model_when(when: Callable[[Rows], bool]) -> Change:
    """Where it holds, the model is asked that was asked first of all."""
    first: list[str] = []

    def change(body: Event) -> Event:
        first.append(str(body.get("model")))
        return {**body, "model": first[0]} if when(messages(body)) else body

    return change


keep_in_thread = _kept(lambda thread, context: str(thread.id))
keep_for_all = _kept(lambda thread, context: "")
first_model_after_tool = first_model_when(after_tool)
