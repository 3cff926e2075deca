"""By URL, with a model that is as it is: most is judged, nothing wrongly, within the budget."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from chatkit_conformance.target.credentials import mint
from tests.harness.deployed import JUDGED, SECRET, Deployed, deployed, run


async def test_most_of_a_server_with_any_model_is_judged(cli: Callable[..., Any], tmp_path: Path) -> None:
    """By URL and asked in words, two hundred checks are judged, none is wrong, within sixty requests to the model."""
    async with deployed(tmp_path) as server:
        ran = await run(cli, *server.options())
        asked = await server.standin.journal()
    rows = ran.results["results"]
    assert {
        row["id"]: row["got"] for row in rows if row["outcome"] in ("failed", "warned", "untestable", "error")
    } == {}
    assert sum(row["outcome"] in JUDGED for row in rows) >= 200, (len(asked), Counter(row["outcome"] for row in rows))
    assert 0 < len(asked) <= 60
    assert ran.code == 0, ran.out + ran.err
    assert "requests are planned" in ran.out


FAULTY = {
    "ids-fake": {"stream.ids-unique", "persistence.answers-are-different-items"},
    "history-forgotten": {"persistence.earlier-fact-known"},
    "store-forgets-titles": {"persistence.title-persists", "persistence.title-as-expected"},
}
"""Mutants, and what is told of them by URL."""


@pytest.mark.parametrize(
    "mutant",
    ["history-forgotten", *(pytest.param(m, marks=pytest.mark.slow) for m in ("ids-fake", "store-forgets-titles"))],
)
async def test_a_faulty_server_is_told_by_its_url(mutant: str, cli: Callable[..., Any], tmp_path: Path) -> None:
    """What the browser's side shows is found, and what has nothing to do with it is not."""
    async with deployed(tmp_path, sys.executable, "-m", "mutants", mutant) as server:
        ran = await run(cli, *server.options())
    found = {row["id"] for row in ran.results["results"] if row["outcome"] in ("failed", "warned")}
    assert FAULTY[mutant] <= found <= FAULTY[mutant] | RELATED
    assert ran.code == 1


RELATED = {
    "protocol.page-rows-once",
    "persistence.no-duplicate-items",
    "persistence.reload-equals-stream",
    "stream.ids-unique-in-run",
    "stream.ids-unique-over-threads",
    "stream.ids-unique-over-users",
}
"""What else these faults break."""


async def test_what_a_run_made_is_taken_away(cli: Callable[..., Any], tmp_path: Path) -> None:
    """Its threads are gone when it ends; with --keep they are there, under a title that says whose they are."""
    async with deployed(tmp_path) as server:
        few = ("--select", "persistence.second-turn-works", "--budget", "12", *server.options())
        assert (await run(cli, *few)).code == 0
        assert await threads_of(server) == []
        kept = await run(cli, "--keep", *few)
        assert {row["title"] for row in await threads_of(server)} == {
            "chatkit-conformance: discovery",
            "chatkit-conformance: three_turns",
        }
        assert "were left, as asked" in kept.out


async def threads_of(server: Deployed) -> list[dict[str, Any]]:
    """The threads of user a."""
    headers = {"Authorization": f"Bearer {mint('a', SECRET)}"}
    async with httpx.AsyncClient(headers=headers, trust_env=False) as http:
        listing = {"type": "threads.list", "params": {"limit": 50, "order": "desc"}}
        rows: list[dict[str, Any]] = (await http.post(server.url, json=listing)).json()["data"]
        return rows


async def test_a_model_that_fails_everybody_ends_the_run_with_its_cause(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    """Where each turn fails, nothing is asked any more: exit 3, with the error that the server told."""
    async with deployed(tmp_path) as server:
        await server.standin.stop()
        ran = await run(cli, *server.options())
    assert ran.code == 3, ran.out + ran.err
    assert "each of its turns fails" in ran.err
