"""Talk: one conversation of an exchange with the target, from both sides.

It is the browser and it directs the model: `create` and `say` register the model's steps at the stand-in under a new
nonce, send the user's message with that nonce, and read the answer. `transcript` returns all replies in order, frozen.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .again import until_done
from .check import Untestable
from .direction import ModelDirector, NotSent, Server
from .http.request_body import type_of
from .http.retry_after import BRIEF_S, MOST_S
from .model_side import ModelSide
from .script import Step
from .target.learnt import Learnt
from .target.target import Target, User
from .target.tools import Tool
from .transcript import CUT_EARLY, JSON, LATE_S, RESTARTS, Call, Reply, Transcript
from .wire.own_fault import refuse_faulty

if TYPE_CHECKING:  # `list` sends nothing, and loads no HTTP client
    from .http.client import Client
    from .http.pending_reply import PendingReply
    from .http.pieces import Pieces

PAGES = 150
"""Pages that are followed at most, where a server's has_more never ends: a page may have five rows, or one."""

PAGE_ITEMS = 100
"""Items asked for in each further page of a reload."""


class Talk(ModelSide):
    """One conversation with the target.

    Args:
        exchange, dialect: what the transcript is called.
        target: the server. client: speaks HTTP with it. server: restarts it.
        standin: directs the model, or None where the model cannot be scripted; `undirected` then says why.
        tools: the server's tools by role. learnt: what else the run knows of the target. seed: makes the nonces.
        deadly: tells the types of request that end the server each time: they are not sent.
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
        learnt: Learnt | None = None,
        seed: int = 0,
        deadly: Callable[[], Collection[str]] = tuple,
    ) -> None:
        super().__init__(
            name=exchange, dialect=dialect, standin=standin, undirected=undirected, tools=tools or {}, seed=seed
        )
        self.exchange = exchange
        self.target = target
        self.learnt = learnt or Learnt()
        self.notes: dict[str, JSON] = {}
        self.opened: list[PendingReply] = []
        self.cut: dict[int, float] = {}
        self.visited: dict[str, User] = {}
        self.own_users: dict[str, str] = {}
        """Visitors who speak in the place of users that the target file names, where a conversation needs its own."""
        self.comes_again = True
        """Whether what the server's limit turns away is sent again: not where the limit is what is tried."""
        self._client = client
        self._server = server
        self._deadly = deadly
        self._restarting_at: float | None = None
        self._restarts_s = 0.0

    # The browser's side

    async def create(self, text: str, *steps: Step, label: str, user: str = "a", **more: Any) -> Reply:
        """Begin a thread with a message (threads.create). `more`: see `message`."""
        async with self.open_create(text, *steps, label=label, user=user, **more) as opened:
            made = await opened.finish()
        return await until_done(self, made, text, steps, user)

    async def say(self, thread_id: str, text: str, *steps: Step, label: str, user: str = "a", **more: Any) -> Reply:
        """Send a message to a thread (threads.add_user_message). `more`: see `message`."""
        async with self.open_say(thread_id, text, *steps, label=label, user=user, **more) as opened:
            made = await opened.finish()
        return await until_done(self, made, text, steps, user)

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
        given: dict[str, Any] = {"metadata": metadata, "steps": steps, "wrong": wrong}
        async with self.open(type, params, label=label, user=user, **given) as opened:
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
        headers: Mapping[str, str | None] | None = None,
        method: str = "POST",
        path: str | None = None,
        deadline_s: float | None = None,
        pieces: Pieces | None = None,
    ) -> Reply:
        """Send anything at all over HTTP.

        Args:
            user: "" sends none. headers: win over the user's; None leaves one out. path: in the endpoint's place.
            pieces: how the body is sent, where not at once.
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
            pieces=pieces,
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
        pieces: Pieces | None = None,
        wrong: bool = False,
    ) -> AsyncIterator[PendingReply]:
        """Send a request and hand out its answer while it comes; leaving the block drops the connection.

        Args:
            pieces: how the request's body is sent, where not at once.
            wrong: it is not as the wire wants it, on purpose.

        Raises:
            HarnessFault: it is not as the wire wants it, and not on purpose.
            NotSent: each request of its type ended the server.
        """
        payload = {"type": type, "params": params} | ({} if metadata is None else {"metadata": metadata})
        if not wrong:
            refuse_faulty(payload)
        if steps:
            await self.script(*steps)
        async with self._request(payload, label=label, user=user, deadline_s=deadline_s, pieces=pieces) as opened:
            yield opened

    def open_create(
        self, text: str, *steps: Step, label: str, user: str = "a", **more: Any
    ) -> AbstractAsyncContextManager[PendingReply]:
        """`create`, with the answer handed out while it comes. `more`: see `open` and `message`."""
        return self._open_turn("threads.create", {}, text, steps, label, user, **more)

    def open_say(
        self, thread_id: str, text: str, *steps: Step, label: str, user: str = "a", **more: Any
    ) -> AbstractAsyncContextManager[PendingReply]:
        """`say`, with the answer handed out while it comes. `more`: see `open` and `message`."""
        where = {"thread_id": thread_id}
        return self._open_turn("threads.add_user_message", where, text, steps, label, user, **more)

    @asynccontextmanager
    async def _open_turn(
        self,
        type: str,
        where: Mapping[str, JSON],
        text: str,
        steps: Sequence[Step],
        label: str,
        user: str,
        *,
        deadline_s: float | None = None,
        pieces: Pieces | None = None,
        **more: Any,
    ) -> AsyncIterator[PendingReply]:
        params = {**where, "input": await self._message(text, steps, user, **more)}
        sent: dict[str, Any] = {"metadata": more.get("metadata"), "deadline_s": deadline_s, "pieces": pieces}
        async with self.open(type, params, label=label, user=user, **sent) as opened:
            yield opened

    def user_headers(self, user: str) -> dict[str, str]:
        """The headers that make a request this user's; {} for "".

        Raises:
            Untestable: the target file names other users but not this one.
        """
        if not user:
            return {}
        own = self.own_users.get(user)
        known = self._visitor(own) if own else self.target.users.get(user) or self._visitor(user)
        if known is None and user != "a":
            raise Untestable(f"the target file has no user {user!r}: write headers under [users.{user}].")
        return known.sent() if known else {}

    def _visitor(self, name: str) -> User | None:
        if self.learnt.visitors and name not in self.visited and (found := self.target.visitor(name)):
            self.visited[name] = found
        return self.visited.get(name)

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

    async def before_restart(self) -> None:
        """Wait until all that share this one's restart (`exchange(restart=...)`) are ready for it."""
        await self._server.before_restart()

    async def restart(self, kill: bool = False) -> None:
        """Stop the server (with SIGKILL if `kill`) and start it again on the same data; for `alone` exchanges only."""
        self.require(self.can_restart, "the server was not started by this run, so it cannot be restarted.")
        self._restarting_at = time.monotonic()
        try:
            began, ended = await self._server.restart(kill=kill)
        finally:
            self._restarts_s = self.restarting_s
            self._restarting_at = None
        row = {"from": began, "to": ended, "kill": kill}
        self.notes[RESTARTS] = [*self.notes.get(RESTARTS, ()), row]

    @property
    def restarting_s(self) -> float:
        """Seconds that stopping and starting the server has taken so far, the wait for others who want it included.

        They have a deadline of their own.
        """
        return self._restarts_s + (time.monotonic() - self._restarting_at if self._restarting_at is not None else 0.0)

    @property
    def replies(self) -> tuple[Reply, ...]:
        """The replies so far, in the order in which they were sent."""
        return tuple(
            self._cut(made.reply, self.cut[n]) if n in self.cut and made.reply.ended == "left" else made.reply
            for n, made in enumerate(self.opened)
        )

    def _cut(self, reply: Reply, open_s: float) -> Reply:
        """A reply that was cut with its conversation: late by itself, or not to blame."""
        if open_s < LATE_S * self._client.patience():
            return replace(reply, trouble=f"{CUT_EARLY} {open_s:.1f} s")
        return replace(reply, ended="deadline", trouble=f"still open after {open_s:.1f} s, when its conversation ended")

    @property
    def late(self) -> bool:
        """Whether a reply of it was not there by its own deadline."""
        return any(made.over and made.reply.ended == "deadline" for made in self.opened)

    @property
    def held_back_s(self) -> float:
        """Seconds for which its requests waited since the server's limit had turned somebody away."""
        return sum(made.visit.waited_s for made in self.opened)

    def cut_open_replies(self) -> None:
        """Mark what is still open as cut with the conversation, and how long it had been open."""
        now = time.monotonic()
        self.cut |= {n: now - made.reply.sent_at for n, made in enumerate(self.opened) if not made.over}

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
        headers: Mapping[str, str | None] | None = None,
        method: str = "POST",
        path: str | None = None,
        deadline_s: float | None = None,
        pieces: Pieces | None = None,
    ) -> AbstractAsyncContextManager[PendingReply]:
        if (type := type_of(payload)) and type in self._deadly():
            raise NotSent(f"{type} was not sent: each one before ended the server.")
        given: tuple[Mapping[str, str | None], ...] = (self.user_headers(user), headers or {})
        named = {k.lower(): v for each in given for k, v in each.items()}
        made = self._client.open(
            label=label,
            user=user,
            payload=payload,
            headers={name: value for name, value in named.items() if value is not None},
            method=method,
            path=path,
            deadline_s=deadline_s,
            pieces=pieces,
            held_back_s=self._held_back_s(),
        )
        self.opened.append(made)
        return made

    def _held_back_s(self) -> float:
        """Seconds for which a request may wait where the server's limit turns it away."""
        if not self.comes_again or self.breaks:
            return 0.0
        return BRIEF_S if any(made.began and not made.over for made in self.opened) else MOST_S

    async def _message(
        self,
        text: str,
        steps: Sequence[Step],
        user: str,
        *,
        content: list[JSON] | None = None,
        attachments: Sequence[str] = (),
        quoted_text: str | None = None,
        inference_options: JSON = None,
        metadata: JSON = None,
        nonce: str = "",
    ) -> dict[str, JSON]:
        """The user's input: the text with the nonce behind it, or `content` with the nonce as one more part."""
        if steps:
            await self.script(*self.on_newest_page(steps, user))
        elif not nonce:
            self.new_nonce()
        mark = f"(ref {nonce or self.last_nonce})"
        if words := self.words(nonce or self.last_nonce):
            mark += f"\n{words}"
        parts = [*content, _text(mark)] if content is not None else [_text(f"{text} {mark}" if text else mark)]
        made: dict[str, JSON] = {"content": parts, "attachments": list(attachments)}
        quoted: dict[str, JSON] = {} if quoted_text is None else {"quoted_text": quoted_text}
        return {**made, **quoted, "inference_options": inference_options or {}}


def _text(text: str) -> dict[str, str]:
    return {"type": "input_text", "text": text}
