"""One answer while it comes: read in the background, stamped as it arrives, bounded in time and size."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import TracebackType

import httpx

from ..target.scrub import scrub_set_cookie
from ..transcript import NOT_KEPT, Ended, Event, Reply
from ..wire.inflate import Inflater, TooMuch
from ..wire.sse import Frame, SseParser, parse_json, read_event, shorten
from .allowance import Allowance
from .limit import Visit
from .pieces import HungUp, Pieces
from .sessions import Browser

_TEXT_KEPT = 64 * 1024
_CLOSING_S = 2.0
"""Seconds that closing a connection may take; a peer that will not say goodbye is not waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Deadlines and bounds of one reply.

    Args:
        deadline_s: seconds for the whole of it. idle_s: seconds in which nothing at all comes. connect_s: to connect.
        max_bytes: most bytes of a body, after decoding. max_events: most events of a stream.
    """

    deadline_s: float = 30.0
    idle_s: float = 15.0
    connect_s: float = 10.0  # TCP asks again after 1, 3 and 7 s (RFC 6298): an answer to the third still counts
    max_bytes: int = 32 * 1024 * 1024
    max_events: int = 20_000

    def within(self, deadline_s: float) -> Limits:
        """These limits with another deadline. In a longer one than usual, nothing may come for as long."""
        idle_s = self.idle_s if deadline_s <= self.deadline_s else max(self.idle_s, deadline_s)
        return replace(self, deadline_s=deadline_s, idle_s=idle_s)

    def stretched(self, factor: float) -> Limits:
        """These limits, with the server waited for so many times as long."""
        stretched = (seconds * factor for seconds in (self.deadline_s, self.idle_s, self.connect_s))
        deadline_s, idle_s, connect_s = stretched
        return replace(self, deadline_s=deadline_s, idle_s=idle_s, connect_s=connect_s)

    @property
    def timeout(self) -> httpx.Timeout:
        """As httpx takes them. A free connection is waited for as long as a whole reply."""
        return httpx.Timeout(self.idle_s, connect=self.connect_s, pool=self.deadline_s)


RENEWED, TURNED_AWAY = "renewed", "turned away"
"""Why a request is sent again: its session was renewed while it was under way; the server's limit had been reached."""

NO_CONNECTION = "no connection within"
"""How the trouble of a reply begins whose request nobody took in time: a busy machine does so, too."""


class _Enough(Exception):
    """We stop reading; the message says why."""


_TROUBLES: tuple[tuple[type[Exception], Ended, str], ...] = (
    (httpx.ConnectTimeout, "refused", NO_CONNECTION + " {connect_s:.3g} s"),
    (httpx.ConnectError, "refused", "could not connect"),
    (httpx.PoolTimeout, "unsent", "the harness had no free connection in time: it is overloaded"),
    (httpx.ReadTimeout, "deadline", "nothing came for {idle_s:.3g} s"),
    (httpx.WriteTimeout, "deadline", "the server did not read the request within {idle_s:.3g} s"),
    (httpx.UnsupportedProtocol, "unsent", "the URL cannot be used"),
    (httpx.LocalProtocolError, "unsent", "the request is not valid HTTP"),
    (httpx.InvalidURL, "unsent", "the URL cannot be used"),
    (httpx.RemoteProtocolError, "cut", "the server sent invalid HTTP"),
    (httpx.HTTPError, "cut", "the connection broke"),
)
"""What httpx raises -> how the reply ended, in what words. The first row that matches counts."""


