"""What stands in front of a started server, and is asked in its place: a proxy of its owner's."""

from __future__ import annotations

from urllib.parse import urlsplit

from .config_error import ConfigError
from .own_machine import strange_host
from .target import Target, endpoint


def in_front(url: str) -> str:
    """The URL, as it was given. Raises ConfigError where it is no http URL."""
    endpoint(url)
    return url


def asked_at(through: str, own: str) -> str:
    """Where requests go: to `through`, on its own path, or on the server's where it has none.

    Args:
        through: the proxy's URL. own: the server's endpoint.
    """
    parts = urlsplit(through)
    return through if parts.path not in ("", "/") else endpoint(through, urlsplit(own).path)


def with_front(target: Target, through: str, port: int | None) -> Target:
    """The target with a proxy in front, and with a port of its own. Raises ConfigError where it starts nothing.

    Args:
        through: "" for what the target says. port: None for what it says.
    """
    given = "--through" if through else "--port" if port else ""
    if given and not target.command:
        raise ConfigError(
            f"{given} is of a command that the run starts (-- COMMAND); a server that runs is asked through its proxy "
            "with --url, which names the proxy."
        )
    if port is not None and not 0 < port < 65536:
        raise ConfigError(f"--port {port}: give a port from 1 to 65535.")
    from dataclasses import replace

    return replace(target, through=in_front(through) if through else target.through, port=port or target.port)


def refuse_strange_front(target: Target, host: str) -> None:
    """Raise ConfigError where the proxy is on another machine that was not named twice. `host`: what was named."""
    if target.through and (strange := strange_host(target.through, [host])):
        raise ConfigError(
            f"{strange} is not this machine, and some hundred requests would go there. If it is yours, name it twice: "
            f"--through {target.through} --host {strange}"
        )
