"""An answer as the chunks it is streamed in, and as the one body it has when it is not: pure functions of the script.

`compose` lays the answer out in the dialect; `chunk_json` and `whole` make the JSON. Keys are sorted on the way out,
which is the order in which Gemini writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .dialect import Dialect, Layout
from .ids import Draws
from .step import Step, ToolCall

THOUGHT_OPEN, THOUGHT_CLOSE = "<thought>", "</thought>"
_FLAG = {"google": {"thought": True}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One chunk: what its delta holds besides the role, how the choice ends, and the tokens written so far."""

    delta: Mapping[str, Any] = field(default_factory=dict)
    finish: str | None = None
    tokens: int = 0
    choices: bool = True

    @property
    def text(self) -> str:
        """The text in the delta, or ""."""
        content = self.delta.get("content", "")
        return content if isinstance(content, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What all chunks of one reply share.

    Args:
        id: reply id. model: as asked for. usage: whether chunks carry usage.
        prompt_tokens, thinking_tokens, cached_tokens: thinking counts in the total alone.
        completion_tokens: instead of the estimate, on the last chunk.
    """

    id: str
    model: str
    usage: bool = False
    prompt_tokens: int = 0
    thinking_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int | None = None


def tokens(text: str) -> int:
    """An estimate of the tokens in a text: one for four characters, one at least for any."""
    return -(-len(text) // 4)


TOGETHER: tuple[Layout, ...] = ("one-delta", "beside-text")
"""Layouts in which all calls are in one chunk."""


def compose(step: Step, pieces: Sequence[str], dialect: Dialect, draws: Draws) -> tuple[Chunk, ...]:
    """The step as the chunks that this dialect streams.

    Args:
        pieces: the step's text, cut. draws: gives ids and signatures.
    """
    texts, calls = _texts(step, pieces), _calls(step, dialect, draws)
    if step.layout == "beside-text" and texts and calls:
        texts[-1], *calls = Chunk(delta={**texts[-1].delta, **calls[0].delta}), *calls[1:]
    chunks = _counted([*_thoughts(step), *texts, *calls])
    chunks = _finished(chunks, step, dialect, draws)
    if dialect.late_usage:
        chunks = [*(replace(c, tokens=0) for c in chunks[:-1]), chunks[-1]]
    if step.finish:
        chunks[-1] = replace(chunks[-1], finish=step.finish[0])
    return tuple(chunks)


def _thoughts(step: Step) -> list[Chunk]:
    if not step.thought:
        return []
    return [Chunk(delta={"content": THOUGHT_OPEN + step.thought, "extra_content": _FLAG})]


def _texts(step: Step, pieces: Sequence[str]) -> list[Chunk]:
    chunks = [Chunk(delta={"content": piece}) for piece in pieces]
    if step.thought and chunks:
        chunks[0] = Chunk(delta={"content": THOUGHT_CLOSE + pieces[0]})
    return chunks


def calls_json(calls: Sequence[ToolCall], dialect: Dialect, draws: Draws) -> list[dict[str, Any]]:
    """The calls as `tool_calls` lists them: no index, and the signature on the first."""
    made = []
    for n, call in enumerate(calls):
        value: dict[str, Any] = {
            "function": {"arguments": call.arguments, "name": call.name},
            "id": draws.call_id(dialect.call_ids) if call.id is None else call.id,
            "type": "function",
        }
        if n == 0 and dialect.call_signature:
            value["extra_content"] = {"google": {"thought_signature": draws.signature()}}
        made.append(value)
    return made


def _calls(step: Step, dialect: Dialect, draws: Draws) -> list[Chunk]:
    made = calls_json(step.calls, dialect, draws)
    if not made:
        return []
    groups = [made] if (step.layout or dialect.layout) in TOGETHER else [[call] for call in made]
    chunks = [Chunk(delta={"tool_calls": group}) for group in groups]
    if step.thought and not step.said:
        chunks[0] = Chunk(delta={"content": THOUGHT_CLOSE, "tool_calls": groups[0]})
    return chunks


def _counted(chunks: list[Chunk]) -> list[Chunk]:
    written, made = 0, []
    for chunk in chunks:
        written += tokens(chunk.text) + sum(
            tokens(c["function"]["name"] + c["function"]["arguments"]) for c in chunk.delta.get("tool_calls", ())
        )
        made.append(replace(chunk, tokens=written))
    return made


def _finished(chunks: list[Chunk], step: Step, dialect: Dialect, draws: Draws) -> list[Chunk]:
    written = chunks[-1].tokens if chunks else 0
    if step.calls and dialect.finish_on_calls:
        return [*chunks[:-1], replace(chunks[-1], finish=dialect.finish_on_calls)]
    if step.calls or not chunks:
        return [*chunks, Chunk(finish="stop", tokens=written)]
    if dialect.text_signature:
        signed = {"extra_content": {"google": {"thought_signature": draws.signature()}}}
        return [*chunks, Chunk(delta=signed, finish="stop", tokens=written)]
    return [*chunks[:-1], replace(chunks[-1], finish="stop")]


def usage(frame: Frame, completion: int) -> dict[str, Any]:
    """The usage object: thinking tokens are in the total and nowhere else."""
    made: dict[str, Any] = {
        "completion_tokens": completion,
        "prompt_tokens": frame.prompt_tokens,
        "total_tokens": frame.prompt_tokens + completion + frame.thinking_tokens,
    }
    if frame.cached_tokens:
        made["prompt_tokens_details"] = {"cached_tokens": frame.cached_tokens}
    return made


def chunk_json(chunk: Chunk, frame: Frame, created: int) -> dict[str, Any]:
    """The chunk as the JSON value of its event."""
    choice: dict[str, Any] = {"delta": {**chunk.delta, "role": "assistant"}, "index": 0}
    if chunk.finish is not None:
        choice["finish_reason"] = chunk.finish
    body: dict[str, Any] = {
        "choices": [choice] if chunk.choices else [],
        "created": created,
        "model": frame.model,
        "object": "chat.completion.chunk",
    }
    if frame.id:
        body["id"] = frame.id
    if frame.usage:
        last = chunk.finish is not None and frame.completion_tokens is not None
        body["usage"] = usage(frame, frame.completion_tokens or 0 if last else chunk.tokens)
    return body


def whole(
    step: Step, chunks: Sequence[Chunk], frame: Frame, created: int, dialect: Dialect, draws: Draws
) -> dict[str, Any]:
    """The answer that is not streamed: the chunks' deltas in one message, and `tool_calls` where there are calls."""
    message: dict[str, Any] = {"role": "assistant"}
    content = "".join(chunk.text for chunk in chunks)
    if content:
        message["content"] = content
    made = [call for chunk in chunks for call in chunk.delta.get("tool_calls", ())]
    if made:
        message["tool_calls"] = made
    google: dict[str, Any] = {"thought": True} if step.thought or dialect.message_signature else {}
    if dialect.message_signature:
        message["thought_signature"] = google["thought_signature"] = draws.signature()
    elif not made:
        for chunk in chunks:
            google.update(chunk.delta.get("extra_content", {}).get("google", {}))
    if google:
        message["extra_content"] = {"google": google}
    choice: dict[str, Any] = {"index": 0, "message": message}
    finish = step.finish[0] if step.finish else "tool_calls" if made else "stop"
    if finish is not None:
        choice["finish_reason"] = finish
    return answer([choice], frame, created, chunks[-1].tokens if chunks else 0)


def answer(choices: list[dict[str, Any]], frame: Frame, created: int, completion: int) -> dict[str, Any]:
    """The envelope of an answer that is not streamed; its usage is always there."""
    body: dict[str, Any] = {
        "choices": choices,
        "created": created,
        "model": frame.model,
        "object": "chat.completion",
        "usage": usage(frame, completion if frame.completion_tokens is None else frame.completion_tokens),
    }
    return {**body, "id": frame.id} if frame.id else body
