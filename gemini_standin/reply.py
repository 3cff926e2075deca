"""One answer to one chat completion: from the step that was matched to the bytes, streamed or whole."""

from __future__ import annotations

import asyncio
import gzip
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .acts import BREAKING, acts
from .chunk import Chunk, Frame, answer, compose, tokens, whole
from .dialect import Dialect
from .entry import Entry
from .fault import TLS_ALERT, Page, page, patience, prepare, starved
from .fault_kinds import DEFAULTS
from .gates import Gates
from .ids import Draws
from .lateness import Lateness
from .pace import schedule, split
from .recall import recall
from .split import Splitter
from .step import Step
from .stream import Writer
from .unstreamed import broken, choices, text_of
from .wire import EVENT_STREAM, End, Line, Send, head, headers, send_pieces

JSON = "application/json"
ALWAYS_ZIPPED = frozenset({"broken-gzip", "gzip-bomb"})
"""Kinds that are gzip, whatever the client accepts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is needed to answer one request.

    Args:
        step: what to say. body: the request. draws: ids, signatures, paces.
        pace: see pace.PACES. zipped: whether the answer is gzip. splitter: cuts the bytes into writes.
        line: the connection below HTTP, None where the server does not give it.
        earlier_id: the id of the answer before this one in the conversation, for a fault that repeats it.
    """

    step: Step
    body: Mapping[str, Any]
    dialect: Dialect
    draws: Draws
    entry: Entry
    gates: Gates
    lateness: Lateness
    send: Send
    pace: str
    zipped: bool
    splitter: Splitter
    line: Line | None = None
    earlier_id: str = ""

    @property
    def model(self) -> str:
        """The model asked for, as it was spelt."""
        return str(self.body.get("model", ""))

    @property
    def streaming(self) -> bool:
        """Whether the request asked for a stream."""
        return self.body.get("stream") is True

    @property
    def kind(self) -> str:
        """The fault's kind, or ""."""
        return self.step.fault.kind if self.step.fault else ""

    @property
    def keys(self) -> Mapping[str, Any]:
        """The fault's keys."""
        return self.step.fault.keys if self.step.fault else {}

    async def write(self) -> End:
        """Write the answer; what is left to do with the connection."""
        self.entry.fault = self.kind
        begun = await self._beginning()
        nothing = await self._nothing()
        if nothing:
            return nothing
        instead = page(self.step.fault, self.model, self.streaming)
        if instead:
            return await self._page(instead)
        step = recall(prepare(starved(self.step, self.body, self._silent_thinking), self.body), self.body)
        pieces = split(step, self.pace, self.model, self.draws.random)
        frame = self._frame(step)
        chunks = compose(step, pieces, self.dialect, self.draws)
        due = schedule(step, tuple(c.text for c in chunks), self.pace, self.model, self.draws.random)
        if self.kind and self.kind not in BREAKING:
            self.entry.fault_at = time.monotonic()
        if self.streaming and self.kind not in ("json-as-stream", "wrong-length"):
            content_type = JSON if self.kind == "stream-as-json" else EVENT_STREAM
            return await self._writer(begun, frame, content_type).write(acts(step, chunks, due, self.model))
        await asyncio.sleep(due[-1] if due[-1] else 0)
        if step.hold:
            await self.gates.wait(step.hold.gate, step.hold.max_s)
        if self.streaming and self.kind == "wrong-length":
            writer = self._writer(begun, frame, EVENT_STREAM)
            return self._wrong_length(EVENT_STREAM, writer.rendered(acts(step, chunks, due, self.model)))
        return await self._whole(text_of(self._value(step, chunks, frame), step.fault), frame)

    async def _beginning(self) -> float:
        """Wait for what must come before any byte; the monotonic moment from which chunks are due."""
        slow = self.kind == "slow-headers"
        if self.step.wait_gate is None and not slow:
            return self.entry.at
        if self.step.wait_gate:
            await self.gates.wait(self.step.wait_gate.gate, self.step.wait_gate.max_s)
        if slow:
            self.entry.fault_at = time.monotonic()
            await self.gates.wait(self.keys.get("gate", ""), patience(self.keys))
        return time.monotonic()

    async def _nothing(self) -> End | None:
        """What ends the connection before a byte of HTTP, or None where something is answered."""
        early = self.keys.get("at") == "before-headers"
        if self.kind not in ("no-answer", "tls-alert") and not (early and self.kind in ("reset", "stall")):
            return None
        self.entry.status, self.entry.fault_at = 0, time.monotonic()
        if self.kind == "stall":
            await self.gates.wait(self.keys.get("gate", ""), patience(self.keys))
        if self.kind == "tls-alert" and self.line:
            self.line.write(TLS_ALERT)
        return End.RESET if self.kind == "reset" else End.CLOSE

    def _writer(self, begun: float, frame: Frame, content_type: str, length: int | None = None) -> Writer:
        return Writer(
            send=self.send,
            entry=self.entry,
            begun=begun,
            frame=frame,
            gates=self.gates,
            lateness=self.lateness,
            zipped=self.kind in ALWAYS_ZIPPED or (self.zipped and length is None),
            splitter=self.splitter,
            line=self.line,
            content_type=content_type,
            length=length,
        )

    @property
    def _silent_thinking(self) -> int:
        """Tokens that a model of 3.x and later thinks before its first word; earlier ones can be told not to."""
        return self.dialect.thinking_tokens if self.dialect.call_signature else 0

    def _frame(self, step: Step) -> Frame:
        options = self.body.get("stream_options")
        thinking = tokens(step.thought) or self.dialect.thinking_tokens
        if self.body.get("reasoning_effort") == "none":
            thinking = 0
        id = self.draws.reply_id() if self.dialect.reply_id else ""
        return Frame(
            id=self.earlier_id or id if self.kind == "repeated-ids" else id,
            model=self.model,
            usage=isinstance(options, dict) and options.get("include_usage") is True,
            prompt_tokens=step.usage.get("prompt_tokens", -(-len(self.entry.raw) // 4)),
            thinking_tokens=step.usage.get("thinking_tokens", thinking),
            cached_tokens=step.usage.get("cached_tokens", 0),
            completion_tokens=step.usage.get("completion_tokens"),
        )

    def _value(self, step: Step, chunks: tuple[Chunk, ...], frame: Frame) -> dict[str, Any]:
        """The answer that is not streamed, as a JSON value."""
        now = int(time.time())
        only = choices(step.fault, step.said)
        if only is None:
            return whole(step, chunks, frame, now, self.dialect, self.draws)
        return answer(only, frame, now, 14 if self.kind == "malformed-call" else 0)

    async def _whole(self, data: bytes, frame: Frame) -> End:
        content_type = EVENT_STREAM if self.kind == "json-as-stream" else JSON
        if self.kind == "wrong-length":
            return self._wrong_length(content_type, data)
        text = data.decode("utf-8", "replace")
        body = broken(text, self.step.fault) if self.step.fault else None
        if body:
            return await self._writer(time.monotonic(), frame, content_type, body.length).write(body.acts)
        return await self._page(Page(status=200, content_type=content_type, body=data))

    async def _page(self, instead: Page) -> End:
        self.entry.status = instead.status
        self.entry.note(instead.data.decode("utf-8", "replace"))
        if self.kind:
            self.entry.fault_at = time.monotonic()
        more = [(name.encode(), value.encode("latin-1")) for name, value in instead.headers]
        took = time.monotonic() - self.entry.at
        head = [*headers(instead.content_type, took, self.zipped), *more]
        data = gzip.compress(instead.data, 1, mtime=0) if self.zipped else instead.data
        pieces = [*self.splitter.writes(data, event=False), *self.splitter.rest()]
        await send_pieces(self.send, instead.status, head, data, pieces)
        return End.WHOLE

    def _wrong_length(self, content_type: str, data: bytes) -> End:
        """The body under a Content-Length that is not its own, then the connection's end: HTTP below its own rules.

        The end is announced. Else a client that has all it was promised keeps the connection, and reads the bytes that
        were left as the answer to the next request, which is another conversation's.
        """
        self.entry.fault_at = time.monotonic()
        if self.line is None:
            return End.CLOSE
        lines = [*headers(content_type, time.monotonic() - self.entry.at, zipped=False), (b"connection", b"close")]
        length = max(0, len(data) + int(self.keys.get("by", DEFAULTS["by"])))
        self.line.write(head(200, [*lines, (b"content-length", str(length).encode())]) + data)
        self.entry.note(data.decode("utf-8", "replace"))
        return End.CLOSE
