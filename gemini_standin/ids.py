"""Ids, signatures and moments of one reply, drawn from a seed so that the same run gives the same bytes."""

from __future__ import annotations

import base64
import random
import string

from .dialect import CallIds


class Draws:
    """The random values of one reply, in the order in which they are asked for.

    Args:
        seed: of the stand-in. key: what tells this reply from others (nonce, position, attempt).
    """

    def __init__(self, seed: int, key: str) -> None:
        self.random = random.Random(f"{seed}/{key}")

    def reply_id(self) -> str:
        """A reply's id: base64url of 16 or 17 bytes without padding, 22 or 23 characters, no prefix."""
        raw = self.random.randbytes(self.random.choice((16, 17)))
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def signature(self) -> str:
        """A thought signature: standard base64, 72 characters like those of the flash-lite models."""
        return base64.b64encode(self.random.randbytes(54)).decode()

    def call_id(self, style: CallIds) -> str:
        """A tool call's id in the dialect's style."""
        if style == "alnum8":
            return "".join(self.random.choices(string.ascii_letters + string.digits, k=8))
        if style == "call-digits":
            return f"call_{self.random.randrange(100_000, 10_000_000)}"
        if style == "function-call-digits":
            return f"function-call-{self.random.randrange(10**16, 2**64)}"
        return ""
