"""The stand-in as Gemini, over TLS with a throw-away certificate, answering as a model that chooses for itself."""

from __future__ import annotations

import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
KEY = "AIza" + "Throw-Away_Key-That-Opens-Nothing00"


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
    """A fresh one for each test, so that its journal holds what the test asked."""
    made, key = certificate
    command = [sys.executable, "-m", "gemini_standin", "--port", "0"]
    command += ["--ssl-certfile", str(made), "--ssl-keyfile", str(key)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    try:
        found = Gemini(url=process.stdout.readline().strip(), certificate=made)
        yield found
    finally:
        process.terminate()
        process.wait(60)
