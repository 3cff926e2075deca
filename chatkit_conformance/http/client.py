"""The browser's side: sends one request to the server and turns whatever comes back into a `Reply`.

Nothing that a server does raises here, hangs, or fills memory: a refused or broken connection, silence, an endless
stream, a body that inflates without end all become values in the reply (`ended`, `trouble`). What raises is our own
fault.

    async with Client("http://127.0.0.1:8000", "/chatkit") as client:
        reply = await client.send(label="turn-1", payload={"type": "threads.list", "params": {}})
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from weakref import WeakSet

import httpx

from ..target.config_error import ConfigError
from ..target.target import QUERY
from ..transcript import JSON, Reply
from .allowance import RUN_MB, Allowance
from .limit import Limit
from .pending_reply import Limits, PendingReply
from .pieces import Pieces
from .request_body import body_of
from .retry_after import MOST_S
from .sessions import Browser, Sessions


class Client:
    """One HTTP client for a whole run. It follows no redirect, and obeys no proxy variable.

    Of cookies it keeps what a server makes of those with which a user began (sessions.py), and no others.

    Args:
        base_url: scheme, host and port. endpoint_path: where ChatKit answers, "/chatkit".
        headers: sent with every request; those of `send` win.
        limits: deadlines and bounds of each reply.
        kept_mb: megabytes of memory that all answers may take together.
        connections: how many may be open at once; more wait their turn, and waiting is never counted as the server's.
        verify: TLS verification, as in httpx: a context, or False for a throw-away certificate. True trusts the usual
            authorities, or those of the PEM file that the environment names as SSL_CERT_FILE.

    Raises:
        ConfigError: SSL_CERT_FILE names no such file.
    """

    def __init__(
        self,
        base_url: str,
        endpoint_path: str = "/chatkit",
        *,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        connections: int = 128,
        verify: ssl.SSLContext | bool = True,
        kept_mb: int = RUN_MB,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.endpoint_path = endpoint_path
        self.limits = limits or Limits()
        self.allowance = Allowance(kept_mb)
        self.sessions = Sessions()
        self.limit = Limit()
        self.patience: Callable[[], float] = lambda: 1.0
        """By how much deadlines are stretched: the machine may be busy (running/lag.py), the server slow (pace.py)."""
        self._opened: WeakSet[PendingReply] = WeakSet()
        self._http = httpx.AsyncClient(
            headers={
                "user-agent": "chatkit-conformance",
                "accept": "*/*",
                "accept-encoding": "gzip",
                **(headers or {}),
            },
            # One user's cookie must never travel with another user's request.
            cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
            # No connection is used twice: servers drop idle ones, and uvicorn closes one after an unhandled exception
            # although its 500 promised more. A browser asks again; here the race would be judged as a fault.
            limits=httpx.Limits(max_connections=connections, max_keepalive_connections=0),
            timeout=self.limits.timeout,
            follow_redirects=False,
            trust_env=False,
            verify=_trusting() if verify is True and base_url.startswith("https") else verify,
        )

    async def __aenter__(self) -> Client:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._http.aclose()

    async def send(
        self,
        *,
        label: str,
        user: str = "a",
        payload: JSON | bytes = None,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
        path: str | None = None,
        deadline_s: float | None = None,
        held_back_s: float = 0.0,
    ) -> Reply:
        """Send one request and read the answer to its end, or to its deadline.

        Args:
            label, user: kept in the reply. payload: a JSON value, or bytes to send as they are; None sends no body.
            headers: added to the client's. path: instead of the endpoint's, or a whole URL.
            deadline_s: seconds for all of it. held_back_s: see `open`.
        """
        async with self.open(
            label=label,
            user=user,
            payload=payload,
            headers=headers,
            method=method,
            path=path,
            deadline_s=deadline_s,
            held_back_s=held_back_s,
        ) as opened:
            return await opened.finish()

    def open(
        self,
        *,
        label: str,
        user: str = "a",
        payload: JSON | bytes = None,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
        path: str | None = None,
        deadline_s: float | None = None,
        pieces: Pieces | None = None,
        held_back_s: float = MOST_S,
    ) -> PendingReply:
        """Send one request and hand out the answer while it comes, as an async context manager. See `send`.

        Args:
            pieces: how the body is sent, where not at once.
            held_back_s: seconds that it waits at most where it is turned away with 429; 0: that is the answer.
        """
        body = body_of(payload)
        sent_headers = {"content-type": "application/json"} if body.content is not None else {}
        sent_headers.update({name.lower(): value for name, value in (headers or {}).items()})
        query, url = sent_headers.pop(QUERY, ""), self._url(path)
        browser = Browser(sessions=self.sessions, began_with=sent_headers.pop("cookie", ""))
        if query and path is None:
            url = f"{url}{'&' if '?' in url else '?'}{query}"
        opened = PendingReply(
            http=self._http,
            method=method,
            url=url,
            headers=sent_headers,
            content=body.content,
            pieces=pieces,
            allowance=self.allowance,
            browser=browser,
            visit=self.limit.visit((query, *sorted(sent_headers.items()), browser.began_with), held_back_s),
            limits=self.limits.within(deadline_s or self.limits.deadline_s).stretched(self.patience()),
            reply=Reply(
                label=label,
                user=user,
                request=body.request,
                raw=isinstance(payload, bytes) or payload is None or method != "POST",
            ),
        )
        self._opened.add(opened)
        return opened

    @property
    def under_way(self) -> list[Reply]:
        """What has been asked and not been answered to its end, the oldest first: as far as it has come."""
        replies = [opened.reply for opened in self._opened if opened.began and not opened.over]
        return sorted(replies, key=lambda reply: reply.sent_at)

    def _url(self, path: str | None) -> str:
        if path is not None and path.startswith(("http://", "https://")):
            return path
        return self.base_url + (self.endpoint_path if path is None else path)


def _trusting() -> ssl.SSLContext | bool:
    if not (file := os.environ.get("SSL_CERT_FILE", "")):
        return True
    try:
        return ssl.create_default_context(cafile=file)
    except OSError as error:
        raise ConfigError(f"SSL_CERT_FILE={file}: {error.strerror or error}. Name a PEM file, or unset it.") from error
