"""Near misses around a whole server: packed answers, an older HTTP, other credentials."""

from __future__ import annotations

import asyncio
import gzip
import http.server
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.requests import HTTPConnection

import reference_server.app as app
from mutants import odd_server, old_http
from mutants.catalogue import MUTANTS
from reference_server.auth import COOKIE, token_for
from reference_server.refusal import Refusal

SECRET = "s" * 40


class _Says(http.server.BaseHTTPRequestHandler):
    """Answers each POST in chunks of HTTP/1.1, with the body that it got."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "text/plain")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def behind() -> Iterator[int]:
    """The port of a server that speaks HTTP/1.1."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Says)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


async def said(port: int, request: bytes) -> bytes:
    """All that comes back on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer


async def test_a_front_of_old_speaks_http_1_0(behind: int) -> None:
    """The answer has no chunks and no length, and ends with the connection; a server that is away is 503."""
    request = b"POST /chatkit HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nferns"
    for port, status in ((behind, b"200"), (1, b"503")):
        listener = socket.create_server(("127.0.0.1", 0))
        front = listener.getsockname()[1]
        serving = asyncio.create_task(old_http._serve(listener, port))
        head, _, body = (await said(front, request)).partition(b"\r\n\r\n")
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        assert head.startswith(b"HTTP/1.0 " + status)
        assert b"chunked" not in head
        assert body == (b"ferns" if status == b"200" else b"")


@pytest.mark.parametrize(("taken", "packed"), [("gzip", True), ("identity", False)])
async def test_answers_are_packed_for_whoever_takes_it(taken: str, packed: bool) -> None:
    """Each write of a stream can be unpacked as it comes, and the whole is what was said."""
    writes: list[bytes] = []
    headers: dict[bytes, bytes] = {}

    async def stream(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
        for piece, more in ((b"data: a\n\n", True), (b"data: b\n\n", False)):
            await send({"type": "http.response.body", "body": piece, "more_body": more})

    async def send(message: Any) -> None:
        headers.update(message.get("headers", ()))
        if body := message.get("body"):
            writes.append(body)

    async def receive() -> Any:
        return {"type": "http.request"}

    scope = {"type": "http", "headers": [(b"accept-encoding", taken.encode())]}
    await odd_server._Packed(stream)(scope, receive, send)
    whole = b"".join(writes)
    assert (headers.get(b"content-encoding") == b"gzip") is packed
    assert (gzip.decompress(whole) if packed else whole) == b"data: a\n\ndata: b\n\n"
    assert len(writes) == 2


@pytest.mark.parametrize(("name", "header"), [("odd-cookie-only", "cookie"), ("odd-key-only", "x-api-key")])
def test_one_credential_is_taken_and_no_other(name: str, header: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user is known by it, and a bearer token beside nothing is refused."""
    monkeypatch.setitem(vars(app), "user_of", vars(app)["user_of"])
    patch = MUTANTS[name].change
    assert callable(patch)
    patch()
    token = token_for("ann", SECRET, lifetime=app._DEMO_LIFETIME)
    value = f"{COOKIE}={token}" if header == "cookie" else token
    shown = HTTPConnection({"type": "http", "headers": [(header.encode(), value.encode())]})
    assert vars(app)["user_of"](shown, SECRET) == "ann"
    bearer = HTTPConnection({"type": "http", "headers": [(b"authorization", f"Bearer {token}".encode())]})
    with pytest.raises(Refusal):
        vars(app)["user_of"](bearer, SECRET)
