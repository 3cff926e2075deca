"""A real reference server on a real port, its database a real file, and the stand-in as its Gemini."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import httpx
import jwt
import pytest

SECRET = "a-secret-for-tests-of-at-least-32-bytes"
DEADLINE_S = 60.0
_NUMBERS = itertools.count(1)


@contextmanager
def started(
    *arguments: str, environment: dict[str, str] | None = None, log: IO[bytes] | int = subprocess.DEVNULL
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A Python module as a process that prints its URL first, its log where it is asked for; stopped at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env=environment,
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
    finally:
        process.terminate()
        process.wait(DEADLINE_S)


def token(user: str, *, lifetime_s: float = 3600, **claims: Any) -> str:
    """A token for `user`, as the application would issue it."""
    return jwt.encode({"sub": user, "exp": time.time() + lifetime_s, **claims}, SECRET, algorithm="HS256")


def environment_for(folder: Path, upstream: str, **more: str) -> dict[str, str]:
    """What the server is started with; OpenAI's own variables are there to show that they do no harm."""
    return {
        **os.environ,
        "GEMINI_API_KEY": "AIza-test",
        "GEMINI_BASE_URL": f"{upstream}/v1beta/openai/",
        "JWT_SECRET": SECRET,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder}/chat.db",
        "RATE_LIMIT": "0",
        "OPENAI_API_KEY": "sk-canary",
        "OPENAI_ORG_ID": "org-canary",
        "OPENAI_PROJECT_ID": "proj-canary",
        "GEMINI_TIMEOUT": "2",
        "CORS_ORIGINS": "https://app.example",
        **more,
    }


@dataclass(kw_only=True)
class Chat:
    """A user's browser, with the stand-in at hand."""

    url: str
    upstream: str
    folder: Path
    user: str
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=DEADLINE_S))

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {token(self.user)}"}

    def as_user(self, user: str) -> Chat:
        return Chat(url=self.url, upstream=self.upstream, folder=self.folder, user=user, http=self.http)

    def script(self, *steps: dict[str, Any], profile: str | None = None) -> str:
        """Tell the stand-in what to say; gives the nonce that the message has to carry."""
        nonce = f"zq{os.getpid() % 10000:04d}{next(_NUMBERS):06d}"
        answer = self.http.put(
            f"{self.upstream}/_standin/scripts/{nonce}", json={"profile": profile, "turn": list(steps)}
        )
        assert answer.status_code == 201, answer.text
        return nonce

    def calls(self, nonce: str, *, at_least: int = 1) -> list[dict[str, Any]]:
        """The requests that the stand-in was sent in this turn, once they are finished or given up."""
        question: dict[str, str | int] = {"nonce": nonce, "calls": at_least, "finished": 1, "timeout": 5}
        answer = self.http.get(f"{self.upstream}/_standin/journal", params=question)
        calls: list[dict[str, Any]] = answer.json()["calls"]
        return calls

    def ask(self, kind: str, **params: Any) -> httpx.Response:
        """A request that is answered with JSON."""
        return self.http.post(f"{self.url}/chatkit", json={"type": kind, "params": params}, headers=self.headers)

    def stream(self, kind: str, **params: Any) -> list[dict[str, Any]]:
        """A request that is answered with a stream: its events."""
        answer = self.ask(kind, **params)
        assert answer.headers["content-type"].startswith("text/event-stream"), answer.text
        return events_of(answer.text)

    def say(self, text: str, *steps: dict[str, Any], thread: str | None = None, **more: Any) -> Turn:
        """Send a message, with the model's answer scripted."""
        profile = more.pop("profile", None)
        nonce = self.script(*steps, profile=profile)
        message = user_input(f"{text} (ref {nonce})", **more)
        if thread is None:
            events = self.stream("threads.create", input=message)
        else:
            events = self.stream("threads.add_user_message", thread_id=thread, input=message)
        return Turn(events=events, nonce=nonce, chat=self)

    def items(self, thread: str) -> list[dict[str, Any]]:
        """What a reload shows."""
        listed: list[dict[str, Any]] = self.ask("items.list", thread_id=thread, order="asc", limit=500).json()["data"]
        return listed


@dataclass(kw_only=True)
class Turn:
    """One answered message."""

    events: list[dict[str, Any]]
    nonce: str
    chat: Chat

    @property
    def thread(self) -> str:
        return str(next(e for e in self.events if e["type"] == "thread.created")["thread"]["id"])

    def done(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The finished items, of one type or all."""
        items = [e["item"] for e in self.events if e["type"] == "thread.item.done"]
        return [item for item in items if kind in (None, item["type"])]

    @property
    def text(self) -> str:
        """The last answer's text."""
        return str(self.done("assistant_message")[-1]["content"][0]["text"])

    @property
    def errors(self) -> list[dict[str, Any]]:
        return [e for e in self.events if e["type"] == "error"]

    def calls(self, at_least: int = 1) -> list[dict[str, Any]]:
        return self.chat.calls(self.nonce, at_least=at_least)

    def results(self) -> list[Any]:
        """What the tools told the model, as the last request of the turn carried it."""
        messages = self.calls()[-1]["body"]["messages"]
        return [json.loads(m["content"]) for m in messages if m["role"] == "tool"]


def user_input(text: str, **more: Any) -> dict[str, Any]:
    """A message as ChatKit's browser part writes it."""
    content = [{"type": "input_text", "text": text}]
    return {"content": content, "attachments": [], "inference_options": {}, **more}


def events_of(body: str) -> list[dict[str, Any]]:
    return [json.loads(line[len("data: ") :]) for line in body.splitlines() if line.startswith("data: ")]


def calling(name: str, **arguments: Any) -> dict[str, Any]:
    """A tool call for a script."""
    return {"name": name, "arguments": arguments}


@pytest.fixture(scope="session")
def upstream() -> Iterator[str]:
    with started("gemini_standin", "--port", "0") as (url, _):
        yield url


@pytest.fixture(scope="session")
def server(upstream: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chat]:
    folder = tmp_path_factory.mktemp("server")
    with started("reference_server", "--port", "0", environment=environment_for(folder, upstream)) as (url, _):
        yield Chat(url=url, upstream=upstream, folder=folder, user="nobody")


@pytest.fixture
def chat(server: Chat, request: pytest.FixtureRequest) -> Chat:
    """A user of their own for each test."""
    return server.as_user(f"user of {request.node.nodeid}")
