"""Ways in which tools and their calls go wrong."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

from reference_server.gemini_compat.tool_calls import ToolCalls

from .inside import Invoke, around
from .model_lies import messages
from .mutant import Event


def crash_when(wrong: Callable[[str], bool]) -> Callable[[Invoke], Invoke]:
    """Raise for the arguments for which `wrong` holds."""

    def how(real: Invoke) -> Invoke:
        async def instead(context: Any, arguments: str) -> Any:
            if wrong(arguments):
                raise RuntimeError("this mutant's tool fails here")
            return await real(context, arguments)

        return instead

    return how


def not_json(arguments: str) -> bool:
    """Whether arguments are cut off."""
    try:
        json.loads(arguments or "{}")
    except ValueError:
        return True
    return False


def changed(how: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Invoke], Invoke]:
    """Let a tool see other arguments than the model gave."""

    def wrap(real: Invoke) -> Invoke:
        async def instead(context: Any, arguments: str) -> Any:
            return await real(context, arguments if not_json(arguments) else json.dumps(how(json.loads(arguments))))

        return instead

    return wrap


def in_ascii(arguments: dict[str, Any]) -> dict[str, Any]:
    """Letters that are not English become question marks."""
    return {k: v.encode("ascii", "replace").decode() if isinstance(v, str) else v for k, v in arguments.items()}


def confirmed_by_default(arguments: dict[str, Any]) -> dict[str, Any]:
    """A missing confirmation is a yes."""
    return {"confirm": True, **arguments}


def twice(real: Invoke) -> Invoke:
    """Run each call two times."""

    async def instead(context: Any, arguments: str) -> Any:
        await real(context, arguments)
        return await real(context, arguments)

    return instead


def three_calls_only(chunk: Event, scratch: dict[str, Any]) -> Event | None:
    """Of many calls in one answer three are heard."""
    for choice in chunk.get("choices", ()):
        delta = choice.get("delta", {})
        if rows := delta.get("tool_calls"):
            room = 3 - scratch.get("heard", 0)
            scratch["heard"] = scratch.get("heard", 0) + len(rows)
            delta["tool_calls"] = rows[: max(room, 0)]
            if not delta["tool_calls"]:
                del delta["tool_calls"]
    return chunk


def equal_calls_once(chunk: Event, scratch: dict[str, Any]) -> Event | None:
    """Of two equal calls in one answer one is heard."""
    for choice in chunk.get("choices", ()):
        delta = choice.get("delta", {})
        if rows := delta.get("tool_calls"):
            seen: set[str] = scratch.setdefault("seen", set())
            fresh = [row for row in rows if json.dumps(row["function"]) not in seen]
            seen |= {json.dumps(row["function"]) for row in rows}
            delta["tool_calls"] = fresh
            if not fresh:
                del delta["tool_calls"]
    return chunk


def other_arguments(body: Event) -> Event:
    """Send calls back with an argument that the model never gave."""
    rows = [dict(m) for m in messages(body)]
    for m in rows:
        if m.get("tool_calls"):
            m["tool_calls"] = [
                {**c, "function": {**c["function"], "arguments": json.dumps({"source": "chat"})}}
                for c in m["tool_calls"]
            ]
    return {**body, "messages": rows}


def empty_ids_back(body: Event) -> Event:
    """Send ids that the server made up back as empty ones."""
    rows = [dict(m) for m in messages(body)]
    for m in rows:
        if str(m.get("tool_call_id", "")).startswith("call_"):
            m["tool_call_id"] = ""
        if m.get("tool_calls"):
            m["tool_calls"] = [{**c, "id": "" if c["id"].startswith("call_") else c["id"]} for c in m["tool_calls"]]
    return {**body, "messages": rows}


def _unmended(real: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(real)
    def instead(self: ToolCalls, call: dict[str, Any], name: str, arguments: str, wire_id: str) -> Any:
        made = real(self, call, name, arguments, wire_id)
        made.id = wire_id
        return made

    return instead


keep_empty_ids = around(ToolCalls, "_new", _unmended)
