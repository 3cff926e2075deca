"""Asks Gemini through its OpenAI face, as one who read the documentation would: no SDK."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import httpx

JSON = Any


class ModelFailed(Exception):
    """The model gave no whole answer. `retry`: whether the same request may succeed later."""

    def __init__(self, words: str, *, retry: bool = False) -> None:
        super().__init__(words)
        self.retry = retry


@dataclass(slots=True)
class Answer:
    """What has come of an answer."""

    text: str = ""
    calls: list[dict[str, JSON]] = field(default_factory=list)
    finish: str = ""

    def take(self, part: dict[str, JSON]) -> str:
        """Take a delta or a message in; returns the new text."""
        for piece in part.get("tool_calls") or ():
            self._call(piece)
        text = part.get("content")
        new = text if isinstance(text, str) else ""
        self.text += new
        return new

    def _call(self, piece: dict[str, JSON]) -> None:
        function, index = piece.get("function") or {}, piece.get("index")
        known = next((c for c in self.calls if index is not None and c["at"] == index), None)
        # Without an index, a name begins a call and arguments alone belong to the last.
        if known is None and not function.get("name") and self.calls:
            known = self.calls[-1]
        if known is not None and function.get("name") and piece.get("id") and piece["id"] != known["asked"]:
            known = None
        if known is None:
            known = {"at": index, "asked": piece.get("id"), "id": piece.get("id") or f"call_{uuid.uuid4().hex}"}
            known |= {"type": "function", "function": {"name": "", "arguments": ""}}
            self.calls.append(known)
        known["function"]["name"] = known["function"]["name"] or function.get("name") or ""
        known["function"]["arguments"] += function.get("arguments") or ""
        if "extra_content" in piece:
            known["extra_content"] = piece["extra_content"]

    def message(self) -> dict[str, JSON]:
        """As it goes back to the model."""
        calls = [{k: v for k, v in call.items() if k not in ("at", "asked")} for call in self.calls]
        return {"role": "assistant", "content": self.text or None, **({"tool_calls": calls} if calls else {})}


class Model:
    """Gemini. Settings come from the environment."""

    def __init__(self, *, streams: bool) -> None:
        self.streams = streams
        self.name = os.environ.get("GEMINI_MODEL", "gemini-3.5-flash")
        self._http = httpx.AsyncClient(
            base_url=os.environ["GEMINI_BASE_URL"],
            headers={"authorization": f"Bearer {os.environ['GEMINI_API_KEY']}"},
            timeout=httpx.Timeout(30, connect=5),
            trust_env=False,
        )

    async def ask(self, messages: list[JSON], answer: Answer, **more: JSON) -> AsyncGenerator[str, None]:
        """The text as it comes; `answer` holds all of it at the end. Raises ModelFailed."""
        body = {"model": self.name, "messages": messages, **more}
        try:
            if self.streams:
                async with self._http.stream("POST", "chat/completions", json={**body, "stream": True}) as response:
                    await _refuse(response)
                    async for data in _events(response):
                        if new := _take(answer, data, "delta"):
                            yield new
            else:
                response = await self._http.post("chat/completions", json=body)
                await _refuse(response)
                if new := _take(answer, response.text, "message"):
                    yield new
        except httpx.HTTPError as error:
            raise ModelFailed("The connection to the model broke.", retry=True) from error
        if not all(call["function"]["name"].strip() for call in answer.calls):
            raise ModelFailed("The model called a tool without a name.", retry=True)
        if answer.finish == "length" and answer.text:
            return
        if answer.finish not in ("stop", "tool_calls") or not (answer.text or answer.calls):
            raise ModelFailed("The model gave no answer.", retry=True)

    async def once(self, instructions: str, text: str, **more: JSON) -> str:
        """A short answer in one piece, beside a conversation. Raises ModelFailed."""
        answer = Answer()
        orders = [{"role": "system", "content": instructions}] if instructions else []
        messages = [*orders, {"role": "user", "content": text}]
        async for _ in self.ask(messages, answer, **more):
            pass
        return answer.text


async def _events(response: httpx.Response) -> AsyncGenerator[str, None]:
    # Lines end at line feeds only: httpx's own `aiter_lines` also breaks at U+2028, which may stand in a text.
    rest = b""
    async for piece in response.aiter_bytes():
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            try:
                data = line.decode("utf-8").strip().removeprefix("data:").strip() if line.startswith(b"data:") else ""
            except UnicodeDecodeError as error:
                raise ModelFailed("The model's answer could not be read.", retry=True) from error
            if data and data != "[DONE]":
                yield data


def _take(answer: Answer, text: str, where: str) -> str:
    try:
        chunk = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelFailed("The model's answer could not be read.", retry=True) from error
    chunk = chunk[0] if isinstance(chunk, list) and chunk else chunk
    if not isinstance(chunk, dict) or "error" in chunk:
        raise ModelFailed("The model broke off with an error.", retry=True)
    new = ""
    try:
        for choice in chunk.get("choices") or ():
            new += answer.take(choice.get(where) or {})
            answer.finish = choice.get("finish_reason") or answer.finish
    except (AttributeError, KeyError, TypeError) as error:
        raise ModelFailed("The model's answer has a shape of its own.", retry=True) from error
    return new


async def _refuse(response: httpx.Response) -> None:
    if response.status_code != 200:
        await response.aread()
        busy = response.status_code in (429, 500, 502, 503)
        raise ModelFailed("The model is busy." if busy else "The model refused the request.", retry=busy)
