"""The user of a cassette: does again what its manifest says was done, with a real reference server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from chatkit_conformance.cassette import manifest
from chatkit_conformance.cassette.manifest import ManifestRow, UserAction

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "cassettes"
SECRET = "a-secret-for-tests-of-at-least-32-bytes"
DEADLINE_S = 60.0
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))
ROWS = manifest.read(FOLDER)


@contextmanager
def started(*arguments: str, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """A Python module as a process that prints its URL first; stopped at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(DEADLINE_S)


def server_environment(folder: Path, gemini: str) -> dict[str, str]:
    """What the reference server is started with."""
    return {
        "GEMINI_API_KEY": "a-key-that-opens-nothing",
        "GEMINI_BASE_URL": gemini,
        "JWT_SECRET": SECRET,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/chat.db",
        "RATE_LIMIT": "0",
    }


async def frames(answer: httpx.Response) -> AsyncIterator[bytes]:
    """The events of a stream as bytes: httpx's own lines also end at characters that may stand in the text."""
    rest = b""
    async for read in answer.aiter_bytes():
        *whole, rest = (rest + read).split(b"\n\n")
        for frame in whole:
            yield frame


@dataclass(kw_only=True)
class Person:
    """Who does again what a cassette's user did."""

    url: str
    row: ManifestRow
    threads: dict[int, str] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)

    def headers(self, user: str) -> dict[str, str]:
        """The credentials of one of the cassette's users."""
        claims = {"sub": f"{user}-{self.row.name}", "exp": time.time() + 3600}
        return {"Authorization": f"Bearer {jwt.encode(claims, SECRET, algorithm='HS256')}"}

    def request(self, said: UserAction) -> dict[str, Any]:
        """The ChatKit request for one thing that the user did."""
        content = {"content": [{"type": "input_text", "text": said.text}], "attachments": [], "inference_options": {}}
        thread = self.threads.get(said.thread, "")
        if said.do == "retry":
            params = {"thread_id": thread, "item_id": self.asked[said.text]}
            return {"type": "threads.retry_after_item", "params": params}
        if thread:
            return {"type": "threads.add_user_message", "params": {"thread_id": thread, "input": content}}
        return {"type": "threads.create", "params": {"input": content}}

    def note(self, event: dict[str, Any], said: UserAction) -> None:
        """Keep the ids that later requests need."""
        if event["type"] == "thread.created":
            self.threads[said.thread] = event["thread"]["id"]
        if event["type"] == "thread.item.done" and event["item"]["type"] == "user_message":
            self.asked[said.text] = event["item"]["id"]

    async def do(self, http: httpx.AsyncClient, said: UserAction) -> list[dict[str, Any]]:
        """Do one thing, and read the answer to its end, or to its first words where the user left."""
        events = []
        async with http.stream(
            "POST", f"{self.url}/chatkit", json=self.request(said), headers=self.headers(said.user)
        ) as answer:
            assert answer.status_code == 200, await answer.aread()
            async for frame in frames(answer):
                event = json.loads(frame.removeprefix(b"data: "))
                self.note(event, said)
                events.append({**event, "_at": time.monotonic()})
                if said.do == "leave" and b"text_delta" in frame:
                    break
        return events

    async def do_all(self, http: httpx.AsyncClient) -> list[list[dict[str, Any]]]:
        """Do all of it, in order."""
        return [await self.do(http, said) for said in self.row.prompt]


@pytest.fixture(scope="session")
def gemini() -> Iterator[str]:
    """The stand-in, playing every cassette at once."""
    with started("gemini_standin", "--port", "0", "--cassettes", str(FOLDER)) as url:
        yield url


@pytest.fixture(scope="session")
def server(gemini: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The reference server in front of it."""
    environment = server_environment(tmp_path_factory.mktemp("server"), f"{gemini}/v1beta/openai/")
    with started("reference_server", "--port", "0", environment=environment) as url:
        yield url
