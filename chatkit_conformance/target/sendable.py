"""Whether credentials can be sent as they were given; where not, why, without a word of them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from .secret_name import names_secret
from .target import QUERY

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""The name of a header: RFC 9110, section 5.6.2."""

_NO_VALUE = re.compile(r"[^\t\x20-\x7e]")
"""What the value of a header cannot hold: RFC 9110, section 5.5; letters beyond ASCII mean nothing certain there."""


def unsendable(headers: Mapping[str, str]) -> str:
    """Why these headers cannot be sent, or ""."""
    for name, value in headers.items():
        if name == QUERY:  # parameters of the URL, which are encoded
            continue
        if not _NAME.fullmatch(name):
            return "a header's name has letters, digits and - only"
        if found := _NO_VALUE.search(value):
            return f"the value of {name} has U+{ord(found[0]):04X} in it, which no header can hold"
    return ""


def signs_in(url: str) -> bool:
    """Whether a URL has a user or a password in it, as in http://user:password@host/.

    No browser's fetch takes one (Fetch standard, the Request constructor), and whatever tells a URL would tell it.
    """
    try:
        return "@" in urlsplit(url).netloc
    except ValueError:
        return False


def secret_in(url: str) -> str:
    """The first parameter of a URL that is a secret by its name, as in http://host/chatkit?token=...; or "".

    Whatever tells the URL would tell it, and a request without credentials would be sent with it.
    """
    try:
        return next((name for name, _ in parse_qsl(urlsplit(url).query) if names_secret(name)), "")
    except ValueError:
        return ""
