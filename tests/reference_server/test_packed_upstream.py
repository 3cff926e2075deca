"""What comes packed from Gemini's side fills no memory, whatever packs it and however long it is."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Iterator

import httpx2
import openai
import pytest

from reference_server.gemini_compat.client import GeminiClient, _bound
from reference_server.gemini_compat.failure import GeminiFailure, error_in, from_exception, from_text
from reference_server.gemini_compat.packing import Unpacker
from reference_server.gemini_compat.wire import EventReader, read_chunks
from tests.hostile.packing import zeros_in_zstd

EVENT = b'data: {"choices": []}\n\n'
MOST_MB = 8.0


class _Packed:
    """A response of these bytes, a kilobyte at a time."""

    def __init__(self, encoding: str, pieces: Iterator[bytes]) -> None:
        self.headers = {"content-encoding": encoding}
        self.pieces = pieces

    async def aiter_raw(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece


def _cut(body: bytes) -> Iterator[bytes]:
    return (body[n : n + 1024] for n in range(0, len(body), 1024))


async def _read(encoding: str, pieces: Iterator[bytes]) -> int:
    return sum([len(chunks) async for chunks in read_chunks(_Packed(encoding, pieces), EventReader())])


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("deflate", zlib.compress)]
)
async def test_packed_events_are_read_to_the_last(encoding: str, pack: object) -> None:
    """Ten thousand events that fit in a kilobyte are ten thousand events, the last one too."""
    assert callable(pack)
    assert await _read(encoding, _cut(pack(EVENT * 10_000 + b"data: [DONE]\n\n"))) == 10_000


async def test_what_follows_a_packed_stream_is_not_read() -> None:
    """Bytes behind the end of the gzip stream are dropped: a gateway that goes on sending them holds nobody."""
    sent = 0

    def without_end() -> Iterator[bytes]:
        nonlocal sent
        yield gzip.compress(EVENT)
        while True:
            sent += 1
            assert sent < 10, "it reads on behind the end"
            yield b"x" * 1024

    assert await _read("gzip", without_end()) == 1


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress", "x"])
async def test_a_packing_that_is_not_read_is_told(encoding: str) -> None:
    """Brotli, Zstandard and several at once are refused before a byte of them is unpacked."""
    with pytest.raises(GeminiFailure, match="not asked for"):
        await _read(encoding, _cut(b"x"))


BOMBS = {
    "gzip": gzip.compress(b"x" * 300_000_000, 1),
    "deflate": zlib.compress(b"x" * 300_000_000, 1),
    "zstd": zeros_in_zstd(4096),
    "br": bytes.fromhex("5bffff7f") + b"\x00" * 4096,
    "": b"x" * 300_000,
}


@pytest.mark.parametrize("encoding", BOMBS)
@pytest.mark.parametrize("status", [302, 400, 429, 503])
async def test_an_errors_body_is_read_to_a_bound(encoding: str, status: int) -> None:
    """Of whatever is no answer the first kilobytes are unpacked, and no library of the client's unpacks the rest."""

    class Body(httpx2.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for piece in _cut(BOMBS[encoding]):
                yield piece

    response = httpx2.Response(status, headers={"content-encoding": encoding}, stream=Body())
    tracemalloc.start()
    await _bound(response)
    body = await response.aread()
    most = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    assert len(body) <= 16 * 1024
    assert most < MOST_MB


def test_an_error_that_is_packed_is_read_all_the_same() -> None:
    """A gateway's gzip of Google's words is unpacked: the user is told what it is."""
    (piece,) = Unpacker("gzip").feed(gzip.compress(b'[{"error": {"code": 429, "message": "slower"}}]'))
    assert b"slower" in piece


@pytest.mark.parametrize("body", [b"[" * 50_000, b'{"error":' * 20_000, b'[{"error": {"code": ' + b"9" * 4000 + b"}}]"])
def test_an_error_that_is_nested_without_end_is_a_failure(body: bytes) -> None:
    """Depth and numbers beyond reading are told in words, in a stray text and in an error's body."""
    assert isinstance(from_text(body.decode()), GeminiFailure)
    request = httpx2.Request("POST", "http://127.0.0.1:1/")
    response = httpx2.Response(500, content=body, request=request)
    failure = from_exception(openai.InternalServerError("no", response=response, body=None), silence_s=1.0)
    assert failure is not None
    assert "9999" not in failure.message


def test_lists_around_an_error_are_Googles_own_one() -> None:
    """One list around the error is how Google writes it; a list of lists is no error of its."""
    assert error_in([{"error": {"code": 503}}]) is not None
    assert error_in([{}, {"error": {"code": 503}}]) is not None
    assert error_in([[{"error": {"code": 503}}]]) is None


async def test_gemini_sends_nobody_on() -> None:
    """A redirect is an error: whoever sends one would be sent the conversation."""
    client = GeminiClient(api_key="k", base_url="http://127.0.0.1:9/", connect_s=1.0, silence_s=1.0)
    assert client._client.follow_redirects is False
    await client.close()
