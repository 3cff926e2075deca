"""An address that somebody typed: a URL, or one without its http://."""

from __future__ import annotations

import re

_BARE = re.compile(r"(?:localhost|[\w-]+(?:\.[\w-]+)+|\[[0-9a-fA-F:]+\]):\d+(?:/\S*)?|localhost(?:/\S*)?")
"""A host with its port, to which only http:// is missing."""


def as_url(word: str) -> str:
    """The word as a URL, with http:// where it is an address without; "" where it is none."""
    if word.startswith(("http://", "https://")):
        return word
    return f"http://{word}" if _BARE.fullmatch(word) else ""
