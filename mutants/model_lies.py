"""Ways to break what passes between the server and its model."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import re
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from .mutant import Event


def messages(body: Event) -> list[dict[str, Any]]:
    """The messages of a request to the model."""
    value = body.get("messages")
    return value if isinstance(value, list) else []


def turn_start(body: Event) -> int:
    """The index of the last message by the user."""
    return max((n for n, m in enumerate(messages(body)) if m.get("role") == "user"), default=0)


def other_model(body: Event) -> Event:
    """Ask for a model of somebody else."""
    return {**body, "model": "gpt-4o-mini"}


def no_history(body: Event) -> Event:
    """Send the system text and the current turn only."""
    system = [m for m in messages(body) if m.get("role") == "system"]
    return {**body, "messages": [*system, *messages(body)[turn_start(body) :]]}


def short_history(body: Event) -> Event:
    """Send the system text, two messages of history and the current turn."""
    rows, start = messages(body), turn_start(body)
    system = [m for m in rows if m.get("role") == "system"]
    history = [m for m in rows[:start] if m.get("role") != "system"]
    return {**body, "messages": [*system, *history[-2:], *rows[start:]]}


def answers_as_user(body: Event) -> Event:
    """Send the model's own earlier answers as if the user had said them."""
    rows, start = messages(body), turn_start(body)
    changed = [
        {"role": "user", "content": m.get("content")} if m.get("role") == "assistant" and not m.get("tool_calls") else m
        for m in rows[:start]
    ]
    return {**body, "messages": [*changed, *rows[start:]]}


def doubled_message(body: Event) -> Event:
    """Send the user's message two times."""
    rows, start = messages(body), turn_start(body)
    return {**body, "messages": [*rows[:start], rows[start], *rows[start:]]}


def empty_results(body: Event) -> Event:
    """Tell the model "ok" in place of what a tool returned."""
    return {**body, "messages": [{**m, "content": "ok"} if m.get("role") == "tool" else m for m in messages(body)]}


def unpaired_results(body: Event) -> Event:
    """Answer each call under another call's id."""
    rows = [
        {**m, "tool_call_id": f"{m.get('tool_call_id')}x"} if m.get("role") == "tool" else m for m in messages(body)
    ]
    return {**body, "messages": rows}


def no_signatures(body: Event) -> Event:
    """Leave the thought signatures out of the calls."""
    rows = [
        {**m, "tool_calls": [{k: v for k, v in c.items() if k != "extra_content"} for c in m["tool_calls"]]}
        if m.get("tool_calls")
        else m
        for m in messages(body)
    ]
    return {**body, "messages": rows}


def unknown_field(body: Event) -> Event:
    """Send a field that Gemini refuses."""
    return {**body, "store": True}


def no_usage(body: Event) -> Event:
    """Do not ask for the tokens that were used."""
    return {k: v for k, v in body.items() if k != "stream_options"}


def fewer_tools(body: Event) -> Event:
    """Declare all tools but the last."""
    return {**body, "tools": body["tools"][:-1]} if body.get("tools") else body


def swapped_results(body: Event) -> Event:
    """Give the results of calls made at once back under each other's ids."""
    rows = [dict(m) for m in messages(body)]
    for one, next_one in itertools.pairwise(rows):
        if one.get("role") == next_one.get("role") == "tool":
            one["content"], next_one["content"] = next_one["content"], one["content"]
    return {**body, "messages": rows}


def reversed_history(body: Event) -> Event:
    """Send the history with its newest message first."""
    rows, start = messages(body), turn_start(body)
    system = [m for m in rows[:start] if m.get("role") == "system"]
    history = [m for m in rows[:start] if m.get("role") != "system"]
    return {**body, "messages": [*system, *history[::-1], *rows[start:]]}


def leaky() -> Callable[[Event], Event]:
    """A change that shows every request the last things that anybody said."""
    said: deque[str] = deque(maxlen=40)

    def change(body: Event) -> Event:
        rows = messages(body)
        text = json.dumps(rows[turn_start(body)].get("content", "")) if rows else ""
        others = "\n".join(said)
        said.append(text)
        return {**body, "messages": [{"role": "system", "content": f"Lately you were told: {others}"}, *rows]}

    return change


async def slowly() -> None:
    """Take two and a half seconds before the model is asked."""
    await asyncio.sleep(2.5)


def first_call_only(chunk: Event, scratch: dict[str, Any]) -> Event:
    """Let only the first tool call of an answer through."""
    for choice in chunk.get("choices", ()):
        calls = choice.get("delta", {}).get("tool_calls")
        if calls:
            choice["delta"]["tool_calls"] = [] if scratch.get("called") else calls[:1]
            scratch["called"] = True
            if not choice["delta"]["tool_calls"]:
                del choice["delta"]["tool_calls"]
    return chunk


def glued_calls(chunk: Event, scratch: dict[str, Any]) -> Event | None:
    """Glue the calls of an answer into one, as a client does that goes by an index which is not there.

    The last id wins, the arguments stand one after the other. Calls are held until the chunk that has none.
    """
    held: list[dict[str, Any]] = scratch.setdefault("held", [])
    choices = chunk.get("choices") or [{}]
    delta = choices[0].get("delta", {})
    if calls := delta.pop("tool_calls", None):
        held.extend(calls)
        if not choices[0].get("finish_reason"):
            return None
    if held:
        text = "".join(c["function"]["arguments"] for c in held)
        one = {**held[0], "id": held[-1]["id"], "function": {**held[0]["function"], "arguments": text}}
        delta["tool_calls"] = [one]
        held.clear()
    return chunk


_TAG = re.compile(r"</?thought>")


def bare_thoughts(chunk: Event, scratch: dict[str, Any]) -> Event:
    """Take the marks off the model's thoughts, so that they read as its answer."""
    for choice in chunk.get("choices", ()):
        delta = choice.get("delta", {})
        if isinstance(delta.get("content"), str):
            delta["content"] = _TAG.sub("", delta["content"])
        google = delta.get("extra_content", {}).get("google", {})
        google.pop("thought", None)
    return chunk


async def trace_to_openai() -> None:
    """Report to OpenAI, through the proxy that the environment names, as tracing does when it finds a key."""
    proxy = urlsplit(os.environ.get("HTTPS_PROXY", ""))
    if not proxy.hostname or not proxy.port:
        return
    with contextlib.suppress(OSError, TimeoutError):
        reader, writer = await asyncio.wait_for(asyncio.open_connection(proxy.hostname, proxy.port), 2)
        writer.write(b"CONNECT api.openai.com:443 HTTP/1.1\r\nHost: api.openai.com:443\r\n\r\n")
        await asyncio.wait_for(reader.read(1024), 2)
        writer.close()
