"""Record cassettes: the reference server talks, the recording proxy listens, each conversation becomes one cassette.

From the stand-in, the exchanges of the tool, stream, persistence and error suites are held, since their model is
directed; from Gemini, the conversations of a live run (live/). A conversation that fails leaves its old cassette.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..check import Untestable
from ..exchange import Exchange
from ..judging.catalogue import checks, exchanges
from ..running.discovery import Discovered, discover
from ..running.environment import MODEL, TestEnvironment
from ..running.process import Died
from ..talk import Talk
from ..target.credentials import mint
from ..target.target import Target, User
from ..target.tools import missing_roles
from ..transcript import Reply
from . import manifest
from .manifest import Do, ManifestRow, UserAction
from .recording_proxy import RecordingProxy
from .tape import TapedCall, write

AREAS = ("tools", "stream", "persistence", "errors")
"""The suites whose exchanges are recorded."""

SEED = 1
"""Of the nonces: the same in every recording, so that a new one changes as few lines as it can."""

CLOSE_S = 10.0
"""Seconds that the recording proxy has to see a call's end once its conversation is over."""

NAMES: Mapping[str, str] = {
    "three_turns": "three-turns-that-remember",
    "two_threads": "two-threads-that-stay-apart",
    "other_scripts": "text-in-many-scripts-and-long",
    "held_answer": "answer-held-midway",
    "item_pages": "three-short-answers",
    "tool_create": "create-a-task-and-list",
    "tool_update": "update-a-task-it-created",
    "tool_complete": "complete-a-task-it-created",
    "tool_delete": "delete-a-task-it-created",
    "bulk_tools": "bulk-tools-without-and-with-confirm",
    "two_calls": "two-calls-in-one-answer",
    "text_around_calls": "text-around-tool-calls",
    "rename_and_delete": "answers-around-a-rename",
    "retry": "same-message-answered-anew",
    "bad_arguments": "arguments-that-are-no-json",
    "unknown_tool": "call-of-an-undeclared-tool",
    "client_leaves": "answer-left-by-the-browser",
    "bad_requests": "answer-after-bad-requests",
    "restart": "conversation-across-a-restart",
}
"""What a cassette is called for its exchange; the rest by the exchange's own name."""

_NONCE = re.compile(r"\bzq[0-9a-z]{10}\b")

DO: dict[str, Do] = {"threads.create": "create", "threads.add_user_message": "say", "threads.retry_after_item": "retry"}


@dataclass(slots=True, kw_only=True)
class RecordOutcome:
    """What became of a recording: the rows written, what cannot be recorded and why, and what failed and why."""

    rows: list[ManifestRow] = field(default_factory=list)
    unheld: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def cassette_name(exchange: str, dialect: str) -> str:
    """The cassette of an exchange in a dialect."""
    plain = exchange.replace("fault_", "model-breaks-").replace("_", "-")
    return f"{NAMES.get(exchange, plain)}--{dialect}"


def recorded_exchanges() -> list[tuple[Exchange, str]]:
    """Every exchange that has to have a cassette, in each of its dialects."""
    known = exchanges()
    names = dict.fromkeys(name for check in checks() if check.area in AREAS for name in check.on if name in exchanges())
    return [(known[name], dialect) for name in names for dialect in known[name].dialects]


async def record_standin(folder: Path, wanted: Iterable[str], *, say: Callable[[str], None]) -> RecordOutcome:
    """Record the named cassettes, or all, from the stand-in.

    Args:
        wanted: names of cassettes; none of them records all. say: takes a line for each.

    Raises:
        Died: stand-in or server did not start.
    """
    names = set(wanted)
    todo = [pair for pair in recorded_exchanges() if not names or cassette_name(pair[0].name, pair[1]) in names]
    outcome = RecordOutcome()
    async with RecordingProxy() as proxy:
        environment = TestEnvironment(reference(proxy))
        await environment.start()
        try:
            if environment.standin is None:
                raise RuntimeError("the stand-in was not started")
            proxy.upstream = environment.standin.base_url
            found = await discover(_talk(environment, "discovery", "gemini-3", Discovered(directed=True)), environment)
            if not found.directed:
                raise Died(f"nothing can be recorded: {found.reason}")
            for exchange, dialect in todo:
                await _record(folder, environment, proxy, found, exchange, dialect, outcome)
                name = cassette_name(exchange.name, dialect)
                word = "FAILED" if name in outcome.failed else "-" if name in outcome.unheld else "ok"
                say(f"{word:<7}{name}  {outcome.failed.get(name) or outcome.unheld.get(name, '')}".rstrip())
        finally:
            await environment.stop()
    manifest.write(folder, manifest.read(folder).values(), {**manifest.unheld(folder), **outcome.unheld})
    return outcome


def reference(proxy: RecordingProxy) -> Target:
    """The reference server as a target whose model is behind the recording proxy."""
    env = {"GEMINI_BASE_URL": proxy.base_url}
    return Target(command=(sys.executable, "-m", "reference_server"), env=env)


