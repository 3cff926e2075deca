"""An exchange: an async function that holds one conversation and judges nothing.

@exchange()
async def one_turn(talk: Talk) -> None:
    \"\"\"A new thread, one message, one plain answer, a reload.\"\"\"
    turn = await talk.create("Say hello.", reply("Hello there."), label="turn-1")
    await talk.reload(turn.thread_id, label="reload-1")
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .talk import Talk

Hold = Callable[["Talk"], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One conversation that the harness can hold. See `exchange` for the fields."""

    name: str
    story: str
    hold: Hold
    deadline_s: float = 20.0
    dialects: tuple[str, ...] = ("gemini-3",)
    capability: str | None = None
    roles: tuple[str, ...] = ()
    any_role: tuple[str, ...] = ()
    alone: bool = False
    once: bool = False
    restart: str = ""
    thorough: bool = False
    asks: int | None = None
    two_users: bool = False
    brings: tuple[str, ...] = ()
    module: str = field(default="", compare=False)

    def missing(self, tools: Collection[str]) -> tuple[str, ...]:
        """The roles for which it lacks a tool. `tools`: the roles for which there is one."""
        lost = tuple(role for role in self.roles if role not in tools)
        return lost or (() if set(self.any_role) & set(tools) else self.any_role)


EXCHANGES: dict[str, Exchange] = {}
"""Every exchange that has been declared, by name. Filled by importing suites (see catalogue.load_suites)."""


def exchange(
    *,
    deadline_s: float = 20.0,
    dialects: Sequence[str] = ("gemini-3",),
    capability: str | None = None,
    roles: Sequence[str] = (),
    any_role: Sequence[str] = (),
    alone: bool = False,
    once: bool = False,
    restart: str = "",
    thorough: bool = False,
    asks: int | None = None,
    two_users: bool = False,
    brings: Sequence[str] = (),
) -> Callable[[Hold], Hold]:
    """Declare the decorated coroutine function an exchange, under its own name.

    Args:
        deadline_s: seconds after which the exchange is cut and judged as far as it came.
        dialects: the stand-in's profiles it is held in, once each.
        capability: the capability without which it is not held.
        roles: the tool roles it needs ("create", "read", ...); where the server has no such tool, it is untestable.
        any_role: roles of which it needs one at least.
        alone: held after the others, with nothing beside it (it restarts the server, or measures).
        once: held in one dialect, whatever is asked for: it goes on with something of which a run has one.
        restart: a name for its restart, where those that are alone and give the same one may be held together and
            share it; a server takes seconds to start.
        thorough: only held where a run is asked to be thorough (`run --thorough`).
        asks: requests to the model that it takes where nothing is scripted: what it wants of the model is then asked
            in words. None: it needs a script, and is held with no other model.
        two_users: whether it says nothing where the run knows one user.
        brings: ids of invariants that have evidence in it and in few others.

    Raises:
        ValueError: the name is taken or the docstring missing.
    """

    def declare(hold: Hold) -> Hold:
        name = hold.__name__
        if name in EXCHANGES:
            raise ValueError(f"exchange {name!r} is declared twice: {EXCHANGES[name].module} and {hold.__module__}")
        if not hold.__doc__:
            raise ValueError(f"exchange {name!r} has no docstring: write there what happens in it")
        EXCHANGES[name] = Exchange(
            name=name,
            story=" ".join(hold.__doc__.split()),
            hold=hold,
            deadline_s=deadline_s,
            dialects=tuple(dialects),
            capability=capability,
            roles=tuple(roles),
            any_role=tuple(any_role),
            alone=alone,
            once=once,
            restart=restart,
            thorough=thorough,
            asks=asks,
            two_users=two_users,
            brings=tuple(brings),
            module=hold.__module__,
        )
        return hold

    return declare
