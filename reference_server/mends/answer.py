"""One answer of Gemini's, from its chunks to the chunks that the Agents SDK understands, and the verdict at its end.

The SDK takes every end of a stream for success. An answer is whole when it had a finish reason and said or called
something; everything else is a GeminiFailure.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
from openai.types.chat.chat_completion_chunk import ChoiceDeltaToolCall
from openai.types.completion_usage import CompletionUsage

from reference_server.mends.failure import GeminiFailure
from reference_server.mends.thoughts import ThoughtFilter
from reference_server.mends.tool_calls import ToolCalls
from reference_server.mends.wire import Chunk, EventReader, read_chunks

_LOG = logging.getLogger("reference_server.gemini")
# Gemini's own strings come before these: "function_call_filter: MALFORMED_FUNCTION_CALL".
_WHOLE = frozenset({"stop", "tool_calls", "function_call", "length"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What the Agents SDK reads of a chunk's delta."""

    content: str | None
    tool_calls: list[ChoiceDeltaToolCall] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the Agents SDK reads of a chunk's choice."""

    delta: Delta
    finish_reason: str | None
    index: int = 0
    logprobs: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedChunk:
    """What the Agents SDK reads of a chunk. The OpenAI SDK's own classes took a fifth of a turn to build."""

    id: str
    model: str
    choices: tuple[Choice, ...]
    usage: CompletionUsage | None


class Answer:
    """An async iterable of chunks over one HTTP response, in the place of the SDK's own stream.

    `taken_ids` are the tool call ids that the turn has used already.
    """

    def __init__(self, response: httpx2.Response, taken_ids: Iterable[str]) -> None:
        self.response = response
        self._calls = ToolCalls(taken_ids)
        self._thoughts = ThoughtFilter()
        self._said = False
        self._finish: str | None = None
        self._usage: Any = None
        self._id = ""
        self._model = ""

    async def __aiter__(self) -> AsyncIterator[MendedChunk]:
        reader = EventReader()
        async for chunks in read_chunks(self.response, reader):
            for mended in self._mended(chunks):
                yield mended
        for mended in self._said_at_last():
            yield mended
        self._judge(ended=reader.done)
        yield self._chunk(finish="tool_calls" if self._calls.count else (self._finish or "stop"), last=True)

    async def aclose(self) -> None:
        """Give up the connection; Gemini then stops."""
        await self.response.aclose()

    def _mended(self, chunks: Iterable[Chunk]) -> Iterator[MendedChunk]:
        # Text of one network read becomes one delta: a server that keeps up sends each at once, a busy one fewer.
        text = ""
        for chunk in chunks:
            self._id = self._id or str(chunk.get("id") or "")
            self._model = self._model or str(chunk.get("model") or "")
            self._usage = chunk.get("usage") or self._usage
            delta = self._delta(chunk)
            if content := delta.get("content"):
                text += self._thoughts.feed(content, flagged=_is_thought(delta))
            if calls := delta.get("tool_calls"):
                if text:
                    yield self._text(text)
                    text = ""
                yield self._chunk(calls=self._calls.mend(calls))
        if text:
            yield self._text(text)

    def _delta(self, chunk: Chunk) -> Chunk:
        choices = chunk.get("choices") or []
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        self._finish = choice.get("finish_reason") or self._finish
        delta = choice.get("delta")
        return delta if isinstance(delta, dict) else {}

    def _said_at_last(self) -> Iterator[MendedChunk]:
        if text := self._thoughts.close():
            yield self._text(text)

    def _judge(self, *, ended: bool) -> None:
        finish = self._finish
        if finish is None:
            nothing = not self._said and not self._calls.count
            raise GeminiFailure("Gemini's answer broke off before it was complete.", ask_again=nothing)
        if "MALFORMED" in finish or finish.startswith("function_call_filter"):
            raise GeminiFailure(f"Gemini called a tool in a form that cannot be read ({finish}).", ask_again=True)
        if finish not in _WHOLE:
            raise GeminiFailure(f"Gemini withheld its answer ({finish}).", passing=False)
        if not self._said and not self._calls.count:
            if finish == "length":
                raise GeminiFailure("Gemini used up its token limit before it said anything (length).")
            raise GeminiFailure("Gemini gave an empty answer.", ask_again=True)
        if not ended:
            _LOG.warning("the stream ended without [DONE] after finish_reason %s; the answer is taken as whole", finish)

    def _text(self, text: str) -> MendedChunk:
        self._said = True
        return self._chunk(text=text)

    def _chunk(
        self,
        *,
        text: str | None = None,
        calls: list[ChoiceDeltaToolCall] | None = None,
        finish: str | None = None,
        last: bool = False,
    ) -> MendedChunk:
        choice = Choice(delta=Delta(content=text, tool_calls=calls), finish_reason=finish)
        return MendedChunk(
            id=self._id, model=self._model, choices=(choice,), usage=_usage(self._usage) if last else None
        )


def _is_thought(delta: Chunk) -> bool:
    extra = delta.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    return isinstance(google, dict) and google.get("thought") is True


def _usage(counted: Any) -> CompletionUsage | None:
    try:
        return CompletionUsage.model_validate(counted) if counted else None
    except ValueError:
        _LOG.warning("usage could not be read: %r", counted)
        return None
