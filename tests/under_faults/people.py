"""People who talk with the server all at once, and keep what it acknowledged to them."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.reference_server.conftest import token, user_input

TURN_S = 40.0
"""Seconds after which a turn counts as hanging."""

TURNS_OF_A_THREAD = 5
USERS = 50
PAGE = 200
_NUMBERS = itertools.count()


@dataclass(slots=True, kw_only=True)
class FaultedTurn:
    """One message and what became of it.

    Args:
        began, ended: monotonic seconds. hit: whether its model call was scripted to fail.
        outcome: "answered"; "told", where an error said so; "refused", by a status; "hung"; "broken", without a word.
        why: the status, the error or the exception.
    """

    began: float
    ended: float
    hit: bool
    outcome: str
    why: str = ""

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.began


@dataclass(slots=True, kw_only=True)
class Acknowledged:
    """What a stream said is done: items by their id, for each thread of a user."""

    items: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Items in all."""
        return sum(len(items) for items in self.items.values())


class Crowd:
    """So many people, each with a stream open at any time.

    Args:
        url: the server's. families: prefixes of nonces, as often as they are wanted: the healthy one is the first.
    """

    def __init__(self, url: str, people: int, families: list[str]) -> None:
        self.url = url
        self.people = people
        self.families = families
        self.acknowledged = Acknowledged()
        self._headers = [{"Authorization": f"Bearer {token(f'user {n}')}"} for n in range(USERS)]

    async def talk(self, over: asyncio.Event) -> list[FaultedTurn]:
        """Everybody talks until it is over; the turns, once all have ended."""
        turns: list[FaultedTurn] = []
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        async with httpx.AsyncClient(timeout=TURN_S, limits=limits, trust_env=False) as http:
            await asyncio.gather(*(self._person(http, n, over, turns) for n in range(self.people)))
        return turns

    async def lost(self) -> list[str]:
        """Acknowledged items that a reload does not show as they were; empty where all are there."""
        missing: list[str] = []
        async with httpx.AsyncClient(timeout=TURN_S, trust_env=False) as http:
            for (user, thread), items in self.acknowledged.items.items():
                kept = {item["id"]: item async for item in self._items(http, user, thread)}
                missing += [f"{thread}/{id}" for id, item in items.items() if kept.get(id) != item]
        return missing

    async def _items(self, http: httpx.AsyncClient, user: str, thread: str) -> Any:
        after: str | None = None
        while True:
            params = {"thread_id": thread, "order": "asc", "limit": PAGE, "after": after}
            body = {"type": "items.list", "params": params}
            answer = await http.post(f"{self.url}/chatkit", json=body, headers=self._headers[int(user)])
            page: Any = answer.json() if answer.status_code == 200 else {"data": [], "has_more": False}
            for item in page["data"]:
                yield item
            if not page["has_more"]:
                return
            after = page["after"]

    async def _person(self, http: httpx.AsyncClient, n: int, over: asyncio.Event, turns: list[FaultedTurn]) -> None:
        thread, said = "", 0
        while not over.is_set():
            number = next(_NUMBERS)
            family = self.families[number % len(self.families)]
            message = user_input(f"What is first? (ref {family}{number:08d})")
            turn, thread = await self._turn(http, n % USERS, message, thread, hit=family != self.families[0])
            turns.append(turn)
            said += 1
            if said % TURNS_OF_A_THREAD == 0 or turn.outcome != "answered":
                thread = ""
            if turn.outcome in ("refused", "broken"):  # as a browser does that is told to come again
                await asyncio.sleep(0.5)

    async def _turn(
        self, http: httpx.AsyncClient, user: int, message: dict[str, Any], thread: str, *, hit: bool
    ) -> tuple[FaultedTurn, str]:
        kind = "threads.add_user_message" if thread else "threads.create"
        params: dict[str, Any] = {"input": message, **({"thread_id": thread} if thread else {})}
        began, body, outcome, why = time.monotonic(), bytearray(), "", ""
        try:
            async with asyncio.timeout(TURN_S):
                request = {"type": kind, "params": params}
                async with http.stream(
                    "POST", f"{self.url}/chatkit", json=request, headers=self._headers[user]
                ) as answer:
                    async for piece in answer.aiter_bytes():
                        body += piece
                    if answer.status_code != 200:
                        outcome, why = "refused", str(answer.status_code)
        except TimeoutError:
            outcome, why = "hung", f"no end after {TURN_S:g} s"
        except httpx.TimeoutException:
            outcome, why = "hung", f"nothing came for {TURN_S:g} s"
        except httpx.TransportError as error:
            outcome, why = "broken", type(error).__name__
        ended = time.monotonic()
        if outcome != "refused":
            events = list(_events(bytes(body)))
            thread = self._acknowledge(str(user), thread, events)
            errors = [str(e.get("message") or e.get("code")) for e in events if e.get("type") == "error"]
            if not outcome:
                outcome, why = _ended(events, errors)
        return FaultedTurn(began=began, ended=ended, hit=hit, outcome=outcome, why=why), thread

    def _acknowledge(self, user: str, thread: str, events: list[dict[str, Any]]) -> str:
        thread = next((e["thread"]["id"] for e in events if e["type"] == "thread.created"), thread)
        done = self.acknowledged.items.setdefault((user, thread), {})
        for event in events:
            if event["type"] in ("thread.item.done", "thread.item.replaced"):
                done[event["item"]["id"]] = event["item"]
            elif event["type"] == "thread.item.removed":
                done.pop(event["item_id"], None)
        return thread


def _ended(events: list[dict[str, Any]], errors: list[str]) -> tuple[str, str]:
    if errors:
        return "told", errors[0]
    whole = any(e["type"] == "thread.item.done" and e["item"]["type"] == "assistant_message" for e in events)
    return ("answered", "") if whole else ("broken", "a stream without an answer and without an error")


def _events(body: bytes) -> Iterator[dict[str, Any]]:
    """The whole events of what came."""
    for block in body.split(b"\n\n")[:-1]:
        if block.startswith(b"data: "):
            yield json.loads(block[6:])
