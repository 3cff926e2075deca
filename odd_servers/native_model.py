"""Asks Gemini through its own API, with Google's own client, which takes its address from GOOGLE_GEMINI_BASE_URL."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import AsyncGenerator
from typing import Any

from google import genai
from google.genai import errors, types

from .model import Answer, Model, ModelFailed

JSON = Any

_FINISH = {"STOP": "stop", "MAX_TOKENS": "length"}


class NativeModel(Model):
    """Gemini, asked by generateContent. Settings come from the environment."""

    def __init__(self, *, streams: bool) -> None:
        self.streams = streams
        self.name = os.environ.get("GEMINI_MODEL", "gemini-3.5-flash")
        self._client = genai.Client(
            api_key=os.environ["GEMINI_API_KEY"], http_options=types.HttpOptions(timeout=30_000)
        )

    async def ask(self, messages: list[JSON], answer: Answer, **more: JSON) -> AsyncGenerator[str, None]:
        """The text as it comes; `answer` holds all of it at the end. Raises ModelFailed."""
        asked: dict[str, JSON] = {
            "model": self.name,
            "contents": _contents(messages),
            "config": _config(messages, more),
        }
        models = self._client.aio.models
        try:
            if self.streams:
                async for part in await models.generate_content_stream(**asked):
                    if new := _take(answer, part):
                        yield new
            elif new := _take(answer, await models.generate_content(**asked)):
                yield new
        except errors.APIError as error:
            busy = error.code in (429, 500, 502, 503)
            raise ModelFailed("The model is busy." if busy else "The model refused the request.", retry=busy) from error
        except Exception as error:  # the client raises whatever it trips over
            raise ModelFailed("The connection to the model broke.", retry=True) from error
        if answer.finish == "length" and answer.text:
            return
        if answer.finish != "stop" or not (answer.text or answer.calls):
            raise ModelFailed("The model gave no answer.", retry=True)


def _contents(messages: list[JSON]) -> list[JSON]:
    """The conversation as contents: results stand in one content of the user's, in the order of their calls."""
    made: list[JSON] = []
    names: dict[str, str] = {}
    for message in messages:
        role, content = message["role"], message.get("content")
        if role in ("system", "developer"):
            continue
        if role == "tool":
            part = {
                "function_response": {
                    "id": message["tool_call_id"],
                    "name": names.get(message["tool_call_id"], ""),
                    "response": {"result": content},
                }
            }
            if made and made[-1]["role"] == "user" and "function_response" in made[-1]["parts"][0]:
                made[-1]["parts"].append(part)
            else:
                made.append({"role": "user", "parts": [part]})
            continue
        parts: list[JSON] = [{"text": text} for text in _texts(content) if text]
        for call in message.get("tool_calls") or ():
            function = call["function"]
            names[call["id"]] = function["name"]
            asked: dict[str, JSON] = {
                "id": call["id"],
                "name": function["name"],
                "args": _object(function["arguments"]),
            }
            signed = {"thought_signature": call["signature"]} if call.get("signature") else {}
            parts.append({"function_call": asked, **signed})
        made.append({"role": "model" if role == "assistant" else "user", "parts": parts or [{"text": " "}]})
    return made


def _config(messages: list[JSON], more: dict[str, JSON]) -> JSON:
    told = "\n".join(t for m in messages if m["role"] in ("system", "developer") for t in _texts(m.get("content")))
    config: dict[str, JSON] = {"automatic_function_calling": {"disable": True}}
    if told:
        config["system_instruction"] = told
    if tools := more.get("tools"):
        declared = [
            {
                "name": tool["function"]["name"],
                "description": tool["function"].get("description", ""),
                "parameters_json_schema": tool["function"].get("parameters") or {"type": "object", "properties": {}},
            }
            for tool in tools
        ]
        config["tools"] = [{"function_declarations": declared}]
    form = more.get("response_format")
    if isinstance(form, dict):
        config["response_mime_type"] = "application/json"
        if schema := (form.get("json_schema") or {}).get("schema"):
            config["response_json_schema"] = schema
    return config


def _take(answer: Answer, said: types.GenerateContentResponse) -> str:
    new = ""
    for candidate in said.candidates or ():
        for part in (candidate.content.parts if candidate.content else None) or ():
            if part.text and not part.thought:
                new += part.text
            if part.function_call:
                call = part.function_call
                function = {"name": call.name or "", "arguments": json.dumps(call.args or {})}
                made: dict[str, JSON] = {"id": call.id or f"call_{uuid.uuid4().hex}", "type": "function"}
                answer.calls.append({**made, "function": function, "signature": part.thought_signature})
        if candidate.finish_reason:
            answer.finish = _FINISH.get(candidate.finish_reason.name, candidate.finish_reason.name)
    answer.text += new
    return new


def _texts(content: JSON) -> list[str]:
    if isinstance(content, str):
        return [content]
    return [str(part.get("text", "")) for part in content or () if isinstance(part, dict)]


def _object(text: str) -> JSON:
    try:
        return json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
