"""Hold the live conversations: server, tap and budget, step by step; then judge what the server made of them."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..baseline import Baseline
from ..cassette import manifest
from ..cassette.budget import Budget
from ..cassette.manifest import ManifestRow
from ..cassette.record import keep, summed, user_actions
from ..cassette.recording_proxy import RecordingProxy
from ..cassette.tape import PLACE
from ..judged_run.run import JudgedRun
from ..judged_run.source import RecordedConversations
from ..judging.catalogue import selected
from ..results.folder import Folder
from ..results.writing import write_whole, writing_to
from ..running.environment import MODEL, TestEnvironment
from ..running.host import RunState
from ..running.settings import Settings
from ..target.secret import Secrets
from ..target.target import Target
from .conversation import LiveConversation
from .report import LiveReport
from .steps import CONVERSATIONS, LIVE_CHECKS


@dataclass(frozen=True, slots=True, kw_only=True)
class LivePlan:
    """What to hold with whom.

    Args:
        key: Gemini's; it stays in the recording proxy. base_url: Gemini's endpoint. command: starts the server.
        requests, tokens: the budget. record_to: folder of cassettes, or None to record nothing.
        only: ids of the checks to judge, of LIVE_CHECKS; empty for all. baseline, strict: as a run takes them.
        out: folder for the files, or None for none.
    """

    key: str = field(repr=False)
    base_url: str = PLACE
    model: str = MODEL
    command: Sequence[str] = (sys.executable, "-m", "reference_server")
    requests: int = 80
    tokens: int = 200_000
    record_to: Path | None = None
    only: frozenset[str] = frozenset()
    baseline: Baseline = field(default_factory=Baseline)
    strict: bool = False
    out: Path | None = None

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
    held: list[LiveConversation] = []
    async with RecordingProxy(upstream=plan.base_url, key=plan.key, budget=budget, ends_at_refusal=True) as proxy:
        env = {"GEMINI_BASE_URL": proxy.base_url, "GEMINI_MODEL": plan.model}
        environment = TestEnvironment(Target(command=tuple(plan.command), env=env, upstream="live"))
        await environment.start()
        started_s = time.monotonic() - began
        try:
            for conversation in CONVERSATIONS:
                one = LiveConversation(conversation, environment, proxy, say)
                held.append(one)
                await one.hold()
                if budget.spent:
                    break
        finally:
            state = _state(environment, started_s)
            await environment.stop()
    run = _judged(plan, held, state, environment.secrets.with_more({"GEMINI_API_KEY": plan.key}), budget.refusal())
    return LiveReport(
        endpoint=plan.base_url,
        model=plan.model,
        steps=tuple(step for one in held for step in one.steps),
        checks={row.id: (row.outcome, row.got) for row in run.rows},
        exit_code=run.code,
        headline=run.verdict().headline,
        spent=budget.spent_line(plan.model),
        cut=budget.refusal(),
        refused=bool(budget.ended),
        seconds=time.monotonic() - began,
        cassettes=tuple(name for one in held if (name := _recorded(plan, one))),
        report=run.report,
    )


def _state(environment: TestEnvironment, started_s: float) -> RunState:
    """What is known of the target while it still runs."""
    lines = environment.process.lines if environment.process else ()
    log = environment.secrets.scrub("\n".join(lines) + "\n") if lines else ""
    return RunState(target=environment.target, log=log, started_s=started_s)


def _judged(
    plan: LivePlan, held: Sequence[LiveConversation], state: RunState, secrets: Secrets, refusal: str
) -> JudgedRun:
    """The run of these conversations, with its files where they are wanted."""
    checks = [check for check in selected(LIVE_CHECKS) if not plan.only or check.id in plan.only]
    settings = Settings(target=state.target, baseline=plan.baseline, strict=plan.strict, out=plan.out or Path())
    run = JudgedRun(settings, Folder(plan.out) if plan.out else None)
    spoken = [transcript for one in held if (transcript := one.transcript()).replies]
    run.take(RecordedConversations(spoken, state, secrets), checks)
    for check in checks:
        run.keep(run.judge(check))
    undone = [f"{step.conversation} {step.name}: {step.why}" for one in held for step in one.steps if not step.done]
    if why := refusal or "; ".join(undone):
        run.stop_for(why)
    run.close()
    return run


def _recorded(plan: LivePlan, held: LiveConversation) -> str:
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
        prompt=user_actions(held.replies, calls),
        shows=held.conversation.shows,
        calls=len(calls),
        tokens=summed(calls),
    )
    keep(plan.record_to, row, calls)
    return name


def write(spent_line: LiveReport, folder: Path) -> Path:
    """Write live.json; returns its path. Raises CannotWrite."""
    path = folder / "live.json"
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(spent_line.to_json(), indent=2, ensure_ascii=False) + "\n")
    return path


def run(plan: LivePlan, *, say: Callable[[str], None]) -> LiveReport:
    """`hold_live`, for callers without a loop."""
    return asyncio.run(hold_live(plan, say=say))