async def _record(
    folder: Path,
    environment: TestEnvironment,
    proxy: RecordingProxy,
    found: Discovered,
    exchange: Exchange,
    dialect: str,
    outcome: RecordOutcome,
) -> None:
    name = cassette_name(exchange.name, dialect)
    if missing := exchange.missing(found.tools):
        outcome.unheld[name] = missing_roles(missing, found.tools).split(";")[0][:120]
        return
    talk = _talk(environment, exchange.name, dialect, found)
    talk.target = _own_users(talk.target, name)
    before = len(proxy.calls)
    try:
        await asyncio.wait_for(exchange.hold(talk), exchange.deadline_s)
        calls = [call for call in proxy.calls[before:] if any(nonce in call.body for nonce in talk.nonces)]
        await closed(calls)
        calls = settled(calls)
    except Untestable as why:
        outcome.unheld[name] = str(why).split(";")[0][:120]
        return
    except (TimeoutError, ValueError) as why:
        outcome.failed[name] = f"{type(why).__name__}: {why}"
        return
    if not calls:
        outcome.unheld[name] = "it makes no request to the model"
        return
    if any(call.ended == "left" and not call.text for call in calls):
        # What is asked next depends on how far the server had come: chance, and no request to be found again.
        outcome.unheld[name] = "the server is made to give up requests to the model before a byte of their answers"
        return
    row = ManifestRow(
        name=name,
        exchange=exchange.name,
        origin="stand-in",
        model=MODEL,
        dialect=dialect,
        date=datetime.now(UTC).date().isoformat(),
        versions=manifest.versions(),
        prompt=user_actions(talk.replies, calls),
        shows=exchange.story,
        calls=len(calls),
        complete=all(call.ended == "whole" for call in calls),
        tokens=summed(calls),
    )
    keep(folder, row, calls)
    outcome.rows.append(row)


def _own_users(target: Target, name: str) -> Target:
    """The target with users of this cassette's own: whose tasks and threads must not depend on what came before."""
    users = {
        user: User(name=user, headers={"Authorization": f"Bearer {mint(f'{user}-{name}', target.jwt_secret)}"})
        for user in target.users
    }
    return replace(target, users=users)


def keep(folder: Path, row: ManifestRow, calls: Iterable[TapedCall]) -> None:
    """Write one cassette and its row."""
    write(folder, row.name, calls)
    manifest.write(folder, {**manifest.read(folder), row.name: row}.values())


async def closed(calls: Iterable[TapedCall]) -> None:
    """Wait until the recording proxy has seen the end of these calls. Raises TimeoutError."""
    deadline = time.monotonic() + CLOSE_S
    for call in calls:
        await asyncio.wait_for(call.over.wait(), max(0.01, deadline - time.monotonic()))


def user_actions(replies: Iterable[Reply], calls: Iterable[TapedCall]) -> tuple[UserAction, ...]:
    """What the user did, with how many calls each led to; what led to none is left out.

    Calls belong to the message whose nonce is the last in them, for messages may be sent side by side; where there is
    no nonce, or it is asked for again, by the moment.
    """
    turns = [reply for reply in replies if reply.type in DO]
    asked = {event.item_id: _text(reply) for reply in turns for event in reply.items_done("user_message")}
    texts = [_text(reply) or asked.get(str(reply.params.get("item_id")), "") for reply in turns]
    began = [(call.began or 0.0, last_nonce(call.body), call.ended == "left") for call in calls]
    threads: dict[str, int] = {}
    made: list[UserAction] = []
    for n, (reply, text) in enumerate(zip(turns, texts, strict=True)):
        thread = threads.setdefault(reply.thread_id or f"none {n}", len(threads))
        nonce = last_nonce(text)
        later = (turns[k].sent_at for k in range(n + 1, len(turns)) if not nonce or last_nonce(texts[k]) == nonce)
        until = next(later, float("inf"))
        left = [was for at, of, was in began if reply.sent_at <= at < until and of == nonce]
        if left:
            do: Do = "leave" if reply.ended == "left" or any(left) else DO[reply.type]
            made.append(UserAction(do=do, text=text, calls=len(left), thread=thread, user=reply.user))
    kept = {t: n for n, t in enumerate(dict.fromkeys(s.thread for s in made))}
    return tuple(UserAction(do=s.do, text=s.text, calls=s.calls, thread=kept[s.thread], user=s.user) for s in made)


def last_nonce(text: str) -> str:
    """The last nonce in a text, or ""."""
    found = nonces_in(text)
    return found[-1] if found else ""


def nonces_in(text: str) -> list[str]:
    """The nonces in a text."""
    return _NONCE.findall(text)


def settled(calls: list[TapedCall]) -> list[TapedCall]:
    """The calls up to the first stream that broke in its middle, and those of other threads.

    What is asked next in its thread depends on how much of the broken answer the server had read, which is chance.
    """
    made: list[TapedCall] = []
    broken: list[str] = []
    for call in calls:
        if not any(nonce in call.body for nonce in broken):
            made.append(call)
        if call.text.startswith("data:") and (call.ended != "whole" or "data: [DONE]" not in call.text):
            broken.append(last_nonce(call.body) or call.body)
    return made


def summed(calls: Iterable[TapedCall]) -> dict[str, int]:
    """The tokens of all calls together."""
    made: dict[str, int] = {}
    for call in calls:
        for key, value in call.tokens.items():
            made[key] = made.get(key, 0) + value
    return made


def _text(reply: Reply) -> str:
    value: Any = reply.params.get("input")
    parts = value.get("content") if isinstance(value, dict) else None
    rows = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    return "".join(str(part.get("text", "")) for part in rows)


def _talk(environment: TestEnvironment, exchange: str, dialect: str, found: Discovered) -> Talk:
    return Talk(
        exchange=exchange,
        dialect=dialect,
        target=environment.target,
        client=environment.client,
        server=environment,
        standin=environment.standin,
        tools=found.tools,
        seed=SEED,
    )
