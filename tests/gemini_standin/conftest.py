"""A stand-in in a process of its own on a free port, and a client for it."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

_NUMBERS = itertools.count(1)


@dataclass
class Running:
    """A stand-in that listens."""

    url: str
    process: subprocess.Popen[str]
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(
            base_url=self.url, headers={"authorization": "Bearer canary"}, timeout=60, trust_env=False
        )

    @property
    def face(self) -> str:
        """The base URL for an OpenAI client."""
        return f"{self.url}/v1beta/openai/"

    def script(self, *turn: dict[str, Any], **more: Any) -> str:
        """Register a script; its nonce."""
        nonce = f"zq{next(_NUMBERS):010d}"
        answer = self.http.put(f"/_standin/scripts/{nonce}", json={"turn": list(turn), **more})
        assert answer.status_code == 201, answer.text
        return nonce

    def body(self, nonce: str, **more: Any) -> dict[str, Any]:
        """A request for that nonce; it declares a tool, as a server under test does."""
        tool = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
        messages = [{"role": "user", "content": f"Hello (ref {nonce})"}]
        return {"model": "gemini-3.8-flash", "messages": messages, "tools": [tool], "stream": True, **more}

    def ask(self, nonce: str, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        """Ask the model, read to the end."""
        given = {"accept-encoding": "identity", **(headers or {})}
        return self.http.post("/v1beta/openai/chat/completions", json=self.body(nonce, **more), headers=given)

    def chunks(self, nonce: str, **more: Any) -> list[dict[str, Any]]:
        """The chunks of a streamed answer that must be whole and end in [DONE]."""
        answer = self.ask(nonce, **more)
        assert answer.status_code == 200, answer.text
        *lines, end, rest = answer.text.split("\n\n")
        assert (end, rest) == ("data: [DONE]", "")
        return [json.loads(line.removeprefix("data: ")) for line in lines]

    def calls(self, *nonces: str, **query: Any) -> list[dict[str, Any]]:
        """The journal's calls."""
        answer = self.http.get("/_standin/journal", params={"nonce": list(nonces), **query})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["calls"])

    def set(self, **settings: Any) -> httpx.Response:
        """Change settings."""
        return self.http.post("/_standin/settings", json=settings)

    def stop(self) -> int:
        """Stop it; its exit status."""
        self.http.close()
        self.process.terminate()
        try:
            return self.process.wait(60)
        finally:
            self.process.kill()
            if self.process.stdout:
                self.process.stdout.close()


def start(*options: str, program: Sequence[str] = ("-m", "gemini_standin")) -> Running:
    """Start a stand-in with these options; `program` is what Python is told to run."""
    command = [sys.executable, *program, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert re.fullmatch(r"https?://127\.0\.0\.1:\d+", line), f"first line of stdout: {line!r}"
    return Running(url=line, process=process)


@pytest.fixture(scope="session")
def standin() -> Iterator[Running]:
    """A stand-in with its default settings, shared; tests keep apart by their nonces."""
    running = start()
    yield running
    assert running.stop() == 0


@pytest.fixture
def start_standin() -> Iterator[Callable[..., Running]]:
    """Start a stand-in of one's own; it is stopped at the end."""
    started: list[Running] = []

    def begin(*options: str) -> Running:
        started.append(start(*options))
        return started[-1]

    yield begin
    for running in started:
        running.stop()
