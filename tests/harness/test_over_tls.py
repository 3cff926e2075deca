"""Over https: a certificate that is not trusted, one that is asked for, and a port without TLS are told apart."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chatkit_conformance.http.client import Client
from chatkit_conformance.running.environment import Unreachable
from chatkit_conformance.running.smoke import smoke
from chatkit_conformance.target.config_error import ConfigError
from chatkit_conformance.target.target import Target

PAGE = b'{"data": [], "has_more": false}'


@asynccontextmanager
async def over(tls: ssl.SSLContext | None) -> AsyncIterator[str]:
    """The https URL of a server that has an empty page of threads."""

    async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await (reader.readuntil(b"\r\n\r\n") if tls else reader.read(1))  # without TLS no line of it can be read
            head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(PAGE)}\r\n\r\n"
            writer.write(head.encode() + PAGE)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.close()

    server = await asyncio.start_server(say, "127.0.0.1", 0, ssl=tls)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def asking(certificate: tuple[Path, Path], *, mutual: bool) -> ssl.SSLContext:
    """A server's side of TLS, which may ask for the client's certificate."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(*certificate)
    if mutual:
        tls.maximum_version = ssl.TLSVersion.TLSv1_2  # where the handshake itself fails, and not what follows it
        tls.verify_mode = ssl.CERT_REQUIRED
        tls.load_verify_locations(certificate[0])
    return tls


async def refused(url: str) -> str:
    """What smoke says of it."""
    async with Client(url) as client:
        with pytest.raises(Unreachable) as failure:
            await smoke(client, Target(url=f"{url}/chatkit"), answer_s=5.0)
    return str(failure.value)


async def test_a_certificate_of_ones_own_is_trusted_by_name(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without SSL_CERT_FILE the message names it; with it the server is asked."""
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    async with over(asking(certificate, mutual=False)) as url:
        said = await refused(url)
        assert "certificate is not trusted" in said
        assert "SSL_CERT_FILE=ca.pem" in said
        assert "nothing answers" not in said
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        async with Client(url) as client:
            reply = await smoke(client, Target(url=f"{url}/chatkit"))
        assert reply.status == 200


async def test_a_file_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable, its value and what to do stand in the message; plain http does not care."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    with pytest.raises(ConfigError, match=r"SSL_CERT_FILE=/nowhere/ca\.pem: .*Name a PEM file"):
        Client("https://127.0.0.1:1")
    await Client("http://127.0.0.1:1").aclose()


async def test_what_cannot_be_shown_is_said(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that wants a client's certificate, and one without TLS, are told with what to type."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    async with over(asking(certificate, mutual=True)) as url:
        said = await refused(url)
    assert "client's certificate" in said
    assert "http://127.0.0.1:PORT" in said
    async with over(None) as url:
        assert "Write http:// in place of https://" in await refused(url)


async def test_a_port_of_tls_that_is_asked_by_http_is_told(certificate: tuple[Path, Path]) -> None:
    """The https URL is given to who named the server, and another start to who lets us start it."""
    async with over(asking(certificate, mutual=False)) as url:
        plain = url.replace("https://", "http://")
        assert f"speaks TLS, and was asked by http. Type --url {url}/chatkit" in await refused(plain)
