"""AsyncOpenAI, pointed at Gemini and kept to what Gemini takes.

`OPENAI_ORG_ID` and `OPENAI_PROJECT_ID` in the environment would become headers, which Gemini reads as a second
credential (400). A field that Gemini does not know is a 400 as well; `GeminiModel` writes only known ones.
"""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator
from typing import Any

import httpx2
from openai import AsyncOpenAI, DefaultAioHttpClient, DefaultAsyncHttpxClient, Timeout

# Bytes of an error's body that are read, as they came; packed, they are a thousand times that at most.
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
            http_client=_bounded(_http_client(timeout)),
            # Gemini compresses each event by itself: unpacking costs more than reading, and saves no bytes to speak of.
            default_headers={"Accept-Encoding": "identity"},
        )
        self.organization = None
        self.project = None


class _Beginning(httpx2.AsyncByteStream):
    """The beginning of a body, as it came."""

    def __init__(self, body: Any) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = _LONGEST_ERROR
        async for read in self._body:
            yield read[:left]
            left -= len(read)
            if left <= 0:
                return

    async def aclose(self) -> None:
        """Close the whole body."""
        await self._body.aclose()


async def _bound(response: httpx2.Response) -> None:
    if isinstance(response, httpx2.Response) and response.status_code >= 400:
        response.stream = _Beginning(response.stream)


def _bounded(client: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """The client, which reads no more than the beginning of an error's body: the SDK reads it whole, however long."""
    client.event_hooks = {**client.event_hooks, "response": [_bound]}
    return client


def _http_client(timeout: Timeout) -> httpx2.AsyncClient:
    """OpenAI's client over aiohttp where that is installed: a fifth less CPU for a turn than httpcore and h11.

    It also gives everything that has arrived in one read, where h11 gives one event at a time: a busy server then
    handles them in one go.
    """
    kind = DefaultAioHttpClient if importlib.util.find_spec("aiohttp") else DefaultAsyncHttpxClient
    return kind(timeout=timeout)
