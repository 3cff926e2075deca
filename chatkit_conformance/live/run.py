"""Hold the live conversations: server, tap and budget, step by step; then judge what the server made of them."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..cassette import manifest
from ..cassette.budget import Budget
from ..cassette.manifest import ManifestRow
from ..cassette.record import closed, keep, said, summed
from ..cassette.recording_proxy import RecordingProxy
from ..cassette.tape import PLACE, TapedCall
from ..judging.catalogue import selected
from ..judging.judge import judge
from ..running.environment import MODEL, TestEnvironment
from ..stream.timing import times_of
from ..talk import Talk
from ..target.target import Target
from ..transcript import Reply, Transcript
from .figures import as_calls
from .outcome import missing
from .report import LiveReport, StepResult
from .steps import CONVERSATIONS, LIVE_CHECKS, TRIES, Conversation, LiveStep

ANSWER_S = 120.0
"""Seconds for one turn: thinking models are slow, and several rounds of tools add up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePlan:
    """What to hold with whom.

    Args:
        key: Gemini's; it stays in the recording proxy. base_url: Gemini's endpoint. command: starts the server.
        requests, tokens: the budget. record_to: folder of cassettes, or None to record nothing.
    """

    key: str = field(repr=False)
    base_url: str = PLACE
    model: str = MODEL
    command: Sequence[str] = (sys.executable, "-m", "reference_server")
    requests: int = 80
    tokens: int = 200_000
    record_to: Path | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], **more: Any) -> LivePlan:
        """The plan with key, endpoint and model from the environment, and from nowhere else."""
        return cls(
            key=environ["GEMINI_API_KEY"].strip(),
            base_url=environ.get("GEMINI_BASE_URL", "").strip() or PLACE,
            model=environ.get("GEMINI_MODEL", "").strip() or MODEL,
            **more,
        )

    @property
    def origin(self) -> manifest.Origin:
        """What a recording of it is called: live only where it came from Google."""
        return "live" if (urlsplit(self.base_url).hostname or "").endswith(".googleapis.com") else "stand-in"


async def hold_live(plan: LivePlan, *, say: Callable[[str], None]) -> LiveReport:
    """Hold every conversation, judge, and record where it was asked for.

    Args:
        say: takes the budget's line before anything is sent, and one for each step.

    Raises:
        Died: the server did not start.
    """
    budget = Budget(most_requests=plan.requests, most_tokens=plan.tokens)
    say(f"endpoint: {plan.base_url}, model {plan.model}")
    say(budget.announced(plan.model))
    began = time.monotonic()
    held: list[_Held] = []
    async with RecordingProxy(upstream=plan.base_url, key=plan.key, budget=budget) as proxy:
        env = {"GEMINI_BASE_URL": proxy.base_url, "GEMINI_MODEL": plan.model}
        environment = TestEnvironment(Target(command=tuple(plan.command), env=env, upstream="live"))
        await environment.start()
        try:
            for conversation in CONVERSATIONS:
                one = _Held(conversation, environment, proxy, say)
                held.append(one)
                await one.hold()
                if budget.spent:
                    break
        finally:
            await environment.stop()
    steps = tuple(step for one in held for step in one.steps)
    return LiveReport(
        endpoint=plan.base_url,
        model=plan.model,
        steps=steps,
        checks=_judged(one.transcript() for one in held),
        spent=budget.told(plan.model),
        cut=budget.refusal(),
        seconds=time.monotonic() - began,
        cassettes=tuple(name for one in held if (name := _recorded(plan, one))),
    )


class _Held:
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


def _judged(transcripts: Iterable[Transcript]) -> dict[str, tuple[str, str]]:
    held = [t for t in transcripts if t.replies]
    made: dict[str, tuple[str, str]] = {}
    for check in selected(LIVE_CHECKS):
        result = judge(check, held)
        made[check.id] = (result.outcome, result.got)
    return made


def _recorded(plan: LivePlan, held: _Held) -> str:
    """Record a conversation that was held whole; its name, or "" where the old cassette stays."""
    whole = len(held.steps) == len(held.conversation.steps) and all(step.done for step in held.steps)
    calls = held.calls
    if plan.record_to is None or not whole or any(call.ended != "whole" for call in calls):
        return ""
    name = f"{'live' if plan.origin == 'live' else 'like-live'}-{held.conversation.name}--{plan.model}"
    row = ManifestRow(
        name=name,
        exchange=f"live-{held.conversation.name}",
        origin=plan.origin,
        model=plan.model,
        dialect=plan.origin if plan.origin == "live" else "gemini-3",
        date=datetime.now(UTC).date().isoformat(),
        versions=manifest.versions(),
        prompt=said(held.replies, calls),
        shows=held.conversation.shows,
        calls=len(calls),
        tokens=summed(calls),
    )
    keep(plan.record_to, row, calls)
    return name


def write(told: LiveReport, folder: Path) -> Path:
    """Write live.json; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "live.json"
    path.write_text(json.dumps(told.to_json(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def run(plan: LivePlan, *, say: Callable[[str], None]) -> LiveReport:
    """`hold_live`, for callers without a loop."""
    return asyncio.run(hold_live(plan, say=say))
