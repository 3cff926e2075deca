"""A request passed on to the real Gemini: asked as it came, answered as it is answered, each event kept as it passes.

Nothing is scripted then, and nothing is refused here. The journal holds what was asked and what came, as it does of
scripts, so that whoever reads it need not know which of the two it was.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from .entry import Entry
from .errors import Failure
from .native.heard import heard
from .nesting import read_json
from .wire import EVENT_STREAM, End, Send, headers, send_whole

if TYPE_CHECKING:
    import httpx

FACE = "/v1beta/openai"
"""Where the OpenAI-compatible endpoint begins; the path of each other request is that of Gemini's own API."""

SILENCE_S = 120.0
"""Seconds for which Gemini may say nothing."""

LEFT_OUT = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "host",
        "keep-alive",
        "openai-organization",
        "openai-project",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""Headers that are between two neighbours (RFC 9110, 7.6.1), or of the transfer; and OpenAI's two, for which Gemini
would refuse every request and so hide all else: they are in the journal."""

_END = re.compile(rb"\r?\n\r?\n")
"""What ends an event: two newlines, which Gemini's own API writes with carriage returns."""


class Upstream:
    """The real Gemini.

    Args:
        base_url: of its OpenAI-compatible endpoint, as a server's GEMINI_BASE_URL would be.
    """

    def __init__(self, base_url: str) -> None:
        self._base = base_url.rstrip("/")
        self._http: httpx.AsyncClient | None = None

    @property
    def http(self) -> httpx.AsyncClient:
        """Speaks with it."""
        if self._http is None:
            import httpx

            self._http = httpx.AsyncClient(
                timeout=httpx.Timeout(SILENCE_S, connect=10.0), follow_redirects=False, trust_env=False
            )
        return self._http

    def address(self, path: str, query: str) -> str:
        """Where a request of this path is passed on to."""
        found = f"{self._base}{path.removeprefix(FACE)}"
        if not path.startswith(FACE):
            found = f"{self._base.removesuffix('/openai').removesuffix('/v1beta')}{path}"
        return f"{found}?{query}" if query else found

    async def answer(
        self, entry: Entry, raw: bytes, head: Mapping[str, str], send: Send, *, query: str = "", native: bool = False
    ) -> End:
        """Ask, and hand on what comes; returns what is left to do with the connection. A cut answer is cut here, too.

        Args:
            raw: the body as it came. head: the headers as they came, in small letters. native: whether it was asked
                in the words of Gemini's own API: the journal then holds the chat completion that says the same.
        """
        import httpx

        asked = {name: value for name, value in head.items() if name not in LEFT_OUT}
        began = False
        try:
            async with self.http.stream(
                entry.method,
                self.address(entry.path, query),
                content=raw,
                headers={**asked, "accept-encoding": "identity"},
            ) as answer:
                entry.status = answer.status_code
                kept = [(n.lower(), v) for n, v in answer.headers.raw if n.decode("latin-1").lower() not in LEFT_OUT]
                await send({"type": "http.response.start", "status": answer.status_code, "headers": kept})
                began = True
                streams = answer.headers.get("content-type", "").startswith(EVENT_STREAM)
                held = b""
                async for piece in answer.aiter_raw():
                    held = _noted(entry, held + piece, native) if streams else held + piece
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
            _note_end(entry, held, streams=streams, native=native)
            await send({"type": "http.response.body", "body": b""})
        except httpx.HTTPError as error:
            if began or isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
                return End.CLOSE
            text = f"Gemini could not be reached at {self._base}: {type(error).__name__}: {error}"
            failure = Failure(code=502, message=text, status="UNAVAILABLE")
            entry.status = failure.code
            entry.note(failure.body())
            took = time.monotonic() - entry.at
            await send_whole(
                send, failure.code, headers("application/json", took, zipped=False), failure.body().encode()
            )
        return End.WHOLE


def heeded(entry: Entry, complaints: tuple[str, ...]) -> tuple[str, ...]:
    """What Gemini refuses in a request that was passed on: nothing where it took it, and its own words where not.

    Args:
        complaints: what our rules say that it refuses: it has the last word.
    """
    if entry.status != 400:  # INVALID_ARGUMENT: the request itself is wrong
        return ()
    said = _message(entry.sent[0][1]) if entry.sent else ""
    return tuple(dict.fromkeys(filter(None, (said, *complaints))))


def _message(text: str) -> str:
    try:
        value = read_json(text)
        error = (value[0] if isinstance(value, list) else value)["error"]
        return str(error["message"])
    except (ValueError, LookupError, TypeError):
        return text


def _noted(entry: Entry, data: bytes, native: bool) -> bytes:
    """Note the events that are whole; returns what follows them."""
    *events, rest = _END.split(data)
    for event in events:
        _note(entry, event, native)
    return rest


def _note(entry: Entry, event: bytes, native: bool) -> None:
    if text := event.decode("utf-8", "replace").removeprefix("data:").strip():
        entry.note(heard(text) if native else text)


def _note_end(entry: Entry, held: bytes, *, streams: bool, native: bool) -> None:
    """Note what stands behind the last event, and the end that Gemini's own API does not say."""
    _note(entry, held, native and entry.status < 400)  # an error is no completion
    if streams and native:
        entry.note("[DONE]")
