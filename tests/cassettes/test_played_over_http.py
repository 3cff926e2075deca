"""Every cassette is played whole over HTTP, by a real reference server that asks the stand-in."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.slow import but_for

from .conftest import DEADLINE_S, NAMES, ROWS, Person


def player(gemini: str) -> dict[str, Any]:
    """What the stand-in says was played."""
    value: dict[str, Any] = httpx.get(f"{gemini}/_standin/cassettes", timeout=DEADLINE_S).json()
    return value


@pytest.mark.parametrize("name", but_for(NAMES[::3], NAMES))
async def test_a_cassette_is_played_whole(name: str, gemini: str, server: str) -> None:
    """Each call of the cassette is played exactly once, and nothing is asked that it does not have."""
    missed = len(player(gemini)["misses"])
    async with httpx.AsyncClient(timeout=DEADLINE_S) as http:
        await Person(url=server, row=ROWS[name]).do_all(http)
        # What a user leaves is given up by the server a moment later, and only then counted as over.
        await http.get(f"{gemini}/_standin/journal", params={"calls": 1, "finished": 1, "timeout": 5})
    after = player(gemini)
    played = next(row["played"] for row in after["cassettes"] if row["name"] == name)
    assert after["misses"][missed:] == []
    assert played == [1] * ROWS[name].calls


async def test_a_stream_is_paced_as_it_was_recorded(gemini: str, server: str) -> None:
    """The stalled stream is silent for the two seconds that it was silent when it was recorded."""
    person = Person(url=server, row=ROWS["model-breaks-stalled--gemini-3"])
    async with httpx.AsyncClient(timeout=DEADLINE_S) as http:
        # As if nothing had been played, before and after: other tests count.
        await http.delete(f"{gemini}/_standin/cassettes")
        events = await person.do(http, person.row.prompt[0])
        await http.delete(f"{gemini}/_standin/cassettes")
    deltas = [e["_at"] for e in events if e.get("update", {}).get("type", "").endswith("text_delta")]
    error = next(e["_at"] for e in events if e["type"] == "error")
    assert deltas
    assert 1.8 < error - deltas[-1] < 4.0


async def test_a_miss_names_the_nearest_cassette_and_the_first_difference(gemini: str, server: str) -> None:
    """A question that no cassette has is refused with the nearest one's name and both values where they differ."""
    row = ROWS["two-threads-that-stay-apart--gemini-3"]
    said = row.prompt[0]
    person = Person(url=server, row=row)
    other = type(said)(do="create", text=said.text.replace("marzipan", "nougat"), calls=1)
    async with httpx.AsyncClient(timeout=DEADLINE_S) as http:
        events = await person.do(http, other)
    # What the model's side says is for the log and for the stand-in's own list; the user reads the server's words.
    assert any(e["type"] == "error" for e in events)
    message = json.dumps(player(gemini)["misses"][-1])
    assert "two-threads-that-stay-apart--gemini-3, call 1" in message
    assert "messages[1].text: recorded" in message
    assert "marzipan" in message
    assert "nougat" in message
