"""`@rule(id)`: turns an async function of a scene into a method that plain pytest runs."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from .finding import StoreFinding
from .rules import RULES
from .scene import Scene

if TYPE_CHECKING:
    from .contract import StoreContract

Body = Callable[..., Awaitable[None]]
SyncBody = Callable[..., None]


def rule(rule_id: str) -> Callable[[Body | SyncBody], Callable[..., None]]:
    """Make a contract test of the rule.

    The body is `async def test_x(self, scene, ...)`, or `def` when it runs the loop itself (Hypothesis does).
    The test needs no event loop of pytest's, so it runs under any plugin and any asyncio mode.

    Raises:
        KeyError: `rules.RULES` has no rule of that id.
    """
    RULES[rule_id]

    def made(body: Body | SyncBody) -> Callable[..., None]:
        def test(self: StoreContract, **given: Any) -> None:
            self.needs(rule_id)
            with warnings.catch_warnings(), Scene(self, rule_id) as scene:
                # Loading a widget makes the SDK warn of its own classes; no store can help it.
                warnings.filterwarnings("ignore", "Direct usage of named widget", DeprecationWarning)
                try:
                    if inspect.iscoroutinefunction(body):
                        scene.run(body(self, scene, **given))
                    else:
                        body(self, scene, **given)
                except StoreFinding as finding:
                    raise scene.explained(finding) from finding.__cause__

        signature = inspect.signature(body)
        wanted = [parameter for name, parameter in signature.parameters.items() if name != "scene"]
        test.__signature__ = signature.replace(parameters=wanted)  # type: ignore[attr-defined]  # what pytest reads
        test.__name__, test.__qualname__ = body.__name__, body.__qualname__
        test.__doc__, test.__module__ = body.__doc__, body.__module__
        test.contract_rule = rule_id  # type: ignore[attr-defined]  # marks a contract test
        return test

    return made
