"""The journal: every request that the stand-in was sent, what it answered and when, and who waits to read it.

In full it keeps requests and chunks. Kept light, for load, it keeps of an ended call its stamps alone (see stamps.py).
Times are seconds of `time.monotonic()`. Credentials are replaced by a fingerprint before anything is kept. It holds the
newest calls up to a number and a size; what fell out is counted, never silently.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Iterable

from .entry import Entry
from .stamps import Stamps, stamps_of

SECRET_HEADERS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "api-key",
        "x-api-key",
        "x-goog-api-key",
        "openai-organization",
        "openai-project",
    }
)
"""Headers that hold or point to a credential."""

_ID = re.compile(r'"id":"([^"]+)","model":')
"""An answer's own id, which stands before its model's name."""

CALLS = 20_000
BYTES = 256 * 1024 * 1024


def fingerprint(value: str) -> str:
    """A credential as the journal shows it: its scheme, and eight hex digits of the SHA-256 of the rest; "" of none."""
    if not value.strip():
        return ""
    scheme, _, rest = value.rpartition(" ")
    digest = hashlib.sha256(rest.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{scheme} sha256:{digest}".strip()


def redacted(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers as text, names in lower case, credentials as fingerprints."""
    made: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        value = fingerprint(value) if name in SECRET_HEADERS else value
        made[name] = f"{made[name]}, {value}" if name in made else value
    return made


class Journal:
    """The calls, newest last.

    Args:
        calls, size: how many calls and about how many bytes are kept.

    Set `light` and ended calls lose their bodies, headers and chunks; their stamps are kept either way.
    """

    def __init__(self, calls: int = CALLS, size: int = BYTES) -> None:
        self._most, self._most_bytes = calls, size
        self._entries: dict[int, Entry] = {}
        self._by_nonce: dict[str, list[Entry]] = {}
        self._bytes = 0
        self._next = 0
        self.dropped = 0
        self.light = False
        self.stamps = Stamps(keep=calls)
        self._changed = asyncio.Event()

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, *, method: str, path: str, headers: Iterable[tuple[bytes, bytes]], raw: bytes) -> Entry:
        """Begin a call. `file` puts it under its nonce once that is known."""
        entry = Entry(n=self._next, at=time.monotonic(), method=method, path=path, headers=redacted(headers), raw=raw)
        self._next += 1
        self._entries[entry.n] = entry
        return entry

    def file(self, entry: Entry) -> None:
        """Put the call under its nonce and tell those who wait."""
        self._by_nonce.setdefault(entry.nonce, []).append(entry)
        self.tell()

    def close(self, entry: Entry) -> None:
        """Keep the ended call's stamps, count its size, drop the oldest beyond the limits, tell those who wait."""
        self.stamps.add(stamps_of(entry))
        entry.closed = True
        if self.light:
            entry.raw, entry.headers, entry.sent = b"", {}, []
        self._bytes += entry.size
        while len(self._entries) > self._most or self._bytes > self._most_bytes:
            oldest = next(iter(self._entries.values()))
            if not oldest.ended or oldest is entry:
                break
            self._drop(oldest)
        self.tell()

    def _drop(self, entry: Entry) -> None:
        del self._entries[entry.n]
        self._bytes -= entry.size
        self.dropped += 1
        named = self._by_nonce.get(entry.nonce, [])
        if entry in named:
            named.remove(entry)
        if not named:
            self._by_nonce.pop(entry.nonce, None)

    def tell(self) -> None:
        """Wake everybody who waits for a change."""
        self._changed.set()
        self._changed = asyncio.Event()

    def find(self, nonces: Iterable[str]) -> list[Entry]:
        """The calls with one of these nonces, or all where none is named, in order of arrival."""
        wanted = tuple(dict.fromkeys(nonces))
        if not wanted:
            return list(self._entries.values())
        found = [entry for nonce in wanted for entry in self._by_nonce.get(nonce, ())]
        return sorted(found, key=lambda entry: entry.n)

    def last_id(self, nonces: Iterable[str]) -> str:
        """The id of the newest answer to one of these nonces, or "" where none of them had one."""
        for entry in reversed(self.find(nonces)):
            found = _ID.search(entry.sent[0][1]) if entry.sent else None
            if found:
                return found[1]
        return ""

    async def wait(self, nonces: Iterable[str], calls: int, finished: bool, timeout_s: float) -> list[Entry]:
        """The calls with these nonces once there are enough of them, or what there is after `timeout_s`.

        Side requests are returned and do not count.

        Args:
            calls: how many are enough. finished: count only those that ended and whose stamps are kept.
        """
        wanted = tuple(nonces)
        deadline = time.monotonic() + timeout_s
        while True:
            found = self.find(wanted)
            enough = sum(1 for entry in found if not entry.side and (entry.closed or not finished))
            left = deadline - time.monotonic()
            if enough >= calls or left <= 0:
                return found
            changed = self._changed
            try:
                await asyncio.wait_for(changed.wait(), left)
            except TimeoutError:
                return self.find(wanted)
