"""Hosts that a target prints: this machine's are called, nobody else's is."""

from __future__ import annotations

import os
import socket
import sys
from typing import Any

import pytest

from chatkit_conformance.http.own_host import is_own_host
from chatkit_conformance.running.process import Died, Process, free_port

FOREIGN = "http://docs.example.invalid:8080/"


def listening_on(port: int, *, said: str) -> Process:
    """A program that prints something, and then listens."""
    code = (
        f"print({said!r}, flush=True); import socket, signal; "
        f"s = socket.create_server(('127.0.0.1', {port})); signal.pause()"
    )
    return Process((sys.executable, "-u", "-c", code), env=dict(os.environ), name="the program")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]", "0.0.0.0", "LOCALHOST."])
def test_this_machine_is_known(host: str) -> None:
    """Loopback addresses and names are this machine's."""
    assert is_own_host(host)


@pytest.mark.parametrize(
    "host", ["example.invalid", "192.0.2.1", "2001:db8::1", "localhost.example.invalid", "127.1.", ""]
)
def test_every_other_host_is_a_strangers(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any other name or address is not, and no name is looked up to find out."""
    monkeypatch.setattr(socket, "getaddrinfo", None)
    assert not is_own_host(host)


async def test_a_host_that_a_target_prints_is_not_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another machine's URL that was printed first is passed over, and its name is not looked up."""
    asked: list[str] = []
    looked_up = socket.getaddrinfo

    def look_up(host: str, *more: Any, **named: Any) -> Any:
        asked.append(host)
        return looked_up(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    port = free_port()
    program = listening_on(port, said=f"Docs: {FOREIGN} and http://192.0.2.1:9/")
    await program.start()
    assert await program.listening(port, 30) == f"http://127.0.0.1:{port}"
    await program.stop()
    assert "docs.example.invalid" not in asked


@pytest.mark.parametrize(
    "odd", ["http://127.0.0.1:99999999/", "http://127.0.0.1:8000xxxx", "http://[::1/", "http://:/"]
)
async def test_what_only_looks_like_a_url_is_passed_over(odd: str) -> None:
    """A printed URL with a port or an address that is none is no fault of ours."""
    port = free_port()
    program = listening_on(port, said=odd)
    await program.start()
    assert await program.listening(port, 30) == f"http://127.0.0.1:{port}"
    await program.stop()


async def test_a_host_that_the_user_named_is_called() -> None:
    """A host that stands in the command is the user's own choice."""
    program = listening_on(free_port(), said=FOREIGN)
    await program.start()
    with pytest.raises(Died, match=r"http://docs\.example\.invalid:8080/ is another machine: to judge what is there"):
        await program.listening(free_port(), 0.3)
    with pytest.raises(Died) as told:
        await program.listening(free_port(), 0.3, named="serve --host docs.example.invalid")
    assert "is another machine" not in str(told.value)
    await program.stop()
