"""The cookies of a run's users, as their browsers hold them: a server may give a session another value or name.

Known by the Cookie header with which a user began, as the target file has it. So a request without cookies gets none,
and one with another user's, or with a forged one, has what it was given (RFC 6265bis, 5.6 and 5.7, without domains and
paths: all that a run asks is one endpoint).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

MOST = 50
"""Cookies that are held of one user; browsers hold about as many of a site."""


UNKNOWN = 401
"""The status that says that nobody is signed in (RFC 9110 section 15.5.2): it signs nobody in or out here."""

REFUSALS = (UNKNOWN, 403)
"""What a server says to a session that has ended."""


class Sessions:
    """What each user's browser holds.

    Attributes:
        on_new: called with the name and the value of each cookie that a server gave.
    """

    def __init__(self) -> None:
        self.on_new: Callable[[str, str], None] = lambda name, value: None
        self._held: dict[str, dict[str, str]] = {}

    def header(self, began_with: str) -> str:
        """The Cookie header to send for who began with this one."""
        held = self._held.get(began_with)
        return began_with if held is None else "; ".join(f"{name}={value}" for name, value in held.items())

    def take(self, began_with: str, status: int, lines: Iterable[str]) -> None:
        """Hold what an answer sets, a refusal's too: a session is renewed by whatever its user asks.

        What says that nobody is signed in signs nobody in or out here, nor does an answer that only takes away.
        """
        if status == UNKNOWN or not began_with:
            return
        told = [cookie for cookie in map(_read, lines) if cookie is not None]
        if all(value is None for _, value in told):
            return
        held = dict(self._held.get(began_with) or _pairs(began_with))
        for name, value in told:
            if value is None:
                held.pop(name, None)
            elif name in held or len(held) < MOST:
                held[name] = value
                self.on_new(name, value)
        self._held[began_with] = held


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """What one request has of its user's cookies.

    Args:
        sessions: what everybody's browser holds. began_with: the Cookie header with which the user began, or "".
    """

    sessions: Sessions
    began_with: str

    def header(self) -> str:
        """The Cookie header to send now, or ""."""
        return self.sessions.header(self.began_with)

    def take(self, status: int, lines: Iterable[str]) -> None:
        """Hold what the answer sets."""
        self.sessions.take(self.began_with, status, lines)

    def crossed(self, status: int, sent: str) -> bool:
        """Whether a session was refused that has been renewed since it was sent: the page asks again with the newer.

        Sixteen conversations of one user are more at once than any page has, so a renewal often crosses a request.
        """
        return status in REFUSALS and bool(sent) and sent != self.header()


def _pairs(header: str) -> dict[str, str]:
    found = (part.strip().partition("=") for part in header.split(";"))
    return {name: value for name, equals, value in found if equals}


def _read(line: str) -> tuple[str, str | None] | None:
    """Name and value of a Set-Cookie line, None for the value where it is taken away; None for no cookie."""
    pair, *rest = line.split(";")
    name, equals, value = pair.partition("=")
    if not equals or not name.strip():
        return None
    flags = {key.strip().lower(): told.strip() for key, _, told in (part.partition("=") for part in rest)}
    return name.strip(), None if _over(flags) else value.strip()


def _over(flags: Mapping[str, str]) -> bool:
    """Whether a cookie with these attributes has expired already: Max-Age counts before Expires."""
    if age := flags.get("max-age", ""):
        return age.startswith("-") or age == "0"
    try:
        return bool(flags.get("expires")) and parsedate_to_datetime(flags["expires"]).timestamp() <= time.time()
    except ValueError:
        return False
