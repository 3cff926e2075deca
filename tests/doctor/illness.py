"""One way to be ill, and what the doctor's first line must say of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Illness:
    """One way to be ill.

    Args:
        name: what it is called. says: what is wrong, for a reader. id: of the cause that must be named.
        words: what the first line must hold. command: instead of the patient's program. options: of the doctor.
        auth: how the server signs users in. begin: what happens before it listens. port: a fixed one.
        model: what is done to how it asks its model. wrap: around its application. instead: in place of it.
        forgets: whether each request meets a new store. tools: the set of tools that it has, see odd_servers.tasks.
        host: the address that it listens on. deployed: whether somebody else starts it and the doctor has its URL.
    """

    name: str
    says: str
    id: str
    words: str
    command: Sequence[str] = ()
    options: Sequence[str] = ()
    auth: Literal["bearer", "none"] = "bearer"
    begin: Callable[[], None] | None = None
    port: int = 0
    model: Callable[[Any], None] | None = None
    wrap: Callable[[Any], Any] | None = None
    instead: Callable[[], Any] | None = None
    forgets: bool = False
    tools: str = ""
    host: str = "127.0.0.1"
    deployed: bool = False
