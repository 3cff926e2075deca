"""One answer of Gemini's, read to its end: what it says goes to a listener at once, what it calls is kept for the run.

The SDK takes every end of a stream for success. An answer is whole when it had a finish reason and said or called
something; everything else is a GeminiFailure.
"""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable
from typing import Any, Protocol

from reference_server.gemini_compat.failure import GeminiFailure, word
from reference_server.gemini_compat.letters import Letters
from reference_server.gemini_compat.thoughts import CLOSE, OPEN, ThoughtFilter
from reference_server.gemini_compat.tool_calls import Call, ToolCalls
from reference_server.gemini_compat.wire import Body, Chunk, EventReader, read_chunks

_LOG = logging.getLogger("reference_server.gemini")
# Gemini's own strings come before these: "function_call_filter: MALFORMED_FUNCTION_CALL".
_WHOLE = frozenset({"stop", "tool_calls", "function_call", "length"})
# As the native API writes it, which gateways pass on; a reason's case says nothing either.
_NATIVE = {"max_tokens": "length"}


class Listener(Protocol):
    """Who hears an answer while it is given."""

    def write(self, text: str) -> None:
        """The next words."""

    def thinking(self, text: str) -> None:
        """The next words of a thought, where the model tells its thoughts."""

    def calling(self, tool: str) -> None:
        """The model begins to call this tool."""

    def end(self) -> None:
        """The answer is complete, and so is the message that it wrote."""


class Answer:
    """The answer in one HTTP response.

    `taken_ids` are the tool call ids that the turn has used already. `tools` are those that there are, None: any; of
    no other the listener hears, for its name is whatever the model made up.
    """

    def __init__(self, taken_ids: Iterable[str], listener: Listener, tools: Container[str] | None = None) -> None:
        self._said: list[str] = []
        self._tools = tools
        self.usage: Chunk = {}
        self._listener = listener
        self._calls = ToolCalls(taken_ids)
        self._thoughts = ThoughtFilter()
        self._letters = Letters()
        self._finish: str | None = None

    @property
    def text(self) -> str:
        """What the answer says."""
        return "".join(self._said)

    @property
    def calls(self) -> list[Call]:
        """The tools that the answer calls, in order."""
        return self._calls.all

    @property
    def begun(self) -> bool:
        """Something was said or called already: asking once more would show it twice."""
        return bool(self._said or self.calls)

    async def read(self, body: Body) -> None:
        """Read to the end. Raises GeminiFailure when the answer is not whole."""
        reader = EventReader()
        async for chunks in read_chunks(body, reader):
            self._take(chunks)
        self._say(self._rest() + self._thoughts.close())
        self._calls.close()
        self._judge(ended=reader.done)

    def _take(self, chunks: Iterable[Chunk]) -> None:
        # Text of one network read becomes one delta: a server that keeps up sends each at once, a busy one fewer.
        text = ""
        for chunk in chunks:
            if isinstance(usage := chunk.get("usage"), dict):
                self.usage = usage
            delta = self._delta(chunk)
            if content := self._letters.feed(_text_of(delta.get("content") or "")):
                flagged = _is_thought(delta)
                text += self._thoughts.feed(content, flagged=flagged)
                if flagged and (thought := content.removeprefix(OPEN).removesuffix(CLOSE)):
                    self._listener.thinking(thought)
            if calls := delta.get("tool_calls"):
                if not isinstance(calls, list):
                    raise GeminiFailure("Gemini called a tool in a form that cannot be read.", ask_again=True)
                self._say(text + self._rest())
                text = ""
                for call in self._calls.take(calls):
                    if self._tools is None or call.name in self._tools:
                        self._listener.calling(call.name)
        self._say(text)

    def _rest(self) -> str:
        """What is left of a letter that was cut and never finished."""
        lost = self._letters.close()
        return self._thoughts.feed(lost, flagged=False) if lost else ""

    def _say(self, text: str) -> None:
        if text:
            self._said.append(text)
            self._listener.write(text)

    def _delta(self, chunk: Chunk) -> Chunk:
        choices = chunk.get("choices") or []
        choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
        # Some gateway sends a number or a list here: whatever it is, it is no reason that we know.
        self._finish = str(choice.get("finish_reason") or self._finish or "") or None
        delta = choice.get("delta")
        return delta if isinstance(delta, dict) else {}

    def _judge(self, *, ended: bool) -> None:
        finish = self._finish
        if finish is None:
            raise GeminiFailure("Gemini's answer broke off before it was complete.", ask_again=not self.begun)
        if "MALFORMED" in finish or finish.startswith("function_call_filter"):
            raise GeminiFailure(
                f"Gemini called a tool in a form that cannot be read ({_shown(finish)}).", ask_again=True
            )
        reason = _NATIVE.get(finish.lower(), finish.lower())
        if reason not in _WHOLE:
            raise GeminiFailure(f"Gemini withheld its answer ({_shown(finish)}).", passing=False)
        if reason == "length":
            when = "before the end of its answer" if self.begun else "before it said anything"
            raise GeminiFailure(f"Gemini used up its token limit {when} (length).", passing=not self.begun)
        if not self.begun:
            raise GeminiFailure("Gemini gave an empty answer.", ask_again=True)
        if not ended:
            _LOG.warning("the stream ended without [DONE] after finish_reason %s; the answer is taken as whole", finish)


def _text_of(content: Any) -> str:
    if not isinstance(content, str):
        raise GeminiFailure("Gemini's answer could not be read: its content was not text.")
    return content


def _shown(finish: str) -> str:
    return word(finish) or "for a reason that it gave in no known word"


def _is_thought(delta: Chunk) -> bool:
    extra: Any = delta.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    return isinstance(google, dict) and google.get("thought") is True
