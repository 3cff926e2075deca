"""A request that is turned away, with the status, a code to search for, and words."""

from __future__ import annotations

from collections.abc import Mapping


class Refusal(Exception):
    """Answer this request with `status` and `{"error": {"code", "message"}}`, and these extra headers."""

    def __init__(self, status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


class ThreadLocked(Exception):
    """The thread takes no messages; the client is told in a stream, which is where it looks."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
