"""One live conversation: its steps in order, each asked for until it came or the tries are used up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..cassette.record import closed
from ..cassette.recording_proxy import RecordingProxy
from ..cassette.tape import TapedCall
from ..running.environment import TestEnvironment
from ..stream.timing import times_of
from ..talk import Talk
from ..transcript import Reply, Transcript
from .figures import as_calls
from .outcome import missing
from .report import StepResult
from .steps import TRIES, Conversation, LiveStep

ANSWER_S = 120.0
"""Seconds for one turn: thinking models are slow, and several rounds of tools add up."""


class LiveConversation:
    """One conversation as it is held."""

    def __init__(
        self,
        conversation: Conversation,
        environment: TestEnvironment,
        proxy: RecordingProxy,
        say: Callable[[str], None],
    ) -> None:
        self.conversation = conversation
        self.steps: list[StepResult] = []
        self._proxy, self._say = proxy, say
        self._first = len(proxy.calls)
        self._talk = Talk(
            exchange=f"live-{conversation.name}",
            dialect="live",
            target=environment.target,
            client=environment.client,
            server=environment,
        )
        self._thread = ""

    @property
    def calls(self) -> list[TapedCall]:
        """The calls to Gemini in it."""
        return self._proxy.calls[self._first :]

    @property
    def replies(self) -> tuple[Reply, ...]:
        """The browser's side."""
        return self._talk.replies

    async def hold(self) -> None:
        """Every step, until the budget is used up."""
        for wanted in self.conversation.steps:
            step = await self._step(wanted)
            self.steps.append(step)
            self._say(f"{'ok' if step.done else 'NOT DONE':<9}{self.conversation.name} {step.name} ({step.tries})")
            if self._proxy.budget.spent:
                return
        if self._thread:
            await self._talk.reload(self._thread, label="reload")

    async def _step(self, wanted: LiveStep) -> StepResult:
        why = ""
        for tries in range(1, TRIES + 1):
            before = len(self._proxy.calls)
            words = wanted.say[min(tries, len(wanted.say)) - 1]
            reply = await self._send(words, f"{wanted.name}-{tries}")
            made = self._proxy.calls[before:]
            await closed(made)
            why = missing(wanted, reply, made)
            if not why or self._proxy.budget.spent:
                break
        times = times_of(reply, as_calls(made))
        return StepResult(
            conversation=self.conversation.name,
            name=wanted.name,
            tries=tries,
            done=not why,
            why=why,
            first_token_s=times.first_text_s,
            model_s=times.model_share_s,
            tool_visible_s=times.tool_visible_s if wanted.role else None,
        )

    async def _send(self, words: str, label: str) -> Reply:
        content = {"content": [{"type": "input_text", "text": words}], "attachments": [], "inference_options": {}}
        type = "threads.create"
        params: dict[str, Any] = {"input": content}
        if self._thread:
            type, params = "threads.add_user_message", {"thread_id": self._thread, "input": content}
        async with self._talk.open(type, params, label=label, deadline_s=ANSWER_S) as opened:
            reply = await opened.finish()
        self._thread = self._thread or reply.thread_id
        return reply

    def transcript(self) -> Transcript:
        """The conversation, for checks."""
        return self._talk.transcript(as_calls(self.calls))
