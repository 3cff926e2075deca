"""What near misses do as many servers do: another model in need, one message once, roles that take turns."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from reference_server.chat import TaskChat
from reference_server.gemini_compat.answer import Answer
from reference_server.gemini_compat.model import GeminiModel

from .inside import Method, around
from .instruction_lies import Rows
from .odd_limits import refusing

IN_NEED = "gemini-3.1-flash-lite"
"""The model that is asked where the first one failed."""

AT_ONCE_S = 10.0
"""Seconds in which the same message is taken for a second click."""

LEFT_OUT = "(left out to save room)"


def _asking_another(real: Method) -> Method:
    """Where the model failed before its first word, another one is asked."""

    async def instead(self: GeminiModel, body: bytes, answer: Answer) -> None:
        try:
            await real(self, body, answer)
        except Exception:
            if answer.begun:
                raise
            fields = json.loads(body)
            await real(self, json.dumps({**fields, "model": IN_NEED}, ensure_ascii=False).encode(), answer)

    return instead


def _twice(sent: dict[tuple[str, str], float]) -> Callable[[dict[str, Any]], tuple[int, str] | None]:
    """The same message twice in one thread, within seconds, is a second click."""

    def why(params: dict[str, Any]) -> tuple[int, str] | None:
        key, now = (str(params.get("thread_id")), json.dumps(params.get("input"))), time.monotonic()
        if now - sent.get(key, -AT_ONCE_S) < AT_ONCE_S:
            return 409, "This message was sent already."
        sent[key] = now
        return None

    return why


def in_turns(rows: Rows) -> Rows:
    """Messages of the user's that follow each other are one: some models insist that roles take turns."""
    made: Rows = []
    for row in rows:
        last = made[-1] if made else {}
        both = [row.get("content"), last.get("content")]
        if row.get("role") == last.get("role") == "user" and all(isinstance(words, str) for words in both):
            made[-1] = {**last, "content": f"{last['content']}\n\n{row['content']}"}
        else:
            made.append(row)
    return made


def old_results_left_out(rows: Rows) -> Rows:
    """What tools returned in earlier turns is not told again."""
    newest = max((n for n, row in enumerate(rows) if row.get("role") == "user"), default=0)
    return [
        {**row, "content": LEFT_OUT} if n < newest and row.get("role") == "tool" else row for n, row in enumerate(rows)
    ]


ask_another = around(GeminiModel, "_ask", _asking_another)
take_once = around(TaskChat, "process", refusing(_twice({}), of=("threads.add_user_message",)))
