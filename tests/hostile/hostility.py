"""What a hostile target does, and what the harness has to answer to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from .server import Act

MAKES: dict[str, Hostility] = {}
"""Every hostility by its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostility:
    """One hostile target.

    Args:
        name: its name. does: what it does, in a sentence.
        act: what it answers in place of an honest server, or None where only its process is hostile.
        begin: what its process does before it listens. host: where it listens.
        codes: exit codes of `run` that are right. says: what the first line of its message matches.
        dear: whether it costs seconds or much memory, so that only `nox -s attack` meets it.
    """

    name: str
    does: str
    act: Act | None = None
    begin: Callable[[], None] | None = None
    host: str = "127.0.0.1"
    codes: frozenset[int] = frozenset({1, 3})
    says: re.Pattern[str] = field(default_factory=lambda: re.compile(""))
    dear: bool = False


def _told(function: Callable[..., object]) -> str:
    return (function.__doc__ or "").split("\n")[0]


def answers(
    *, codes: tuple[int, ...] = (1, 3), says: str = "", dear: bool = False, host: str = "127.0.0.1"
) -> Callable[[Act], Act]:
    """Declare a hostility that answers requests; it is called as its function is."""

    def declare(act: Act) -> Act:
        name = act.__name__.replace("_", "-")
        MAKES[name] = Hostility(
            name=name, does=_told(act), act=act, host=host, codes=frozenset(codes), says=re.compile(says), dear=dear
        )
        return act

    return declare


def begins(
    *, codes: tuple[int, ...] = (0, 1, 3), says: str = "", dear: bool = False
) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """Declare a hostility of the process: what it does before it listens, honestly."""

    def declare(begin: Callable[[], None]) -> Callable[[], None]:
        name = begin.__name__.replace("_", "-")
        MAKES[name] = Hostility(
            name=name, does=_told(begin), begin=begin, codes=frozenset(codes), says=re.compile(says), dear=dear
        )
        return begin

    return declare
