"""Sessions that are given another value and another name in mid-run, and of which an old one ends after a while."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie

from .access import KEYS

NAMES = ("shop_session", "shop_sid")
"""Names that a session has in turn."""

EVERY = 12
"""Requests of a user after which the session is another."""

KEPT = 3
"""Sessions of a user that are good at once: what was sent before the newest was read is still answered."""


class Renewing:
    """Who is signed in by which cookie."""

    def __init__(self) -> None:
        self._sessions = {user: [(NAMES[0], key)] for key, user in KEYS.items()}
        self._asked = dict.fromkeys(self._sessions, 0)

    def user_of(self, headers: Mapping[str, str]) -> str:
        """The user whose session the Cookie header has, or ""."""
        try:
            crumbs = {name: crumb.value for name, crumb in SimpleCookie(headers.get("cookie", "")).items()}
        except CookieError:
            return ""
        return next((user for user, good in self._sessions.items() if any(crumbs.get(n) == v for n, v in good)), "")

    def set_cookies(self, user: str) -> tuple[str, ...]:
        """The Set-Cookie lines of the answer to one more request of this user's."""
        self._asked[user] += 1
        if self._asked[user] % EVERY:
            return ()
        old, _ = self._sessions[user][-1]
        new = NAMES[1 - NAMES.index(old)]
        value = f"shop-session-{uuid.uuid4().hex}"
        self._sessions[user] = [*self._sessions[user], (new, value)][-KEPT:]
        attributes = "Path=/; HttpOnly; SameSite=Strict"
        return (f"{new}={value}; {attributes}", f"{old}=; Max-Age=0; {attributes}")
