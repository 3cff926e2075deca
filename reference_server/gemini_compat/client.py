"""AsyncOpenAI, pointed at Gemini and kept to what Gemini takes.

`OPENAI_ORG_ID` and `OPENAI_PROJECT_ID` in the environment would become headers, which Gemini reads as a second
credential (400). A field that Gemini does not know is a 400 as well; `GeminiModel` writes only known ones.
"""

from __future__ import annotations

import importlib.util

import httpx2
from openai import AsyncOpenAI, DefaultAioHttpClient, Timeout


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
            http_client=_http_client(timeout),
            # Gemini compresses each event by itself: unpacking costs more than reading, and saves no bytes to speak of.
            default_headers={"Accept-Encoding": "identity"},
        )
        self.organization = None
        self.project = None


def _http_client(timeout: Timeout) -> httpx2.AsyncClient | None:
    """OpenAI's client over aiohttp where that is installed: a fifth less CPU for a turn than httpcore and h11.

    It also gives everything that has arrived in one read, where h11 gives one event at a time: a busy server then
    handles them in one go.
    """
    return DefaultAioHttpClient(timeout=timeout) if importlib.util.find_spec("aiohttp") else None
