"""Every cassette is played whole in process, by vcrpy, under the reference server's own code and no network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import vcr
from vcr.request import Request

from chatkit_conformance.cassette import format, tape
from gemini_standin.likeness import Asked, asked, first_difference, ids
from reference_server.app import Web, make_app
from reference_server.settings import Settings
from reference_server.tasks import task

from .conftest import DEADLINE_S, FOLDER, NAMES, ROWS, Person, server_environment

IN_PROCESS = [name for name in NAMES if ROWS[name].dialect == "gemini-3" and ROWS[name].complete]
"""vcrpy knows no answer that is cut or left; the other dialects differ on the wire alone. Over HTTP all are played."""


def text(body: bytes | str | None) -> str:
    """A request's body as text, whatever client wrote it."""
    return body.decode() if isinstance(body, bytes) else body or ""


def as_asked(request: Request) -> Asked:
    """A request of vcrpy's as what it asks."""
    return asked(request.method, request.path, format.asked(text(request.body)).get("json"))


def asks_the_same(one: Request, other: Request) -> None:
    """vcrpy's matcher: both ask the same of Gemini, or here is where they differ."""
    difference = first_difference(as_asked(other), as_asked(one))
    assert difference is None, difference


def player() -> vcr.VCR:
    """vcrpy, reading our files, matching as the stand-in matches."""
    made = vcr.VCR(record_mode="none", serializer="readable", match_on=["asks_the_same"], ignore_hosts=["server.test"])
    made.register_serializer("readable", format)
    made.register_matcher("asks_the_same", asks_the_same)
    return made


@pytest.fixture
def recorded_ids(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of the tasks that the cassette's server made: the server under test makes the same, in order."""
    name = request.getfixturevalue("name")
    bodies = [format.asked(call.body).get("json") for call in tape.read(FOLDER / f"{name}.yaml")]
    known = list(dict.fromkeys(found.removeprefix("task_") for body in bodies for found in ids(body)))
    source: Iterator[str] = iter(known)
    monkeypatch.setattr(task, "uuid", SimpleNamespace(uuid4=lambda: SimpleNamespace(hex=next(source))))
    return known


@pytest.mark.parametrize("name", IN_PROCESS)
@pytest.mark.usefixtures("recorded_ids")
async def test_a_cassette_is_played_whole_in_process(name: str, tmp_path: Path) -> None:
    """The server's own code asks exactly what was recorded, each call once, at Google's own address."""
    environment = server_environment(tmp_path, tape.PLACE)
    app = make_app(Web(Settings.from_environment(environment)))
    person = Person(url="http://server.test", row=ROWS[name])
    with player().use_cassette(f"{FOLDER / name}.yaml") as played:
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), timeout=DEADLINE_S) as http,
        ):
            turns = await person.do_all(http)
        assert played.all_played, f"{played.play_count} of {len(played)} calls were played"
        assert dict(played.play_counts) == dict.fromkeys(range(len(played)), 1)
    assert all(turn for turn in turns)


async def test_what_no_cassette_has_is_not_answered(tmp_path: Path) -> None:
    """A request that was not recorded fails in process as well: nothing goes to the network, the user is told."""
    environment = server_environment(tmp_path, tape.PLACE)
    app = make_app(Web(Settings.from_environment(environment)))
    row = ROWS["three-short-answers--gemini-3"]
    person = Person(url="http://server.test", row=row)
    other: Any = type(row.prompt[0])(do="create", text="What was never asked.", calls=1)
    with player().use_cassette(f"{FOLDER / row.name}.yaml") as played:
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), timeout=DEADLINE_S) as http,
        ):
            events = await person.do(http, other)
        assert played.play_count == 0
    assert "error" in [event["type"] for event in events]
