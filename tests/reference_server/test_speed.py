"""What makes the server fast makes nothing else: without it the server answers the same."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest
from pydantic import BaseModel

from reference_server.speed import loading

from .conftest import Chat, calling, environment_for, started

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def plain(upstream: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    """The server without the pieces of reference_server/speed."""
    folder = tmp_path_factory.mktemp("plain")
    environment = environment_for(folder, upstream, PYTHONPATH=str(ROOT))
    with started("tests.reference_server.plain", "--port", "0", environment=environment) as (url, _):
        yield Chat(url=url, upstream=upstream, folder=folder, user="plain")


def shape(chat: Chat) -> list[tuple[str, str]]:
    """A turn with two tools and the turn after it, as the kinds of its events and the words and items in them."""
    steps = ({"calls": [calling("create_task", title="Water the ferns"), calling("list_tasks")]}, {"text": "Done."})
    first = chat.say("Please add it", *steps)
    second = chat.say("Thank you", {"text": "You are welcome."}, thread=first.thread)
    told = [m["role"] for m in second.calls()[-1]["body"]["messages"]]
    events = [(e["type"], str(e.get("item", {}).get("type", ""))) for turn in (first, second) for e in turn.events]
    # Into how many deltas a text falls hangs on how the bytes arrive.
    events = [event for event, _ in groupby(events)]
    return [*events, *(("model", role) for role in told), ("text", second.text)]


def test_the_server_without_its_speed_answers_the_same(chat: Chat, plain: Chat) -> None:
    """Two turns with tools have the same events, the same history and the same words on the plain path."""
    assert shape(plain) == shape(chat)


def test_pydantic_is_as_it_was_after_loading() -> None:
    """Loading lightly leaves no setting behind, and the collector on."""
    before = dict(BaseModel.model_config)
    with loading.lightly():
        assert BaseModel.model_config["defer_build"] is True
        assert not gc.isenabled()
    assert BaseModel.model_config.get("defer_build", False) == before.get("defer_build", False)
    assert gc.isenabled()


def test_mcps_packages_are_there_for_whoever_asks() -> None:
    """Loading lightly runs nothing of MCP's own package, and whoever then takes something from it gets it."""
    asked = (
        "from reference_server.speed import loading",
        "with loading.lightly(): import reference_server.app, sys",
        "assert 'mcp.client' not in sys.modules",
        "from mcp import ClientSession",
        "assert ClientSession is sys.modules['mcp.client.session'].ClientSession",
    )
    subprocess.run([sys.executable, "-c", "\n".join(asked)], check=True, cwd=ROOT)
