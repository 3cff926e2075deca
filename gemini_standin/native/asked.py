"""A request of Gemini's own API as the chat completion that asks for the same.

Source of the names: ai.google.dev/api/generate-content and ai.google.dev/api/caching (Content, Part, Tool).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .said import arguments_text

JSON = Any

_SETTINGS = {
    "temperature": "temperature",
    "topP": "top_p",
    "maxOutputTokens": "max_tokens",
    "stopSequences": "stop",
    "candidateCount": "n",
    "seed": "seed",
    "presencePenalty": "presence_penalty",
    "frequencyPenalty": "frequency_penalty",
}
"""generationConfig's keys, and what a chat completion calls them."""

_CHOICES = {"AUTO": "auto", "ANY": "required", "NONE": "none", "VALIDATED": "auto"}


def chat_completion(body: Mapping[str, JSON], model: str, *, streaming: bool) -> dict[str, JSON]:
    """The chat completion that asks for what a generateContent request asks for.

    Args:
        body: the request; both spellings of its keys are read (systemInstruction, system_instruction).
        model: from the path. streaming: whether the path asks for a stream.
    """
    asked = _camel(body)
    made: dict[str, JSON] = {"model": model, "messages": [*_system(asked), *_messages(asked.get("contents"))]}
    if streaming:
        made |= {"stream": True, "stream_options": {"include_usage": True}}
    if tools := _tools(asked.get("tools")):
        made["tools"] = tools
    made |= _tool_choice(asked.get("toolConfig"))
    config = asked.get("generationConfig")
    if isinstance(config, dict):
        made |= {ours: config[theirs] for theirs, ours in _SETTINGS.items() if config.get(theirs) is not None}
        made |= _format(config)
    return made


def _camel(body: Mapping[str, JSON]) -> dict[str, JSON]:
    """The outermost keys and those of the configurations, in the spelling of the documentation."""
    nested = ("generationConfig", "toolConfig")
    made = {_key(key): value for key, value in body.items()}
    for name in nested:
        if isinstance(made.get(name), dict):
            made[name] = {_key(key): value for key, value in made[name].items()}
    return made


