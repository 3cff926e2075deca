"""Letters that a gateway has cut in two, put together again.

JSON writes an emoji as two code units, `\\ud83d\\ude00`, and allows either by itself (RFC 8259, section 8.2). What cuts
a stream by code units, as JavaScript does, leaves half a letter in one delta and half in the next. UTF-8 has no halves,
so neither half can be sent on or stored by itself.
"""

from __future__ import annotations

LOST = "\ufffd"
"""What stands for half a letter whose other half never comes, as in every browser's own decoder."""


class Letters:
    """Feed it the deltas of one text; it gives whole letters, and keeps the half that one ends with for the next."""

    def __init__(self) -> None:
        self._half = ""

    def feed(self, text: str) -> str:
        """The whole letters up to here."""
        text, self._half = self._half + text, ""
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return whole(text)

    def close(self) -> str:
        """What was kept, when no more of it comes."""
        half, self._half = self._half, ""
        return LOST if half else ""


def whole(text: str) -> str:
    """A text without halves: two that belong together are one letter, and one by itself is LOST."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
