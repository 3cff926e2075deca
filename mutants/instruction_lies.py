"""Ways to lose or to double what goes to the model with every call, and what a message carried besides its words."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

from .model_lies import messages, turn_start
from .mutant import Event

Rows = list[dict[str, Any]]
Change = Callable[[Event], Event]


def with_rows(how: Callable[[Rows], Rows]) -> Change:
    """Change the messages of a request."""
    return lambda body: {**body, "messages": how(copy.deepcopy(messages(body)))}


def _systems(rows: Rows) -> Rows:
    return [m for m in rows if m.get("role") == "system"]


def _spoken(rows: Rows) -> Rows:
    return [m for m in rows if m.get("role") != "system"]


def is_later(rows: Rows) -> bool:
    """Whether the model has answered before the current turn."""
    start = turn_start({"messages": rows})
    return any(m.get("role") == "assistant" for m in rows[:start])


def after_tool(rows: Rows) -> bool:
    """Whether a tool's result is the newest."""
    return bool(rows) and rows[-1].get("role") == "tool"


def with_picture(rows: Rows) -> bool:
    """Whether the current message carries a picture."""
    start = turn_start({"messages": rows})
    return any("image_url" in part for part in _parts(rows[start])) if rows else False


def on_retry() -> Callable[[Rows], bool]:
    """Whether the same current message was sent before, without a tool's result in between."""
    asked: set[str] = set()

    def again(rows: Rows) -> bool:
        if not rows or rows[-1].get("role") != "user":
            return False
        text = json.dumps(rows[-1])
        known = text in asked
        asked.add(text)
        return known

    return again


def no_instructions(when: Callable[[Rows], bool]) -> Change:
    """Leave the instructions out."""
    return with_rows(lambda rows: _spoken(rows) if when(rows) else rows)


def twice(rows: Rows) -> Rows:
    """Send the instructions two times."""
    return [*_systems(rows), *rows]


def again_each_turn(rows: Rows) -> Rows:
    """Send the instructions once more before each message of the user's but the first."""
    made: Rows = []
    for m in rows:
        if m.get("role") == "user" and any(r.get("role") == "user" for r in made):
            made += _systems(rows)[:1]
        made.append(m)
    return made


def shortened_later(rows: Rows) -> Rows:
    """Send the first words of the instructions only, once the thread has a past."""
    if is_later(rows):
        for m in _systems(rows):
            m["content"] = str(m["content"])[:40]
    return rows


# What a message carries


def _parts(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message.get("content")
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _without_parts(message: dict[str, Any], gone: Callable[[dict[str, Any]], bool]) -> None:
    if isinstance(message.get("content"), list):
        kept = [part for part in message["content"] if not gone(part)]
        message["content"] = kept or "(nothing)"


def no_picture(message: dict[str, Any]) -> None:
    """Its picture is left out."""
    _without_parts(message, lambda part: "image_url" in part)


def no_file(message: dict[str, Any]) -> None:
    """Its file is left out."""
    _without_parts(message, lambda part: str(part.get("text", "")).startswith("(Attached file"))


def _without_pieces(message: dict[str, Any], like: str) -> None:
    def cut(text: str) -> str:
        return "\n\n".join(piece for piece in text.split("\n\n") if not re.match(like, piece))

    if isinstance(message.get("content"), str):
        message["content"] = cut(message["content"])
    for part in _parts(message):
        if isinstance(part.get("text"), str):
            part["text"] = cut(part["text"])


def no_quotation(message: dict[str, Any]) -> None:
    """What it quotes is left out."""
    _without_pieces(message, "The user refers to this:")


def no_tag(message: dict[str, Any]) -> None:
    """Its tags are left out, and what they stand for."""
    names = re.findall(r"@(.*?) is \{", json.dumps(message, ensure_ascii=False))
    _without_pieces(message, r"@.* is \{")
    for holder in (message, *_parts(message)):
        for key in ("content", "text"):
            for name in names if isinstance(holder.get(key), str) else ():
                holder[key] = holder[key].replace(f"@{name}", "")


def of_earlier(how: Callable[[dict[str, Any]], None]) -> Change:
    """Change the user's messages of earlier turns."""

    def change(rows: Rows) -> Rows:
        for m in rows[: turn_start({"messages": rows})]:
            if m.get("role") == "user":
                how(m)
        return rows

    return with_rows(change)


def of_current(how: Callable[[dict[str, Any]], None], when: Callable[[Rows], bool]) -> Change:
    """Change the message of the current turn."""

    def change(rows: Rows) -> Rows:
        if rows and when(rows):
            how(rows[turn_start({"messages": rows})])
        return rows

    return with_rows(change)
