"""Small clients of Gemini, as people write them: one that is sound, and some that each do one thing wrong."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator

import httpx

TOOLS = [{"type": "function", "function": {"name": "create_task", "parameters": {"type": "object", "properties": {}}}}]
QUESTION: list[dict[str, object]] = [{"role": "user", "content": "Add milk"}]
LONGEST_WAIT_S = 2.0
CLIENT = httpx.Client(trust_env=False)


class Broken(Exception):
    """The answer is not whole."""


def asked(messages: list[dict[str, object]], *, timeout_s: float = 1.0) -> httpx.Response:
    """Ask Gemini once; an answer that is cut raises."""
    url = os.environ["GEMINI_BASE_URL"] + "chat/completions"
    body = {"model": "gemini-3.8-flash", "messages": messages, "tools": TOOLS, "stream": True}
    head = {"Authorization": f"Bearer {os.environ['GEMINI_API_KEY']}"}
    return CLIENT.post(url, json=body, headers=head, timeout=timeout_s)


def chunks(text: str) -> Iterator[dict[str, object]]:
    """The chunks of a whole stream. Raises Broken where it is none."""
    lines = [line.removeprefix("data: ") for line in text.split("\n\n") if line]
    if not lines or lines[-1] != "[DONE]":
        raise Broken("it ended without [DONE]")
    for line in lines[:-1]:
        try:
            yield json.loads(line)
        except ValueError:
            raise Broken(f"a chunk is no JSON: {line[:40]}") from None


def delta(chunk: dict[str, object]) -> dict[str, object]:
    """What a chunk adds."""
    choices = chunk.get("choices")
    return choices[0].get("delta") or {} if isinstance(choices, list) and choices else {}


def sound() -> str:
    """Ask, run tools, wait as long as Gemini says, and give up on what does not pass."""
    messages: list[dict[str, object]] = list(QUESTION)
    for _ in range(8):
        answer = asked(messages)
        if answer.status_code == 429 and (told := re.search(r'retryDelay": "([\d.]+)s', answer.text)):
            time.sleep(min(float(told[1]), LONGEST_WAIT_S))
            continue
        if answer.status_code >= 400:
            return f"sorry: {answer.status_code}"
        try:
            deltas = [delta(chunk) for chunk in chunks(answer.text)]
        except Broken as why:
            return f"sorry: {why}"
        called = [call for one in deltas for call in one.get("tool_calls") or ()]  # type: ignore[attr-defined]  # JSON
        if not called:
            return "".join(str(one.get("content") or "") for one in deltas)
        messages.append({"role": "assistant", "content": None, "tool_calls": called})
        messages += [{"role": "tool", "tool_call_id": call["id"], "content": '{"id": "t1"}'} for call in called]
    return "sorry: too many rounds"


def again_and_again(times: int, pause_s: float) -> Callable[[], str]:
    """A client that asks so many times, with the same pause, whatever the error was."""

    def ask() -> str:
        for _ in range(times):
            answer = asked(list(QUESTION))
            if answer.status_code < 400:
                return answer.text
            time.sleep(pause_s)
        return "sorry"

    return ask


def patient() -> str:
    """A client without a read timeout to speak of."""
    try:
        return asked(list(QUESTION), timeout_s=20.0).text
    except httpx.HTTPError:
        return "sorry"


def trusting() -> str:
    """A client that takes whatever came for the answer."""
    url = os.environ["GEMINI_BASE_URL"] + "chat/completions"
    body = {"model": "gemini-3.8-flash", "messages": QUESTION, "tools": TOOLS, "stream": True}
    head = {"Authorization": "Bearer k"}
    words = ""
    try:
        with httpx.stream("POST", url, json=body, headers=head, trust_env=False, timeout=5.0) as answer:
            for line in answer.iter_lines():
                try:
                    words += str(delta(json.loads(line.removeprefix("data: "))).get("content") or "")
                except ValueError:
                    continue
    except httpx.HTTPError:
        pass
    return words
