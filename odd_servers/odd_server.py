"""What one of them is: its make, its habits, and the target file that its owner would write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .habits import Habits


@dataclass(frozen=True, slots=True, kw_only=True)
class OddServer:
    """One server.

    Args:
        name: what `python -m odd_servers` calls it. says: in what it is odd, one sentence.
        make: on what it is built. habits: see there. target: its target file, beside this file.
        behind_s: by how many seconds a proxy in front of it passes each request on late, 0 where there is none.
        needs: packages that go beside none of ours; it then runs in an environment of its own.
        at_once: how many conversations its owner has held at once, None for as many as a run likes.
    """

    name: str
    says: str
    make: Literal["sockets", "starlette", "threads", "sdk", "agents", "node", "alone"]
    habits: Habits
    target: str
    behind_s: float = 0.0
    needs: tuple[str, ...] = ()
    at_once: int | None = None


def odd(
    name: str,
    says: str,
    target: str,
    *,
    behind_s: float = 0.0,
    needs: tuple[str, ...] = (),
    at_once: int | None = None,
    **habits: object,
) -> OddServer:
    """A row of a table: its make stands in front of its name."""
    make, _, _ = name.partition("-")
    return OddServer(
        name=name,
        says=says,
        make=make,  # type: ignore[arg-type]  # the table's own rows
        target=f"{target}.toml",
        habits=Habits(**habits),  # type: ignore[arg-type]  # the same
        behind_s=behind_s,
        needs=needs,
        at_once=at_once,
    )
