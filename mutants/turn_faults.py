"""What a server makes of a turn in which the model fails: it is run anew, or told wrongly."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from typing import Any

from agents import FunctionTool, Runner

import reference_server.answering as answering
import reference_server.gemini_compat.failure as failures
from reference_server.gemini_compat.failure import ErrorBody, GeminiFailure
from reference_server.gemini_compat.model import GeminiModel

from .inside import Method, around, both
from .mutant import Event, Memory
from .stream_lies import done
from .turn_lies import thread_of

SORRY = "Sorry, something went wrong on our side. Here is what I know so far."

# Run anew


def _again(when: Callable[[GeminiFailure], bool]) -> Callable[[Method], Method]:
    def wrap(real: Method) -> Method:
        async def instead(*args: Any, **more: Any) -> Any:
            try:
                return await real(*args, **more)
            except GeminiFailure as failure:
                if not when(failure):
                    raise
            args[0].model._listener.end()
            return await real(*args, **more)

        return instead

    return wrap


_LAST: ContextVar[list[Callable[[], Awaitable[Any]]]] = ContextVar("last")


def _remembering(real: Method) -> Method:
    def instead(self: FunctionTool, *args: Any, **more: Any) -> None:
        real(self, *args, **more)
        invoke = self.on_invoke_tool

        async def invoked(context: Any, arguments: str) -> Any:
            _LAST.get([]).append(lambda: invoke(context, arguments))
            return await invoke(context, arguments)

        self.on_invoke_tool = invoked

    return instead


def _run_remembered(real: Method) -> Method:
    async def instead(self: GeminiModel, *args: Any) -> Any:
        last = _LAST.get(None)
        if last is None:
            _LAST.set(last := [])
        try:
            return await real(self, *args)
        except GeminiFailure:
            for invoke in last[-1:]:
                await invoke()
            raise

    return instead


# Told wrongly


def inverted(event: Event) -> None:
    """What is said of a retry is turned round."""
    event["allow_retry"] = not event.get("allow_retry")


def _always_passing(real: Callable[..., GeminiFailure]) -> Callable[..., GeminiFailure]:
    def instead(body: ErrorBody, **more: Any) -> GeminiFailure:
        failure = real(body, **more)
        failure.passing = failure.passing or failure.status == 429
        return failure

    return instead


def retry_quota() -> None:
    """Every refusal for want of quota is said to pass."""
    setattr(failures, "from_body", _always_passing(failures.from_body))  # noqa: B010 - by name: it is a function


def _an_answer(event: Event, memory: Memory, text: str) -> tuple[Event, Event]:
    told: list[str] = memory.server.setdefault("told", [])
    told.append(f"msg_sorry_{thread_of(event, memory)}_{len(told)}")
    item = {
        "id": told[-1],
        "type": "assistant_message",
        "thread_id": thread_of(event, memory),
        "created_at": "2026-11-27T10:00:00",
        "content": [{"type": "output_text", "text": text, "annotations": []}],
    }
    added = {"type": "thread.item.added", "item": {**item, "content": []}}
    return added, {"type": "thread.item.done", "item": item}


def answer_behind(event: Event, memory: Memory) -> Iterable[Event]:
    """An answer follows each error."""
    thread_of(event, memory)
    return (event, *_an_answer(event, memory, SORRY)) if event.get("type") == "error" else (event,)


def as_answer() -> None:
    """A fault is covered by words that nobody said, told and stored as the model's."""
    kept = vars(answering)
    real = kept["_pump"]

    async def instead(run: Callable[[], Awaitable[Any]], message: Any, *args: Any) -> None:
        async def covered() -> None:
            try:
                await run()
            except GeminiFailure:
                message.write("The weather is fine, and there is nothing more to say about it.")

        await real(covered, message, *args)

    kept["_pump"] = instead


def error_first(event: Event, memory: Memory) -> Iterable[Event]:
    """The end of a broken answer is held back, and comes behind the error. Needs `stream_lies.release` at the end."""
    held: list[Event] = memory.stream.setdefault("held", [])
    if done(event):
        held.append(event)
        return ()
    if event.get("type") == "error":
        released, held[:] = list(held), []
        return (event, *released)
    return (*_given_back(held), event)


def _given_back(held: list[Event]) -> list[Event]:
    released, held[:] = list(held), []
    return released


rerun_turns = around(Runner, "run", _again(lambda failure: True))
rerun_empty_turns = around(Runner, "run", _again(lambda failure: failure.ask_again))
rerun_tools = both(around(FunctionTool, "__init__", _remembering), around(GeminiModel, "_answer", _run_remembered))
