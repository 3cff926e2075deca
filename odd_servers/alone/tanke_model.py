"""Gemini over chat/completions, asked to think aloud: thoughts, words and calls as they come."""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from collections.abc import AsyncGenerator
from typing import Any

import httpx

JSON = Any
BUSY = (429, 500, 502, 503, 504)


class ModelFailed(Exception):
    """The model gave no answer. `retry`: whether another try may help."""

    def __init__(self, words: str, *, retry: bool) -> None:
        super().__init__(words)
        self.retry = retry


async def lines(said: httpx.Response) -> AsyncGenerator[str, None]:
    """The lines of a stream. Only LF ends one: U+2028, where httpx ends one too, may stand in a text."""
    held = b""
    async for piece in said.aiter_bytes():
        *whole, held = (held + piece).split(b"\n")
        for line in whole:
            yield line.decode().rstrip("\r")
    yield held.decode()


class Asker:
    """One round: `async for kind, text in asker.ask(...)`, then `calls`, `text` and `short`."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.calls: list[JSON] = []
        self.text = ""
        self.short = False

    async def ask(self, messages: list[JSON], tools: list[JSON]) -> AsyncGenerator[tuple[str, str], None]:
        """("thought" | "word" | "call", text) as they come."""
        url = os.environ["GEMINI_BASE_URL"].rstrip("/") + "/chat/completions"
        body = {
            "model": os.environ.get("GEMINI_MODEL", "gemini-3.8-flash"),
            "messages": messages,
            "tools": tools,
            "stream": True,
            "extra_body": {"google": {"thinking_config": {"include_thoughts": True}}},
        }
        head = {"authorization": f"Bearer {os.environ['GEMINI_API_KEY']}"}
        ended = ""
        try:
            for n in range(3):
                async with self.client.stream("POST", url, json=body, headers=head) as said:
                    if said.status_code in BUSY and n < 2:
                        await asyncio.sleep(0.2 * 2**n)
                        continue
                    if said.status_code != 200:
                        raise ModelFailed(f"Modellen svarade {said.status_code}.", retry=said.status_code in BUSY)
                    async for line in lines(said):
                        if not line or line.startswith(":"):
                            continue
                        if not line.startswith("data:"):
                            raise ModelFailed("Modellens svar gick inte att läsa.", retry=True)
                        if (data := line[5:].strip()) == "[DONE]":
                            break
                        chunk = json.loads(data)
                        for choice in chunk["choices"]:
                            ended = choice.get("finish_reason") or ended
                            for piece in self._take(choice.get("delta") or {}):
                                yield piece
                break
        except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as why:
            raise ModelFailed("Förbindelsen till modellen bröts.", retry=True) from why
        self.short = ended == "length"
        if ended not in ("stop", "tool_calls", "length") or not (self.text or self.calls):
            raise ModelFailed("Modellen gav inget svar.", retry=True)

    def _take(self, delta: JSON) -> list[tuple[str, str]]:
        words = delta.get("content") or ""
        thinks = ((delta.get("extra_content") or {}).get("google") or {}).get("thought")
        found = []
        if thinks:
            found.append(("thought", words.removeprefix("<thought>")))
        elif words:
            words = words.removeprefix("</thought>") if not self.text else words
            self.text += words
            found.append(("word", words))
        for call in delta.get("tool_calls") or ():
            made: dict[str, JSON] = {
                "id": call.get("id") or f"anrop_{uuid.uuid4().hex}",
                "type": "function",
                "function": {"name": call["function"]["name"], "arguments": call["function"].get("arguments") or "{}"},
            }
            if not isinstance(made["function"]["arguments"], str):
                raise TypeError("arguments are no text")
            if call.get("extra_content"):
                made["extra_content"] = call["extra_content"]
            self.calls.append(made)
            found.append(("call", made["function"]["name"]))
        return [piece for piece in found if piece[1]]