def _key(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def _system(asked: Mapping[str, JSON]) -> Iterator[dict[str, JSON]]:
    text = "".join(_texts(asked.get("systemInstruction")))
    if text:
        yield {"role": "system", "content": text}


def _texts(content: JSON) -> Iterator[str]:
    for part in _parts(content):
        if isinstance(part.get("text"), str) and not part.get("thought"):
            yield part["text"]


def _parts(content: JSON) -> list[dict[str, JSON]]:
    if isinstance(content, str):
        return [{"text": content}]
    parts = content.get("parts") if isinstance(content, dict) else None
    rows = parts if isinstance(parts, list) else [parts]
    return [{_key(key): value for key, value in part.items()} for part in rows if isinstance(part, dict)]


def _messages(contents: JSON) -> Iterator[dict[str, JSON]]:
    """The conversation. Calls without an id get one, and a result without one goes to the first call of its name."""
    open_calls: list[tuple[str, str]] = []
    for n, content in enumerate(contents if isinstance(contents, list) else [contents]):
        parts = _parts(content)
        role = content.get("role") if isinstance(content, dict) else "user"
        if role == "model":
            message = _of_model(content, parts, n)
            open_calls += [(call["function"]["name"], call["id"]) for call in message.get("tool_calls", ())]
            yield message
            continue
        for part in parts:
            if isinstance(answer := part.get("functionResponse"), dict):
                yield _result(answer, open_calls)
        if user := [shown for part in parts if (shown := _shown(part))]:
            only_text = all(one["type"] == "text" for one in user)
            yield {"role": "user", "content": "".join(one["text"] for one in user) if only_text else user}


def _of_model(content: JSON, parts: Sequence[Mapping[str, JSON]], n: int) -> dict[str, JSON]:
    message: dict[str, JSON] = {"role": "assistant", "content": "".join(_texts(content)) or None}
    calls = []
    for k, part in enumerate(parts):
        if not isinstance(call := part.get("functionCall"), dict):
            continue
        made: dict[str, JSON] = {
            "id": str(call.get("id") or f"native-{n}-{k}"),
            "type": "function",
            "function": {"name": str(call.get("name", "")), "arguments": arguments_text(call.get("args"))},
        }
        if signature := part.get("thoughtSignature"):
            made["extra_content"] = {"google": {"thought_signature": signature}}
        calls.append(made)
    return {**message, "tool_calls": calls} if calls else message


def _result(answer: Mapping[str, JSON], open_calls: list[tuple[str, str]]) -> dict[str, JSON]:
    name, id = str(answer.get("name", "")), str(answer.get("id") or "")
    place = next((n for n, call in enumerate(open_calls) if call[1] == id or (not id and call[0] == name)), None)
    if place is not None:
        id = open_calls.pop(place)[1]
    value = answer.get("response")
    if isinstance(value, dict) and len(value) == 1 and isinstance(only := next(iter(value.values())), str):
        value = only  # {"result": "..."}: how the libraries wrap a text
    return {"role": "tool", "tool_call_id": id, "content": value if isinstance(value, str) else json.dumps(value)}


def _shown(part: Mapping[str, JSON]) -> dict[str, JSON] | None:
    if isinstance(part.get("text"), str):
        return {"type": "text", "text": part["text"]}
    data = part.get("inlineData")
    if isinstance(data, dict):
        data = {_key(key): value for key, value in data.items()}
        url = f"data:{data.get('mimeType', '')};base64,{data.get('data', '')}"
        return {"type": "image_url", "image_url": {"url": url}}
    file = part.get("fileData")
    if isinstance(file, dict):
        return {"type": "image_url", "image_url": {"url": str({_key(k): v for k, v in file.items()}.get("fileUri"))}}
    return None


def _tools(tools: JSON) -> list[dict[str, JSON]]:
    made = []
    for tool in tools if isinstance(tools, list) else ():
        declared = {_key(key): value for key, value in tool.items()} if isinstance(tool, dict) else {}
        for function in declared.get("functionDeclarations") or ():
            one = {_key(key): value for key, value in function.items()}
            parameters = one.get("parametersJsonSchema") or _schema(one.get("parameters"))
            shown = {"name": one.get("name", ""), "description": one.get("description", "")}
            made.append(
                {"type": "function", "function": {**shown, **({"parameters": parameters} if parameters else {})}}
            )
    return made


def _schema(schema: JSON) -> JSON:
    """JSON Schema from Gemini's own: its types are in capitals, and what may be null says `nullable`."""
    if isinstance(schema, list):
        return [_schema(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _schema(value) if key not in ("enum", "required") else value for key, value in schema.items()}
    if isinstance(made.get("type"), str):
        made["type"] = made["type"].lower()
    if made.pop("nullable", False) is True:
        made["type"] = [made.get("type", "string"), "null"]
    return made


def _tool_choice(config: JSON) -> dict[str, JSON]:
    calling = config.get("functionCallingConfig") if isinstance(config, dict) else None
    if not isinstance(calling, dict):
        return {}
    calling = {_key(key): value for key, value in calling.items()}
    names = calling.get("allowedFunctionNames")
    if isinstance(names, list) and len(names) == 1:
        return {"tool_choice": {"type": "function", "function": {"name": names[0]}}}
    mode = _CHOICES.get(str(calling.get("mode", "")).upper())
    return {"tool_choice": mode} if mode else {}


def _format(config: Mapping[str, JSON]) -> dict[str, JSON]:
    if config.get("responseMimeType") != "application/json":
        return {}
    schema = config.get("responseJsonSchema") or _schema(config.get("responseSchema"))
    if not schema:
        return {"response_format": {"type": "json_object"}}
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}}
