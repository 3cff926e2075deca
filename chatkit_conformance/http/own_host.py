"""Whose host a URL names: this machine's, or somebody else's, who must not be called because a server printed it."""

from __future__ import annotations

import contextlib
import ipaddress
import socket


def is_own_host(host: str) -> bool:
    """Whether a host is this machine: `localhost`, its name, a loopback address, or an address of its own.

    No name is looked up.
    """
    bare = host.strip("[]").partition("%")[0].rstrip(".").lower()
    if bare in ("localhost", socket.gethostname().lower()):
        return True
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return False
    if address.is_loopback or address.is_unspecified:
        return True
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.bind((bare, 0))  # only an address of one's own can be bound
        return True
    return False
