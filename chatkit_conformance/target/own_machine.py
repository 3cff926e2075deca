"""Whether a server is on this machine by its name alone: what costs somebody else something is asked for twice."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its name or address alone; no name is looked up."""
    bare = host.strip("[]")
    if bare == "localhost" or bare.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return False


def strange_host(url: str, named: Sequence[str | None]) -> str:
    """The host of a URL that is on another machine and was not named each time; else "".

    Args:
        named: what was given for the host beside the URL.
    """
    host = urlsplit(url).hostname or ""
    return "" if is_loopback(host) or (named and all(name == host for name in named)) else host
