"""The model's half of a talk: scripts under fresh nonces, gates, the journal, and calls of the server's own tools."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .check import Untestable
from .direction import ModelDirector, ReplyUnderWay
from .script import Step, breaks
from .target.paged import read_with
from .target.task_id import task_id_from
from .target.tool_result import tool_results
from .target.tools import Tool, call_of, missing_roles
from .transcript import Call, Event, Transcript

SHOWN_S = 5.0
"""Seconds in which an answer must begin to show, on a machine that is busy with other things."""

ASKED_S = 2.0
"""Seconds in which an answer shows what is waited for once its model was asked, if it is shown as it comes."""

_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


class ModelSide:
    """Directs the model behind the server.

    Args:
        name: begins the names of its gates. dialect: the stand-in's profile that it speaks in.
        standin: directs the model, or None where the model cannot be scripted; `undirected` then says why.
        tools: the server's tools by role. seed: makes the nonces.
    """

    def __init__(
        self,
        *,
        name: str,
        dialect: str,
        standin: ModelDirector | None,
        undirected: str,
        tools: Mapping[str, Tool],
        seed: int,
    ) -> None:
        self.dialect = dialect
        self.tools = tools
        self.seed = seed
        self.last_nonce = ""
        self.nonces: list[str] = []
        self.reading: Mapping[str, Mapping[str, Any]] = {}
        """By user, arguments with which the list tool shows that user's newest tasks (running/newest_page.py)."""
        self.breaks = False
        """Whether the model was told to break: a refusal may then be what the server makes of the model's."""
        self._name = name
        self._standin = standin
        self._undirected = undirected
        self._random = random.Random(f"{seed} {name} {dialect}")
        self._gates = 0

    @property
    def held_back_s(self) -> float:
        """Seconds for which its requests waited since the server's limit had turned somebody away."""
        return 0.0

    async def script(self, *steps: Step, profile: str | None = None) -> str:
        """Register what the model answers in one turn; returns the nonce that its user message must hold.

        Args:
            profile: the stand-in's dialect, or None for this talk's.

        Raises:
            Untestable: the model cannot be scripted.
        """
        self.new_nonce()
        self.breaks = self.breaks or breaks(steps)
        await self._director().put_script(self.last_nonce, steps, profile or self.dialect or None)
        return self.last_nonce

    async def script_again(self, nonce: str, *steps: Step, side: Step | None = None) -> None:
        """Register other answers for a message that was sent: what the model says when it is asked again.

        Args:
            side: what answers a request outside the conversation, such as for a title.
        """
        self.breaks = self.breaks or breaks([*steps, *([side] if side else ())])
        await self._director().put_script(nonce, steps, self.dialect or None, side)

    def words(self, nonce: str) -> str:
        """What the message of this nonce has to say so that the model does what its turn wants, or ""."""
        return self._standin.words(nonce) if self._standin is not None else ""

    def missing(self, t: Transcript) -> str:
        """What the newest reply lacks of what its turn wanted of the model, or ""."""
        return self._standin.missing(self.last_nonce, t) if self._standin is not None else ""

    def may_ask_again(self) -> bool:
        """Whether the model may be asked once more; counts it."""
        return self._standin is not None and self._standin.may_ask_again()

    def gate(self) -> str:
        """A fresh gate's name, for `hold_after` and `wait_gate` of a step."""
        self._gates += 1
        return f"{self._name}-{self.dialect}-{self._random.randrange(36**6)}-{self._gates}"

    async def open_gate(self, name: str) -> None:
        """Let the model go on that waits at this gate, now or later."""
        await self._director().open_gate(name)

    async def calls(
        self, nonce: str | None = None, at_least: int = 1, timeout_s: float = 5.0, *, finished: bool = False
    ) -> tuple[Call, ...]:
        """The requests that the server made of the model, so far.

        Args:
            nonce: only those of this nonce, or None for all of this talk.
            at_least: wait until there are so many, `timeout_s` seconds at most from when the server let the request in.
            finished: wait until they are answered completely, or the server went away.
        """
        wanted = [nonce] if nonce else self.nonces
        if self._standin is None or not wanted:
            return ()
        while True:
            before = self.held_back_s
            made = await self._standin.journal(wanted, at_least=at_least, finished=finished, timeout_s=timeout_s)
            if len(made) >= at_least or self.held_back_s <= before or not timeout_s:
                return made

    async def shown(
        self, opened: ReplyUnderWay, wanted: Callable[[Event], bool], nonce: str | None = None
    ) -> Event | None:
        """Wait for an event of an answer whose model is held: `ASKED_S` once the model was asked, `SHOWN_S` at most.

        A server that sends its answer in one piece shows nothing before the model goes on, and may well have a
        deadline for its model: it is not held up for long.

        Args:
            nonce: of the answer, or None for the newest.

        Returns:
            None when the reply ends without such an event, or none came in time.
        """
        import asyncio  # whoever only lists the exchanges needs none

        event = asyncio.ensure_future(opened.wait_for(wanted, SHOWN_S))
        if self._standin is None:
            return await event
        asked = asyncio.ensure_future(self.calls(nonce or self.last_nonce, at_least=1, timeout_s=SHOWN_S))
        try:
            await asyncio.wait((event, asked), return_when=asyncio.FIRST_COMPLETED)
            done, _ = await asyncio.wait((event,), timeout=ASKED_S)
            return event.result() if done else None
        finally:
            event.cancel()
            asked.cancel()

    def tool_call(self, role: str, **facts: Any) -> dict[str, Any]:
        """A call of the tool of that role, for `script.calls`, in the server's own argument names.

        Args:
            facts: id, title, new_title, description, due_date, priority, tags, confirm, ...

        Raises:
            Untestable: the server has no such tool, or the tool no such argument.
        """
        if self._standin is not None and (wish := self._standin.wish(role, facts)) is not None:
            return wish
        if role not in self.tools:
            raise Untestable(missing_roles([role], self.tools))
        return call_of(self.tools[role], facts)

    def on_newest_page(self, steps: Sequence[Step], user: str) -> Sequence[Step]:
        """The steps, with every list read from the page on which the user's newest tasks are."""
        more, read = self.reading.get(user), self.tools.get("read")
        return [read_with(step, read.name, more) for step in steps] if more and read is not None else steps

    async def result_of(self, made: str | Call, position: int = 1) -> list[dict[str, str]]:
        """The tool results that went back to the model: name, call_id, content of each.

        Args:
            made: a call of the journal, or a nonce: then its request after `position` rounds of calls.
        """
        if isinstance(made, Call):
            return tool_results(made)
        for call in await self.calls(made, at_least=position + 1, timeout_s=1.0):
            if call.position == position and not call.side:
                return tool_results(call)
        return []

    def task_id_from(self, result_text: str, title: str) -> str | None:
        """The id of the task with that title in a tool's result, or None."""
        return task_id_from(result_text, title)

    def new_nonce(self) -> str:
        """A fresh nonce, for a message whose script is registered by `script_again`."""
        self.last_nonce = "zq" + "".join(self._random.choices(_LETTERS, k=10))
        self.nonces.append(self.last_nonce)
        return self.last_nonce

    def _director(self) -> ModelDirector:
        if self._standin is None:
            raise Untestable(self._undirected or "the model cannot be scripted in this run.")
        return self._standin