class PendingReply:
    """An answer that is still coming. Made by `Client.open`; use it with `async with`.

    Leaving the block drops the connection, if it is still open, as a closed browser tab does.
    """

    def __init__(
        self,
        *,
        http: httpx.AsyncClient,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None,
        limits: Limits,
        allowance: Allowance,
        reply: Reply,
        browser: Browser,
        visit: Visit,
        pieces: Pieces | None = None,
    ) -> None:
        self._http = http
        self._method, self._url, self._headers, self._content = method, url, headers, content
        self._pieces = pieces
        self._limits = limits
        self._allowance = allowance
        self._browser = browser
        self.visit = visit
        self._reply = reply
        self._events: list[Event] = []
        self._body = bytearray()
        self._trouble: str | None = None
        self._ended: Ended = "closed"
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> PendingReply:
        self._reply = replace(self._reply, sent_at=time.monotonic())
        self._task = asyncio.create_task(self._read(), name=f"reply {self._reply.label}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave()

    @property
    def reply(self) -> Reply:
        """What has come so far, or the whole reply once it ended."""
        sent_at = time.monotonic() if self.visit.waiting else self._reply.sent_at
        return replace(
            self._reply, sent_at=sent_at, events=tuple(self._events), ended=self._ended, trouble=self._trouble
        )

    @property
    def began(self) -> bool:
        """Whether it was asked for already."""
        return self._task is not None

    @property
    def over(self) -> bool:
        """Whether the reply has ended."""
        return self._task is not None and self._task.done()

    async def wait_for(self, predicate: Callable[[Event], bool], timeout_s: float) -> Event | None:
        """The first event of the reply that the predicate accepts, those that came before included.

        Returns:
            None when the reply ends without one, or `timeout_s` seconds pass, those not counted in which the server's
            limit held the request back.
        """
        seen, ends_at = 0, time.monotonic() + timeout_s - self.visit.waited_s
        while True:
            news, over = self._news, self.over
            for event in self._events[seen:]:
                seen += 1
                if predicate(event):
                    return event
            left_s = ends_at + self.visit.waited_s - time.monotonic()
            if over or left_s <= 0:
                return None
            with suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), left_s)

    async def leave(self) -> Reply:
        """Drop the connection now and give what came. Does nothing to a reply that has ended."""
        task = self._task
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait({task}, timeout=_CLOSING_S)
        return self.reply

    async def finish(self) -> Reply:
        """Read to the end, or to the deadline, and give the whole reply."""
        if self._task is None:
            raise RuntimeError("this reply was never opened: write `async with client.open(...) as opened`")
        await asyncio.wait({self._task})
        self._task.result()  # a fault of ours, if any, is raised here
        return self.reply

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(self._limits.deadline_s) as deadline:
                await self._exchange(deadline)
        except TimeoutError:
            self._stop("deadline", f"not finished after {self._limits.deadline_s} s")
        except asyncio.CancelledError:
            self._stop("left", None)
        except _Enough as reason:
            self._stop("left", f"the harness disconnected: {reason}")
        except HungUp:
            self._stop("left", "we dropped the connection before the whole request was sent")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self._fail(error)
        finally:
            self.visit.over()
            self._finish_body()
            self._reply = replace(self._reply, ended_at=time.monotonic())
            self._tell()

    async def _exchange(self, deadline: asyncio.Timeout) -> None:
        renewed = False
        while True:
            deadline.reschedule(None)
            await self.visit.come()
            deadline.reschedule(asyncio.get_running_loop().time() + self._limits.deadline_s)
            self._reply = replace(self._reply, sent_at=time.monotonic())
            if (why := await self._answered(last=renewed)) == "":
                return
            renewed = renewed or why == RENEWED

    async def _answered(self, *, last: bool) -> str:
        """Ask, and read the answer; returns why it was left unread and is to be asked for again, or "".

        Args:
            last: whether a renewed session crossed it before.
        """
        headers = self._sent_headers()
        async with self._http.stream(
            self._method,
            self._url,
            headers=headers,
            content=self._sent(),
            timeout=self._limits.timeout,
        ) as response:
            if not last and self._browser.crossed(response.status_code, headers.get("cookie", "")):
                return RENEWED
            if self.visit.turned_away(response.status_code, response.headers):
                return TURNED_AWAY
            self._browser.take(response.status_code, response.headers.get_list("set-cookie"))
            self._reply = replace(
                self._reply, status=response.status_code, headers=_headers(response), headers_at=time.monotonic()
            )
            self._tell()
            try:
                inflater = Inflater(response.headers.get("content-encoding", ""), max_bytes=self._limits.max_bytes)
                if self._reply.streamed:
                    await self._stream(response, inflater)
                else:
                    async for chunk in response.aiter_raw():
                        for piece in inflater.pieces(chunk):
                            self._body += self._counted(piece, len(self._body))
            except TooMuch as error:
                raise _Enough(str(error)) from error
            except ValueError as error:
                self._stop("cut", str(error))
        return ""

    def _counted(self, data: bytes, before: int) -> bytes:
        """What came, counted; raises _Enough where the run may keep no more of it. `before`: bytes of it so far."""
        self._allowance.spend(text=len(data))
        if self._allowance.refuses(events=len(self._events), text=before + len(data)):
            raise _Enough(f"{NOT_KEPT} {self._allowance.kept_mb} MB of what a server sends")
        return data

    def _sent(self) -> bytes | AsyncIterator[bytes] | None:
        if self._pieces is None or self._content is None:
            return self._content
        return self._pieces.of(self._content)

    def _sent_headers(self) -> dict[str, str]:
        counted = self._pieces is not None and self._pieces.counted
        cookie = {"cookie": held} if (held := self._browser.header()) else {}
        return {**self._headers, **cookie, **({"content-length": str(len(self._content or b""))} if counted else {})}

    async def _stream(self, response: httpx.Response, inflater: Inflater) -> None:
        parser = SseParser(max_event_bytes=self._limits.max_bytes)
        try:
            size = 0
            async for chunk in response.aiter_raw():
                for piece in inflater.pieces(chunk):
                    self._take(parser.feed(self._counted(piece, size)))
                    size += len(piece)
                    if parser.overflow:
                        raise _Enough(parser.overflow)
        except httpx.HTTPError:
            self._trouble = parser.end()
            raise
        self._trouble = parser.end()  # where it is we who leave, nobody knows what would have come

    def _take(self, frames: Sequence[Frame]) -> None:
        """Take the events that came; raises _Enough where they are too many."""
        at = time.monotonic()
        self._allowance.spend(events=len(frames))
        for frame in frames:
            if len(self._events) == self._limits.max_events:
                raise _Enough(f"more than {self._limits.max_events} events in one stream")
            self._events.append(read_event(frame, index=len(self._events), at=at))
        if frames:
            self._tell()

    def _finish_body(self) -> None:
        """Read what came of a body that is no stream: as JSON where it is JSON, else as text."""
        if not self._body:
            return
        text = self._body.decode("utf-8", "replace")
        raw, self._body = self._body, bytearray()
        kept = replace(self._reply, text=text[:_TEXT_KEPT])
        kind = self._reply.headers.get("content-type", "").lower()
        start = text[:200].lstrip("\ufeff \t\r\n").lower()
        if "json" in kind or start.startswith(("{", "[", '"')):
            try:
                value = parse_json(raw.decode("utf-8"))
            except ValueError as error:
                self._note(f"the body is not JSON ({error}): {shorten(text)}")
            else:
                kept = replace(self._reply, body=value, text="" if value is not None else text)
        elif start.startswith(("<!doctype html", "<html")):
            self._note(f"the body is an HTML page, not a ChatKit answer: {shorten(text)}")
        elif start.startswith(("data:", "event:", ":")):
            self._note(f"the body looks like an event stream, but its content-type is {kind or 'missing'!r}")
        self._reply = kept

    def _fail(self, error: Exception) -> None:
        for kind, ended, words in _TROUBLES:
            if isinstance(error, kind):
                said = words.format(connect_s=self._limits.connect_s, idle_s=self._limits.idle_s)
                self._stop(ended, f"{said}: {_cause(error)}")
                return
        raise error

    def _stop(self, ended: Ended, words: str | None) -> None:
        self._ended = ended
        if words:
            self._note(words)

    def _note(self, words: str) -> None:
        self._trouble = f"{self._trouble}; {words}" if self._trouble else words

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


def _headers(response: httpx.Response) -> dict[str, str]:
    """The response's headers, names in lower case, several of one name joined, cookie values replaced."""
    headers: dict[str, str] = {}
    for name, value in response.headers.multi_items():
        shown = scrub_set_cookie(value) if name == "set-cookie" else value
        headers[name] = f"{headers[name]}, {shown}" if name in headers else shown
    return headers


def _cause(error: BaseException) -> str:
    """The innermost reason, which names what the operating system or the peer did."""
    words, inner = str(error) or type(error).__name__, error
    while (deeper := inner.__cause__ or inner.__context__) is not None:
        inner = deeper
        if isinstance(inner, (ssl.SSLError, socket.gaierror)):
            words = inner.strerror or str(inner)
        elif isinstance(inner, OSError) and inner.errno:
            words = os.strerror(inner.errno)
    return words
