"""What a conversation needs that a server has not: a capability, or a tool for one of its roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..exchange import Exchange
from ..target.tools import missing_roles
from .roles import of_tasks

if TYPE_CHECKING:
    from .host import RunState


def prerequisite(exchange: Exchange, state: RunState, *, in_words: bool) -> tuple[str, str]:
    """What is declared absent, and else the reason, for which it cannot be held; "" and "" where it can."""
    capabilities = state.probed.with_declared(state.target.declared)
    tools, tasks = ("tools",) if exchange.roles else (), ("tasks",) if of_tasks(exchange.roles) else ()
    some = exchange.any_role if all(capabilities.get(role) is False for role in exchange.any_role) else ()
    needed = (exchange.capability, *tools, *tasks, *exchange.roles, *some)
    if absent := next((name for name in needed if name and capabilities.get(name) is False), ""):
        return absent, ""
    if in_words:
        return "", ""
    if exchange.roles and not state.discovered.directed:
        return "", state.discovered.reason
    if missing := exchange.missing(state.discovered.tools):
        return "", missing_roles(missing, state.discovered.tools)
    return "", ""
