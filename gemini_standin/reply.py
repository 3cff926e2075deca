"""One answer to one chat completion: from the step that was matched to the bytes, streamed or whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .chunk import Chunk, Frame, answer, compose, dumps, tokens, whole
from .dialect import Dialect
from .fault import Page, acts, choices, page, prepare
from .gates import Gates
from .ids import Draws
from .journal import Entry
from .lateness import Lateness
from .match import tool_names
from .pace import schedule, split
from .recall import recall
from .step import Hold, Step
from .stream import Writer
from .wire import Send, headers, send_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is needed to answer one request.

    Args:
        step: what to say. body: the request. draws: ids, signatures, paces.
        pace: see pace.PACES. zipped: whether the answer is gzip.
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

    @property
    def model(self) -> str:
        """The model asked for, as it was spelt."""
        return str(self.body.get("model", ""))

    @property
    def streaming(self) -> bool:
        """Whether the request asked for a stream."""
        return self.body.get("stream") is True

    async def write(self) -> bool:
        """Write the answer; False where the connection is to be dropped."""
        begun = await self._beginning()
        fault = self.step.fault
        if fault and fault.kind == "no-answer":
            return False
        instead = page(fault, self.model, self.streaming)
        if instead:
            await self._page(instead)
            return True
        step = recall(prepare(self.step, tool_names(self.body)), self.body)
        pieces = split(step, self.pace, self.model, self.draws.random)
        frame = self._frame(step)
        chunks = compose(step, pieces, self.dialect, self.draws)
        due = schedule(step, tuple(c.text for c in chunks), self.pace, self.model, self.draws.random)
        if not self.streaming:
            return await self._whole(step, chunks, frame, due[-1])
        writer = Writer(
            send=self.send,
            entry=self.entry,
            begun=begun,
            frame=frame,
            gates=self.gates,
            lateness=self.lateness,
            zipped=self.zipped,
        )
        return await writer.write(acts(step, chunks, due, self.model))

    async def _beginning(self) -> float:
        """Wait for what must come before any byte; the monotonic moment from which chunks are due."""
        fault = self.step.fault
        slow = fault.keys if fault and fault.kind == "slow-headers" else None
        if self.step.wait_gate is None and slow is None:
            return self.entry.at
        if self.step.wait_gate:
            await self.gates.wait(self.step.wait_gate.gate, self.step.wait_gate.max_s)
        if slow is not None:
            await self.gates.wait(slow.get("gate", ""), slow.get("max_s", 30.0))
        return time.monotonic()

    def _frame(self, step: Step) -> Frame:
        options = self.body.get("stream_options")
        thinking = tokens(step.thought) or self.dialect.thinking_tokens
        if self.body.get("reasoning_effort") == "none":
            thinking = 0
        return Frame(
            id=self.draws.reply_id() if self.dialect.reply_id else "",
            model=self.model,
            usage=isinstance(options, dict) and options.get("include_usage") is True,
            prompt_tokens=step.usage.get("prompt_tokens", -(-len(self.entry.raw) // 4)),
            thinking_tokens=step.usage.get("thinking_tokens", thinking),
            cached_tokens=step.usage.get("cached_tokens", 0),
            completion_tokens=step.usage.get("completion_tokens"),
        )

    async def _page(self, instead: Page) -> None:
        self.entry.status = instead.status
        self.entry.sent.append((time.monotonic(), instead.body))
        took = time.monotonic() - self.entry.at
        head = headers(instead.content_type, took, self.zipped)
        await send_whole(self.send, instead.status, head, instead.body.encode(), self.zipped)

    async def _whole(self, step: Step, chunks: tuple[Chunk, ...], frame: Frame, due: float) -> bool:
        await asyncio.sleep(due)
        if step.hold:
            await self.gates.wait(step.hold.gate, step.hold.max_s)
        now = int(time.time())
        only = choices(step.fault)
        if only is not None:
            spent = 14 if step.fault and step.fault.kind == "malformed-call" else 0
            value = answer(only, frame, now, spent)
        else:
            value = whole(step, chunks, frame, now, self.dialect, self.draws)
        text = dumps(value)
        kind = step.fault.kind if step.fault else ""
        if kind in ("cut", "stall"):
            keys = step.fault.keys if step.fault else {}
            wait = Hold(gate=keys.get("gate", ""), max_s=keys.get("max_s", 30.0)) if kind == "stall" else None
            return await self._half(text, wait)
        await self._page(Page(status=200, content_type="application/json", body=text))
        return True

    async def _half(self, text: str, wait: Hold | None) -> bool:
        """Half of the body under the whole one's length, then a wait if any, then nothing more."""
        data = text.encode()
        half = data[: len(data) // 2]
        took = time.monotonic() - self.entry.at
        length = (b"content-length", str(len(data)).encode())
        head = [*headers("application/json", took, zipped=False), length]
        await self.send({"type": "http.response.start", "status": 200, "headers": head})
        await self.send({"type": "http.response.body", "body": half, "more_body": True})
        self.entry.sent.append((time.monotonic(), half.decode("utf-8", "replace")))
        if wait:
            await self.gates.wait(wait.gate, wait.max_s)
        return False
