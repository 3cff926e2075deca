"""A desk: one tab of one user, with its connection. It holds turns, reloads threads, and writes a row of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chatkit_conformance.load_analysis.kinds import Kind

from .breath import breathe
from .state import State
from .turn import Shown, StreamReading, read_turn, shown
from .wire import Connection, Received

PAGES = 20
PAGE_ITEMS = 100
"""A reload follows at most so many pages of so many items."""

NONCES = 36**8
CHARS_PER_TOKEN = 4
UNSAID_TOKENS = 1_500
"""Instructions and tool schemas that each request carries besides the conversation: an estimate, for budgets."""


@dataclass(slots=True)
class Conversation:
    """A thread as the person sees it."""

    thread_id: str = ""
    turns: int = 0
    chars: int = 0
    screen: list[Shown] = field(default_factory=list)


class BrowserTab:
    """One tab.

    Args:
        state: the worker's. headers: the user's credentials. person: whose desk, for the rows.
    """

    def __init__(self, state: State, headers: Mapping[str, str], person: str) -> None:
        self.state = state
        self.person = person
        self._connection = Connection(state.plan.url, headers, state.plan.ca_file)
        self._stamped = bool(state.plan.ruler_url) and state.plan.url.startswith(state.plan.ruler_url)

    def close(self) -> None:
        """Leave it."""
        self._connection.close()

    def turn(self, kind: Kind, talk: Conversation, intended_at: float, leave_after: int = 0) -> bool:
        """Hold one turn, reload the thread after it, write the row. Whether the turn went well."""
        self.state.busy += 1
        try:
            return self._turn(kind, talk, intended_at, leave_after)
        finally:
            self.state.busy -= 1

    def _turn(self, kind: Kind, talk: Conversation, intended_at: float, leave_after: int) -> bool:
        state = self.state
        state.started += 1
        stage = state.stage
        nonce = kind.nonce(state.random.randrange(NONCES))
        body = _message(f"{kind.said} (ref {nonce})", talk.thread_id)
        new = not talk.thread_id
        # What is sent counts before it is sent, so that a budget of tokens is not passed by all who are under way.
        state.tokens += (UNSAID_TOKENS + talk.chars // CHARS_PER_TOKEN) * (1 + len(kind.roles))
        try:
            got = self._connection.post(body, state.plan.turn_deadline_s, leave_after)
        finally:
            state.ended += 1
        with state.thinking:
            breathe()
            seen = read_turn(got, keep_deltas=self._stamped)
        talk.thread_id = talk.thread_id or seen.thread_id
        talk.turns += 1
        talk.chars += len(kind.said) + len(seen.answer)
        talk.screen += seen.items.values()
        state.tokens += len(seen.answer) // CHARS_PER_TOKEN
        cause = self._cause(got, seen, kind, new)
        row = {
            "row": "turn",
            "kind": kind.name,
            "person": self.person,
            "nonce": nonce,
            "stage": stage,
            "new": new,
            "intended_at": intended_at,
            "sent_at": got.sent_at,
            "headers_at": got.headers_at,
            "thread_created_at": seen.thread_created_at,
            "first_event_at": seen.first_event_at,
            "first_token_at": seen.first_token_at,
            "tool_visible_at": seen.tool_visible_at,
            "largest_gap_s": seen.largest_gap_s,
            "deltas": seen.deltas,
            "chars": len(seen.answer),
            "done_at": got.ended_at,
            "status": got.status,
            "left": got.ended == "left",
            "cause": cause,
            "trouble": got.trouble,
            "persisted": None,
            "persisted_why": "",
            "reload_s": None,
        }
        if self._stamped:
            row["own_error_s"] = [at - float(text) for at, text in seen.stamped]
        if not cause and got.ended == "closed" and state.random.random() < state.plan.reload:
            row["persisted"], row["persisted_why"], row["reload_s"] = self._compare(talk, seen)
        state.writer.add(row)
        if cause or got.ended == "left":
            talk.thread_id = ""
        return not cause

    def read(self, what: str, request: Mapping[str, Any]) -> Any:
        """One request that is answered by JSON, with a row of its own; the value, or None where it failed."""
        got = self._connection.post(json.dumps(request).encode(), self.state.plan.turn_deadline_s)
        try:
            value = json.loads(got.body) if got.ended == "closed" and got.status == 200 else None
        except ValueError:
            value = None
        self.state.writer.add(
            {
                "row": "read",
                "what": what,
                "person": self.person,
                "sent_at": got.sent_at,
                "done_at": got.ended_at,
                "status": got.status,
                "cause": "" if value is not None else _broken(got) or "no JSON",
            }
        )
        return value

    def reload(self, thread_id: str) -> list[Any] | None:
        """The thread's items as a reload shows them, all pages; None where that failed."""
        value = self.read("threads.get_by_id", {"type": "threads.get_by_id", "params": {"thread_id": thread_id}})
        page = value.get("items") if isinstance(value, dict) else None
        items: list[Any] = []
        for _ in range(PAGES):
            if not isinstance(page, dict) or not isinstance(page.get("data"), list):
                return None
            items += page["data"]
            if not page.get("has_more"):
                return items
            params = {"thread_id": thread_id, "after": page.get("after"), "order": "asc", "limit": PAGE_ITEMS}
            page = self.read("items.list", {"type": "items.list", "params": params})
        return items

    def _compare(self, talk: Conversation, seen: StreamReading) -> tuple[bool, str, float | None]:
        """Whether a reload shows the screen as it stands, and where not, what differs; seconds of the reload."""
        before = self.state.elapsed_s
        items = self.reload(talk.thread_id)
        took = self.state.elapsed_s - before
        if items is None:
            return False, "the thread could not be reloaded", None
        if not seen.faithful:
            return False, "the finished answer is not the text that was streamed", took
        after = [shown(item) for item in items if isinstance(item, dict)]
        if after == talk.screen:
            return True, "", took
        kept = {item for item in talk.screen if item in after}
        lost = len(talk.screen) - len(kept)
        more = len(after) - len(talk.screen)
        why = (
            f"{lost} of {len(talk.screen)} items gone or changed" if lost else f"{more} more items" if more else "order"
        )
        return False, why, took

    def _cause(self, got: Received, seen: StreamReading, kind: Kind, new: bool) -> str:
        """Why the turn failed, as a word or two that many turns can share; "" where it went well."""
        broken = _broken(got)
        if broken:
            return broken
        if seen.error:
            return f"error event: {seen.error}"
        if got.ended == "left":
            return ""
        if new and seen.thread_created_at is None:
            return "no thread.created"
        if seen.first_token_at is None:
            return "no text"
        wanted = self.state.plan.answer_chars
        if wanted and len(seen.answer) != wanted:
            return "answer incomplete"
        return ""


def _broken(got: Received) -> str:
    if got.ended in ("refused", "deadline"):
        return {"refused": "no answer", "deadline": "deadline"}[got.ended]
    if got.status != 200:
        return f"http {got.status}"
    return "stream cut" if got.ended == "cut" else ""


def _message(text: str, thread_id: str) -> bytes:
    said = {
        "content": [{"type": "input_text", "text": text}],
        "attachments": [],
        "inference_options": {},
    }
    if thread_id:
        return json.dumps(
            {"type": "threads.add_user_message", "params": {"thread_id": thread_id, "input": said}}
        ).encode()
    return json.dumps({"type": "threads.create", "params": {"input": said}}).encode()
