"""Which step answers a request: by the nonce in it, by the tool rounds since, and by how often it was asked.

All is read from the request itself and from what came before it, so concurrent conversations and retries cannot
shift one another. A nonce is a word like zq0123456789 (zq and ten digits or small letters).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .nearest import nearest
from .step import Script, Step

NONCE = re.compile(r"\bzq[0-9a-z]{10}\b")
_TITLE = re.compile(r"\b(title|headline|summar\w*)\b", re.IGNORECASE)
_OF_A_CHAT = re.compile(r"\b(conversation|chat|thread|dialog\w*|discussion)\b", re.IGNORECASE)

SIDE_TEXT = "A short title"
"""What a side request is told where the script says nothing."""

SCRIPTS = 20_000
"""Scripts and attempt counters kept; the oldest go first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in its conversation a request stands: see `place`."""

    nonce: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What answers a request. `step` None: nothing does, and `why` says so for the answer's text."""

    place: Place
    attempt: int = 0
    side: bool = False
    step: Step | None = None
    profile: str | None = None
    why: str = ""


@dataclass(slots=True)
class Seen:
    """What a server has been seen to do, by which its side requests stand out."""

    tools: bool = False
    streams: bool = False


def messages(body: Any) -> list[dict[str, Any]]:
    """The request's messages that are objects."""
    found = body.get("messages") if isinstance(body, dict) else None
    return [m for m in found if isinstance(m, dict)] if isinstance(found, list) else []


def text_of(message: Mapping[str, Any]) -> str:
    """The message's text, its parts joined."""
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return "\n".join(p["text"] for p in parts if isinstance(p, dict) and isinstance(p.get("text"), str))


def tool_names(body: Any) -> tuple[str, ...]:
    """The names of the tools that the request declares."""
    tools = body.get("tools") if isinstance(body, dict) else None
    functions = [t.get("function") for t in tools if isinstance(t, dict)] if isinstance(tools, list) else []
    return tuple(f["name"] for f in functions if isinstance(f, dict) and isinstance(f.get("name"), str))


def place(body: Any) -> Place:
    """The last nonce of the last user message that has one (else of any message), and the tool rounds after it."""
    said = messages(body)
    users = [n for n, message in enumerate(said) if message.get("role") == "user"]
    for n in (*reversed(users), *(n for n in reversed(range(len(said))) if n not in users)):
        found = NONCE.findall(text_of(said[n]))
        if found:
            return Place(nonce=found[-1], position=_rounds(said[n + 1 :]))
    return Place(nonce="", position=_rounds(said[users[-1] + 1 :] if users else said))


def _rounds(said: list[dict[str, Any]]) -> int:
    return sum(1 for m in said if m.get("role") in ("assistant", "model") and m.get("tool_calls"))


def is_side(body: Any, seen: Seen) -> bool:
    """Whether the request is one beside the conversation, such as for a title.

    It declares no tools and does not end in a tool's result, and either this server declared tools before, or it
    streamed before and does not now, or its instructions ask for a title or a summary.
    """
    said = messages(body)
    if tool_names(body) or not said or said[-1].get("role") == "tool":
        return False
    streams = body.get("stream") is True
    if seen.tools or (seen.streams and not streams):
        return True
    orders = "\n".join(text_of(m) for m in said if m.get("role") in ("system", "developer"))
    asks = bool(_TITLE.search(orders))
    return asks and (not streams or bool(_OF_A_CHAT.search(orders)))


@dataclass(slots=True)
class ScriptRegistry:
    """All scripts, how often each place was asked for, and the servers seen."""

    scripts: dict[str, Script] = field(default_factory=dict)
    default: Script | None = None
    families: dict[str, Script] = field(default_factory=dict)
    _asked: dict[str, dict[int, int]] = field(default_factory=dict)
    _seen: dict[str, Seen] = field(default_factory=dict)

    def put(self, nonce: str, script: Script) -> None:
        """Take a script; a second one for the same nonce replaces the first and starts its counts anew."""
        self._asked.pop(nonce, None)
        self.scripts.pop(nonce, None)
        self.scripts[nonce] = script
        _trim(self.scripts)

    def drop(self, nonce: str) -> bool:
        """Forget a script; whether there was one."""
        return self.scripts.pop(nonce, None) is not None

    def script(self, nonce: str) -> Script | None:
        """The script for a nonce: its own, its family's, or for "" the default."""
        if not nonce:
            return self.default
        return self.scripts.get(nonce) or next(
            (s for start, s in self.families.items() if nonce.startswith(start)), None
        )

    def match(self, body: Any, server: str) -> Match:
        """What answers this request of this server, counted as an attempt unless it is a side request."""
        where = place(body)
        seen = self._seen.setdefault(server, Seen())
        _trim(self._seen)
        side = is_side(body, seen)
        script = self.script(where.nonce)
        profile = script.profile if script else None
        if side:
            step = (script.side if script else None) or Step(text=SIDE_TEXT)
            return Match(place=where, side=True, step=step, profile=profile)
        seen.tools = seen.tools or bool(tool_names(body))
        seen.streams = seen.streams or body.get("stream") is True
        asked = self._asked.setdefault(where.nonce, {})
        attempt = asked[where.position] = asked.get(where.position, -1) + 1
        _trim(self._asked)
        if script is None or where.position >= len(script.turn):
            why = "".join(self._why(where, script))
            return Match(place=where, attempt=attempt, profile=profile, why=why)
        step = script.turn[where.position]
        if step.attempts:
            step = step.attempts[min(attempt, len(step.attempts) - 1)]
        return Match(place=where, attempt=attempt, step=step, profile=profile)

    def _why(self, where: Place, script: Script | None) -> Iterator[str]:
        if script is not None:
            yield f"The script for nonce {where.nonce} has {len(script.turn)} steps, and this request asks for step "
            yield f"{where.position} (counted from 0 by the rounds of tool calls since the user's message)."
        elif where.nonce:
            near = nearest(where.nonce, self.scripts) or next(reversed(self.scripts), None)
            yield f"No script for nonce {where.nonce}; nearest: {near or 'none, no script is registered'}. "
            yield f"Register one with PUT /_standin/scripts/{where.nonce}."
        else:
            yield "Hello from the Gemini stand-in. No nonce in this request, so no script answers it: put a word such "
            yield "as zq0123456789 into the user's message and a script at PUT /_standin/scripts/zq0123456789."


def _trim(kept: dict[Any, Any]) -> None:
    while len(kept) > SCRIPTS:
        del kept[next(iter(kept))]
