"""A server that knows when it sent what, a proxy that adds a known delay, and the command as people type it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

LIVE = ("--live", "--budget-turns", "100000", "--budget-tokens", "1000000000")
"""The probe server's model cannot be scripted, so a budget is asked for."""


def environment() -> dict[str, str]:
    """This process's environment, with the checkout on the path."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


@dataclass
class Report:
    """What a load left: exit code, load.json, what was printed."""

    code: int
    value: dict[str, Any]
    said: str
    folder: Path


def load(out: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a load; `report` waits for it."""
    return subprocess.Popen(
        [sys.executable, "-m", "chatkit_conformance", "load", "--out", str(out), *arguments],
        env=environment(),
        cwd=out.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def stop(process: subprocess.Popen[str]) -> None:
    """End a load as Ctrl-C would, so that it ends what it started."""
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(60)


def report(process: subprocess.Popen[str], out: Path, within_s: float = 90.0) -> Report:
    """Wait for the load, and read what it left."""
    try:
        said, more = process.communicate(timeout=within_s)
    except subprocess.TimeoutExpired:
        stop(process)
        raise
    file = out / "load.json"
    value = json.loads(file.read_text()) if file.exists() else {}
    return Report(code=process.returncode, value=value, said=said + more, folder=out)


@pytest.fixture
def run_load(tmp_path: Path) -> Callable[..., Report]:
    """Run a load to its end."""
    count = iter(range(100))

    def run(*arguments: str) -> Report:
        out = tmp_path / f"report-{next(count)}"
        return report(load(out, *arguments), out)

    return run


@pytest.fixture(scope="session")
def probe_server() -> Iterator[str]:
    """A probe server: first token after 100 ms, ten deltas 20 ms apart."""
    command = [
        sys.executable,
        "-m",
        "chatkit_conformance.load_analysis.probe_server",
        "--first-s",
        "0.1",
        "--gap-s",
        "0.02",
        "--chunks",
        "10",
    ]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.send_signal(signal.SIGTERM)


class Proxy:
    """A proxy that passes bytes on, those of the server a known time later; it speaks TLS where `tls` is given."""

    def __init__(self, upstream: str, *, delay_s: float = 0.0, tls: ssl.SSLContext | None = None) -> None:
        self._host, self._port = upstream.removeprefix("http://").split(":")
        self._delay_s = delay_s
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._ready.wait(60)

    def stop(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(60)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls))
        self.url = f"http{'s' if self._tls else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        self._ready.set()
        self._loop.run_forever()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind, out = await asyncio.open_connection(self._host, int(self._port))

        async def forward() -> None:
            while data := await reader.read(65536):
                out.write(data)
            out.close()

        forwarding = asyncio.ensure_future(forward())
        while data := await behind.read(65536):
            self._loop.call_later(self._delay_s, writer.write, data)
        forwarding.cancel()


@pytest.fixture(scope="session")
def delayed(probe_server: str) -> Iterator[str]:
    """The probe server behind 300 ms."""
    proxy = Proxy(probe_server, delay_s=0.3)
    yield proxy.url
    proxy.stop()


@pytest.fixture
def over_tls(probe_server: str, certificate: tuple[Path, Path]) -> Iterator[str]:
    """The probe server behind TLS, with a certificate that the system does not trust."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(*certificate)
    proxy = Proxy(probe_server, tls=tls)
    yield proxy.url
    proxy.stop()
