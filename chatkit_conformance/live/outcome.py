"""Whether what was asked for has come: read from the answer, and from what the tools told the model. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..cassette.tape import TapedCall
from ..target.tools import declared_tools, map_roles
from ..transcript import Reply
from .steps import LiveStep


def missing(wanted: LiveStep, reply: Reply, made: Sequence[TapedCall]) -> str:
    """What has not come of a step, or ""."""
    if not reply.accepted or not reply.streamed:
        return f"the server answered {reply.status or reply.trouble}"
    if reply.errors:
        return f"the turn ended in an error: {(reply.errors[0].data or {}).get('message')}"
    if wanted.answer and wanted.answer not in _shown(reply).casefold():
        return f"the answer does not contain {wanted.answer!r}"
    if not wanted.role:
        return "" if _shown(reply) else "there was no answer"
    bodies = [body for call in made if isinstance(body := _json(call.body), dict)]
    tools = map_roles(declared_tools(t["function"] for body in bodies[:1] for t in body.get("tools", ())), {})
    name = tools[wanted.role].name if wanted.role in tools else ""
    results = list(_results(bodies[-1] if bodies else {}, name))
    if not results:
        return f"the model did not call {name or 'a tool for ' + wanted.role}"
    return f"{name} failed: {results[-1][:120]}" if '"error"' in results[-1] else ""


def _results(body: Mapping[str, Any], name: str) -> Iterable[str]:
    """What the tool of that name told the model in the last turn that a request shows."""
    messages = body.get("messages", ())
    start = max((n for n, m in enumerate(messages) if m.get("role") == "user"), default=-1)
    named = {c["id"]: c["function"]["name"] for m in messages[start + 1 :] for c in m.get("tool_calls") or ()}
    return (str(m.get("content")) for m in messages[start + 1 :] if named.get(m.get("tool_call_id")) == name)


def _shown(reply: Reply) -> str:
    parts = [part for e in reply.items_done("assistant_message") for part in e.item.get("content", ())]
    return "".join(str(part.get("text", "")) for part in parts)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
