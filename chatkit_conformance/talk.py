"""Talk: one conversation of an exchange with the target, from both sides.

It is the browser and it directs the model: `create` and `say` register the model's steps at the stand-in under a new
nonce, send the user's message with that nonce, and read the answer. `transcript` returns all replies in order, frozen.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

from .check import Untestable
from .direction import ModelDirector, Server
from .http.client import Client
from .http.pending_reply import PendingReply
from .script import Step
from .target.target import Target
from .target.task_reading import task_id_from
from .target.tool_result import tool_results
from .target.tools import Tool, call_of, missing_roles
from .transcript import JSON, Call, Reply, Transcript
from .wire.own_fault import refuse_faulty

PAGES = 20
"""Pages that a reload follows at most: a server whose has_more never ends is cut here."""

PAGE_ITEMS = 100
"""Items asked for in each further page of a reload."""

_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


class Talk:
    """One conversation with the target.

    Args:
        exchange, dialect: what the transcript is called.
        target: the server. client: speaks HTTP with it. server: restarts it.
        standin: directs the model, or None where the model cannot be directed; `undirected` then says why.
        tools: the server's tools by role. seed: makes the nonces.
    """

    def __init__(
        self,
        *,
        exchange: str,
        dialect: str,
        target: Target,
        client: Client,
        server: Server,
        standin: ModelDirector | None = None,
        undirected: str = "",
        tools: Mapping[str, Tool] | None = None,
        seed: int = 0,
    ) -> None:
        self.exchange = exchange
        self.dialect = dialect
        self.target = target
        self.tools: Mapping[str, Tool] = tools or {}
        self.last_nonce = ""
        self.nonces: list[str] = []
        self.notes: dict[str, JSON] = {}
        self.opened: list[PendingReply] = []
        self.cut: set[int] = set()
        self._client = client
        self._server = server
        self._standin = standin
        self._undirected = undirected
        self._random = random.Random(f"{seed} {exchange} {dialect}")
        self._gates = 0

    # The model's side

    async def script(self, *steps: Step, profile: str | None = None) -> str:
        """Register what the model answers in one turn; returns the nonce that its user message must hold.

        Args:
            profile: the stand-in's dialect, or None for this talk's.

        Raises:
            Untestable: the model cannot be directed.
        """
        self._new_nonce()
        await self._director().put_script(self.last_nonce, steps, profile or self.dialect or None)
        return self.last_nonce

    def gate(self) -> str:
        """A fresh gate's name, for `hold_after` and `wait_gate` of a step."""
        self._gates += 1
        return f"{self.exchange}-{self.dialect}-{self._random.randrange(36**6)}-{self._gates}"

    async def open_gate(self, name: str) -> None:
        """Let the model go on that waits at this gate, now or later."""
        await self._director().open_gate(name)

    async def calls(
        self, nonce: str | None = None, at_least: int = 1, timeout_s: float = 5.0, *, finished: bool = False
    ) -> tuple[Call, ...]:
        """The requests that the server made of the model, so far.

        Args:
            nonce: only those of this nonce, or None for all of this talk.
            at_least: wait until there are so many, `timeout_s` seconds at most.
            finished: wait until they are answered whole, or the server went away.
        """
        wanted = [nonce] if nonce else self.nonces
        if self._standin is None or not wanted:
            return ()
        return await self._standin.journal(wanted, at_least=at_least, finished=finished, timeout_s=timeout_s)

    def tool_call(self, role: str, **facts: Any) -> dict[str, Any]:
        """A call of the tool of that role, for `script.calls`, in the server's own argument names.

        Args:
            facts: id, title, new_title, description, due_date, priority, tags, confirm, ...

        Raises:
            Untestable: the server has no such tool, or the tool no such argument.
        """
        if role not in self.tools:
            raise Untestable(missing_roles([role], self.tools))
        return call_of(self.tools[role], facts)

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

    # The browser's side

    async def create(self, text: str, *steps: Step, label: str, user: str = "a", **more: Any) -> Reply:
        """Begin a thread with a message (threads.create). `more`: see `message`."""
        async with self.open_create(text, *steps, label=label, user=user, **more) as opened:
            return await opened.finish()

    async def say(self, thread_id: str, text: str, *steps: Step, label: str, user: str = "a", **more: Any) -> Reply:
        """Send a message to a thread (threads.add_user_message). `more`: see `message`."""
        async with self.open_say(thread_id, text, *steps, label=label, user=user, **more) as opened:
            return await opened.finish()

    async def ask(
        self,
        type: str,
        params: JSON,
        *,
        label: str,
        user: str = "a",
        metadata: JSON = None,
        steps: Sequence[Step] = (),
        wrong: bool = False,
    ) -> Reply:
        """Send a request of any type; returns when its JSON was read or its stream ended. `wrong`: see `open`."""
        async with self.open(
            type, params, label=label, user=user, metadata=metadata, steps=steps, wrong=wrong
        ) as opened:
            return await opened.finish()

    async def reload(self, thread_id: str, *, label: str, user: str = "a") -> Reply:
        """Read a thread anew (threads.get_by_id); further pages of items come as `label`-page-2 and so on."""
        first = await self.ask("threads.get_by_id", {"thread_id": thread_id}, label=label, user=user)
        page = first.body.get("items") if isinstance(first.body, dict) else None
        for n in range(2, PAGES + 1):
            after = page.get("after") if isinstance(page, dict) and page.get("has_more") is True else None
            if not isinstance(after, str):
                break
            params = {"thread_id": thread_id, "limit": PAGE_ITEMS, "order": "asc", "after": after}
            page = (await self.ask("items.list", params, label=f"{label}-page-{n}", user=user)).body
        return first

    async def raw(
        self,
        body: bytes | str,
        *,
        label: str,
        user: str = "a",
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
        path: str | None = None,
        deadline_s: float | None = None,
    ) -> Reply:
        """Send anything at all over HTTP.

        Args:
            user: "" sends no credentials. headers: win over the user's. path: instead of the endpoint's.
        """
        content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
        async with self._request(
            content if content or method != "GET" else None,
            label=label,
            user=user,
            headers=headers,
            method=method,
            path=path,
            deadline_s=deadline_s,
        ) as opened:
            return await opened.finish()

    @asynccontextmanager
    async def open(
        self,
        type: str,
        params: JSON,
        *,
        label: str,
        user: str = "a",
        metadata: JSON = None,
        steps: Sequence[Step] = (),
        deadline_s: float | None = None,
        wrong: bool = False,
    ) -> AsyncIterator[PendingReply]:
        """Send a request and hand out its answer while it comes; leaving the block drops the connection.

        Args:
            wrong: it is not as the wire wants it, on purpose.

        Raises:
            HarnessFault: it is not as the wire wants it, and not on purpose.
        """
        payload: dict[str, JSON] = {"type": type, "params": params}
        if metadata is not None:
            payload["metadata"] = metadata
        if not wrong:
            refuse_faulty(payload)
        if steps:
            await self.script(*steps)
        async with self._request(payload, label=label, user=user, deadline_s=deadline_s) as opened:
            yield opened

    @asynccontextmanager
    async def open_create(
        self, text: str, *steps: Step, label: str, user: str = "a", deadline_s: float | None = None, **more: Any
    ) -> AsyncIterator[PendingReply]:
        """`create`, with the answer handed out while it comes."""
        params = {"input": await self._message(text, steps, **more)}
        metadata = more.get("metadata")
        async with self.open(
            "threads.create", params, label=label, user=user, metadata=metadata, deadline_s=deadline_s
        ) as opened:
            yield opened

    @asynccontextmanager
    async def open_say(
        self,
        thread_id: str,
        text: str,
        *steps: Step,
        label: str,
        user: str = "a",
        deadline_s: float | None = None,
        **more: Any,
    ) -> AsyncIterator[PendingReply]:
        """`say`, with the answer handed out while it comes."""
        params = {"thread_id": thread_id, "input": await self._message(text, steps, **more)}
        metadata = more.get("metadata")
        async with self.open(
            "threads.add_user_message", params, label=label, user=user, metadata=metadata, deadline_s=deadline_s
        ) as opened:
            yield opened

    def user_headers(self, user: str) -> dict[str, str]:
        """The headers that make a request this user's; {} for "".

        Raises:
            Untestable: the target file names other users but not this one.
        """
        if not user:
            return {}
        known = self.target.users.get(user)
        if known is None and user != "a":
            raise Untestable(f"the target names no user {user!r}: write [users.{user}] headers in the target file.")
        return known.sent() if known else {}

    # The exchange itself

    def note(self, key: str, value: JSON) -> None:
        """Write a fact down for the checks; it must be JSON."""
        self.notes[key] = value

    def require(self, condition: object, reason: str) -> None:
        """Raise Untestable with the reason unless the condition holds."""
        if not condition:
            raise Untestable(reason)

    @property
    def can_restart(self) -> bool:
        """Whether the server can be restarted: this run started it."""
        return self._server.can_restart

    async def restart(self, kill: bool = False) -> None:
        """Stop the server (with SIGKILL if `kill`) and start it again on the same data; for `alone` exchanges only."""
        self.require(self.can_restart, "the server was not started by this run, so it cannot be restarted.")
        await self._server.restart(kill=kill)

    @property
    def replies(self) -> tuple[Reply, ...]:
        """The replies so far, in the order in which they were sent."""
        return tuple(
            replace(made.reply, ended="deadline", trouble="still open at the exchange's deadline")
            if n in self.cut and made.reply.ended == "left"
            else made.reply
            for n, made in enumerate(self.opened)
        )

    def cut_open_replies(self) -> None:
        """Mark what is still open as cut by the exchange's deadline."""
        self.cut |= {n for n, made in enumerate(self.opened) if not made.over}

    def transcript(
        self,
        calls: Sequence[Call] = (),
        *,
        untestable: str | None = None,
        started_at: float = 0.0,
        ended_at: float = 0.0,
    ) -> Transcript:
        """The frozen whole of it."""
        return Transcript(
            exchange=self.exchange,
            dialect=self.dialect,
            replies=self.replies,
            calls=tuple(calls),
            notes=dict(self.notes),
            untestable=untestable,
            started_at=started_at,
            ended_at=ended_at,
        )

    def _request(
        self,
        payload: JSON | bytes,
        *,
        label: str,
        user: str,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
        path: str | None = None,
        deadline_s: float | None = None,
    ) -> AbstractAsyncContextManager[PendingReply]:
        sent = {**{k.lower(): v for k, v in self.user_headers(user).items()}, **lowered(headers)}
        made = self._client.open(
            label=label, user=user, payload=payload, headers=sent, method=method, path=path, deadline_s=deadline_s
        )
        self.opened.append(made)
        return made

    async def _message(
        self,
        text: str,
        steps: Sequence[Step],
        *,
        content: list[JSON] | None = None,
        attachments: Sequence[str] = (),
        quoted_text: str | None = None,
        inference_options: JSON = None,
        metadata: JSON = None,
    ) -> dict[str, JSON]:
        """The user's input: the text with the nonce behind it, or `content` with the nonce as one more part."""
        if steps:
            await self.script(*steps)
        else:
            self._new_nonce()
        mark = f"(ref {self.last_nonce})"
        parts = [*content, _text(mark)] if content is not None else [_text(f"{text} {mark}" if text else mark)]
        made: dict[str, JSON] = {"content": parts, "attachments": list(attachments)}
        if quoted_text is not None:
            made["quoted_text"] = quoted_text
        return {**made, "inference_options": inference_options or {}}

    def _new_nonce(self) -> None:
        self.last_nonce = "zq" + "".join(self._random.choices(_LETTERS, k=10))
        self.nonces.append(self.last_nonce)

    def _director(self) -> ModelDirector:
        if self._standin is None:
            raise Untestable(self._undirected or "the model cannot be directed in this run.")
        return self._standin


def lowered(headers: Mapping[str, str] | None) -> dict[str, str]:
    """The headers with their names in lower case."""
    return {name.lower(): value for name, value in (headers or {}).items()}


def _text(text: str) -> dict[str, str]:
    return {"type": "input_text", "text": text}
