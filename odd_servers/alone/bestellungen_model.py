"""The order desk's model: asked once for JSON, by a router and by a critic, or for an answer as it comes."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx

JSON = Any
http = httpx.AsyncClient(timeout=httpx.Timeout(15, connect=3), trust_env=False)


class Broken(Exception):
    def __init__(self, retry: bool) -> None:
        super().__init__("broken")
        self.retry = retry


def _post(body: JSON) -> AbstractAsyncContextManager[httpx.Response]:
    url = os.environ["GEMINI_BASE_URL"].rstrip("/") + "/chat/completions"
    headers = {"authorization": f"Bearer {os.environ['GEMINI_API_KEY']}"}
    return http.stream("POST", url, json={"model": os.environ["GEMINI_MODEL"], **body}, headers=headers)


async def once(rules: str, text: str, name: str, schema: JSON) -> str:
    body = {
        "messages": [{"role": "system", "content": rules}, {"role": "user", "content": text}],
        "response_format": {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": True}},
    }
    async with _post(body) as answer:
        if answer.status_code != 200:
            raise Broken(True)
        return str(json.loads(await answer.aread())["choices"][0]["message"]["content"])


async def ask(messages: list[JSON], tools: list[JSON], told: JSON) -> AsyncGenerator[str, None]:
    body = {
        "messages": messages,
        "tools": tools,
        "tool_choice": "auto",
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    async with _post(body) as answer:
        if answer.status_code != 200:
            raise Broken(answer.status_code in (429, 500, 502, 503, 504))
        finished = ""
        async for line in lines(answer):
            if not line.strip() or line.startswith(":"):
                continue
            if not line.startswith("data:"):
                raise Broken(True)
            if (data := line[5:].strip()) == "[DONE]":
                break
            chunk = json.loads(data)
            if "error" in chunk:
                raise Broken(True)
            for choice in chunk.get("choices") or []:
                finished = choice.get("finish_reason") or finished
                delta = choice.get("delta") or {}
                if text := delta.get("content"):
                    if not isinstance(text, str):
                        raise Broken(True)
                    told["text"] += text
                    yield text
                for part in delta.get("tool_calls") or []:
                    grow(told["calls"], part)
        if finished not in ("stop", "tool_calls", "length"):
            raise Broken(finished == "")
        told["cut"] = finished == "length"


async def lines(answer: httpx.Response) -> AsyncIterator[str]:
    """By line feeds alone: aiter_lines also cuts at U+2028, which JSON may hold."""
    rest = b""
    async for part in answer.aiter_bytes():
        *whole, rest = (rest + part).split(b"\n")
        for line in whole:
            yield line.decode().rstrip("\r")
    yield rest.decode()


def grow(calls: list[JSON], part: JSON) -> None:
    function = part.get("function") or {}
    last = calls[-1] if calls else None
    same = last is not None and not function.get("name") and (not part.get("id") or part["id"] == last["id"])
    if last is None or not same:
        last = {
            "id": part.get("id") or f"ruf_{uuid.uuid4().hex}",
            "type": "function",
            "function": {"name": "", "arguments": ""},
        }
        calls.append(last)
    last["function"]["name"] += function.get("name") or ""
    last["function"]["arguments"] += function.get("arguments") or ""
    if "extra_content" in part:
        last["extra_content"] = part["extra_content"]
