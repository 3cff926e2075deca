"""The stand-in as Gemini, over TLS with a throw-away certificate, answering as a model that chooses for itself."""

from __future__ import annotations

import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

ROOT = Path(__file__).parents[2]
KEY = "AIza" + "Throw-Away_Key-That-Opens-Nothing00"


def calling(name: str, **arguments: Any) -> dict[str, Any]:
    """The model calls one tool."""
    return {"calls": [{"name": name, "arguments": arguments}]}


def speaks(text: str) -> dict[str, Any]:
    """The model says something."""
    return {"text": text, "first_s": 0.05}


LIST = calling("list_tasks")
FIRST = (
    speaks("OK."),
    speaks("Her name is Quillfeather."),
    calling("create_task", title="Water the ferns"),
    LIST,
    speaks("Shall I really rename it?"),
    LIST,
    LIST,
    LIST,
    calling("complete_all_tasks", confirm=True),
    calling("delete_all_tasks", confirm=True),
)
"""What it answers to one message after the other; it has to be asked twice for the update."""

SECOND = (
    speaks("I have added it."),
    speaks("There is one task."),
    calling("update_task", task_id="$last.id", title="Water all ferns"),
    calling("complete_task", task_id="$last.id"),
    calling("delete_task", task_id="$last.id"),
    speaks("All are done."),
    speaks("All are gone."),
)
"""What it answers to the first results of each turn."""

TURN = [{"attempts": list(FIRST)}, {"attempts": list(SECOND)}, speaks("Done.")]


@dataclass(frozen=True, kw_only=True)
class Gemini:
    """The stand-in: its base URL, its certificate, and a client that trusts it."""

    url: str
    certificate: Path

    def http(self) -> httpx.Client:
        """A client for its control side."""
        return httpx.Client(base_url=self.url, verify=ssl.create_default_context(cafile=str(self.certificate)))

    def environment(self) -> dict[str, str]:
        """What points the commands to it."""
        return {
            "GEMINI_API_KEY": KEY,
            "GEMINI_BASE_URL": f"{self.url}/v1beta/openai/",
            "SSL_CERT_FILE": str(self.certificate),
        }

    def sent_keys(self) -> set[str]:
        """Fingerprints of the credentials that it was sent."""
        with self.http() as http:
            calls = http.get("/_standin/journal").json()["calls"]
        return {call["headers"].get("authorization", "") for call in calls}


@pytest.fixture
def gemini(certificate: tuple[Path, Path]) -> Iterator[Gemini]:
    """A fresh one for each test: what it says next hangs on what it was asked before."""
    made, key = certificate
    command = [sys.executable, "-m", "gemini_standin", "--port", "0"]
    command += ["--ssl-certfile", str(made), "--ssl-keyfile", str(key)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    try:
        found = Gemini(url=process.stdout.readline().strip(), certificate=made)
        with found.http() as http:
            assert http.post("/_standin/settings", json={"default_turn": TURN}).status_code == 200
        yield found
    finally:
        process.terminate()
        process.wait(60)
