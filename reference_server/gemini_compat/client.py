"""AsyncOpenAI, pointed at Gemini and kept to what Gemini takes.

`OPENAI_ORG_ID` and `OPENAI_PROJECT_ID` in the environment would become headers, which Gemini reads as a second
credential (400). A field that Gemini does not know is a 400 as well; `GeminiModel` writes only known ones.
"""

from __future__ import annotations

import importlib.util
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx2
from openai import AsyncOpenAI, DefaultAioHttpClient, DefaultAsyncHttpxClient, Timeout

from reference_server.gemini_compat.failure import GeminiFailure
from reference_server.gemini_compat.packing import Unpacker

# Bytes of the body of what is no answer that are read, unpacked.
_LONGEST_ERROR = 16 * 1024


class GeminiClient(AsyncOpenAI):
    """A client for Gemini's OpenAI-compatible endpoint.

    `connect_s` and `silence_s` are deadlines in seconds: for a connection, and for the next byte of an answer.
    Retries are the model's business (`GeminiModel`), because only it knows what was already shown.
    """

    def __init__(self, *, api_key: str, base_url: str, connect_s: float, silence_s: float) -> None:
        timeout = Timeout(silence_s, connect=connect_s)
        super().__init__(
            api_key=api_key,
            base_url=base_url,
            timeout=timeout,
            max_retries=0,
            http_client=_bounded(_http_client(timeout, base_url)),
            # Gemini compresses each event by itself: unpacking costs more than reading, and saves no bytes to speak of.
            default_headers={"Accept-Encoding": "identity"},
        )
        self.organization = None
        self.project = None


class _Beginning(httpx2.AsyncByteStream):
    """The beginning of a body, unpacked; nothing where it is packed in a way that is not read."""

    def __init__(self, body: Any, packing: str) -> None:
        self._body = body
        self._packing = packing

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = _LONGEST_ERROR
        with suppress(GeminiFailure):
            unpacker = Unpacker(self._packing)
            async for read in self._body:
                for piece in unpacker.feed(read):
                    yield piece[:left]
                    left -= len(piece)
                    if left <= 0:
                        return
                if unpacker.ended:
                    return

    async def aclose(self) -> None:
        """Close the whole body."""
        await self._body.aclose()


async def _bound(response: httpx2.Response) -> None:
    if isinstance(response, httpx2.Response) and not response.is_success:
        # Unpacked here and within the bound: the client's own way has none, and knows Brotli and Zstandard.
        packing = response.headers.pop("content-encoding", "")
        # The SDK reads an error's text, in whatever coding it names: base64 and zlib are codings, and give no text.
        response.encoding = "utf-8"
        response.stream = _Beginning(response.stream, packing)


def _bounded(client: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """The client, which reads no more than the beginning of an error's body: the SDK reads it whole, however long."""
    client.event_hooks = {**client.event_hooks, "response": [_bound]}
    return client


def _http_client(timeout: Timeout, base_url: str) -> httpx2.AsyncClient:
    """OpenAI's client over aiohttp where that is installed: a fifth less CPU for a turn than httpcore and h11.

    It also gives everything that has arrived in one read, where h11 gives one event at a time: a busy server then
    handles them in one go.
    """
    kind = DefaultAioHttpClient if importlib.util.find_spec("aiohttp") else DefaultAsyncHttpxClient
    # Reading the authorities takes 0.1 s, once for each proxy too. Where nothing is encrypted, nobody is trusted.
    verify = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if base_url.startswith("http://") else True
    # Gemini sends nobody on; whoever does would be sent the conversation.
    return kind(timeout=timeout, follow_redirects=False, verify=verify)
