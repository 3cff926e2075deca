"""One server, three models behind it: scripted, asked through us, and unseen. No verdict contradicts another."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatkit_conformance.running.standin import StandIn
from tests.harness.deployed import JUDGED, SUITES, deployed, run

BUDGET = 60
"""Requests to the real model, at most."""

MUTANTS: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "": (("three_turns", "two_threads", "each_tool", "retry"), set()),
    "ids-fake": (("three_turns",), {"stream.ids-unique", "persistence.answers-are-different-items"}),
    "history-forgotten": (("three_turns",), {"persistence.earlier-fact-known", "gemini.history-user-messages"}),
    "store-forgets-titles": (("plain_moves",), {"persistence.title-as-expected"}),
    "each-tool-hidden": (("each_tool",), {"tools.create-visible", "tools.delete-visible"}),
}
"""Mutants, "" for the server that is right: the conversations to hold, and what must be told wherever it is judged."""


def verdicts(ran: Any) -> dict[str, str]:
    """What was judged: each check's outcome."""
    return {row["id"]: row["outcome"] for row in ran.results["results"] if row["outcome"] in JUDGED}


async def through_us(cli: Callable[..., Any], *arguments: str) -> tuple[Any, int]:
    """The run with the stand-in as the real Gemini, which improvises; and how many requests reached it."""
    gemini = StandIn(port=0)
    await gemini.start()
    try:
        env = {"GEMINI_API_KEY": "AIza" + "g" * 35, "GEMINI_BASE_URL": gemini.base_url, **SUITES}
        ran = await asyncio.to_thread(
            cli, "run", "--live", "--rate", "6000", "--budget", str(BUDGET), *arguments, **env
        )
        return ran, len(await gemini.journal())
    finally:
        await gemini.stop()


@pytest.mark.slow
@pytest.mark.parametrize("name", MUTANTS)
async def test_a_server_is_told_the_same_whatever_model_is_behind_it(
    name: str, cli: Callable[..., Any], tmp_path: Path
) -> None:
    """What is judged in two of the three ways has the same outcome in both."""
    held, told = MUTANTS[name]
    only = [word for exchange in held for word in ("--exchange", exchange)]
    command = (sys.executable, "-m", *(("mutants", name) if name else ("reference_server",)))
    by_mode = {"scripted": verdicts(await run(cli, *only, "--dialect", "gemini-3", "--", *command))}
    live, asked = await through_us(cli, *only, "--", *command)
    by_mode["through us"] = verdicts(live)
    async with deployed(tmp_path, *command) as server:
        by_mode["unseen"] = verdicts(await run(cli, *only, *server.options()))
    ids = {id for judged in by_mode.values() for id in judged}
    rows = {id: {mode: judged[id] for mode, judged in by_mode.items() if id in judged} for id in ids}
    assert {id: row for id, row in rows.items() if len(set(row.values())) > 1} == {}
    assert min(len(by_mode["scripted"]), len(by_mode["through us"])) > len(by_mode["unseen"])
    assert 0 < asked <= BUDGET
    for id in told:
        assert set(rows[id].values()) <= {"failed", "warned"}, (id, rows[id])
        assert {"scripted", "through us"} <= rows[id].keys(), (id, rows[id])
    if not name:
        assert {id: row for id, row in rows.items() if set(row.values()) != {"passed"}} == {}
