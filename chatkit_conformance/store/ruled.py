"""`@rule(id)`: turns an async function of a scene into a method that plain pytest runs."""

from __future__ import annotations

import contextlib
import inspect
import io
import traceback
import warnings
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest

from .finding import StoreFinding, StoreHangs, error_text, shown
from .known import known_reason
from .ladder import AFTER_A_HANG_S, BASICS, FIRST, OWNERS, verdicts_of
from .rules import RULES
from .scene import Scene
from .watchdog import end_within

if TYPE_CHECKING:
    from .under_test import StoreUnderTest

Body = Callable[..., Awaitable[None]]
SyncBody = Callable[..., None]

BODIES: dict[str, Body | SyncBody] = {}
"""Rule -> the function that judges it."""


def rule(rule_id: str) -> Callable[[Body | SyncBody], Callable[..., None]]:
    """Make a contract test of the rule.

    The body is `async def test_x(self, scene, ...)`, or `def` when it runs the loop itself (Hypothesis does).
    The test needs no event loop of pytest's, so it runs under any plugin and any asyncio mode.

    Raises:
        KeyError: `rules.RULES` has no rule of that id.
    """
    RULES[rule_id]

    def made(body: Body | SyncBody) -> Callable[..., None]:
        BODIES[rule_id] = body

        def test(self: StoreUnderTest, **given: Any) -> None:
            __tracebackhide__ = True
            self.needs(rule_id)
            climb(self, rule_id)
            name = named(rule_id, given)
            verdicts = verdicts_of(self)
            if name in verdicts.ahead:
                verdicts.ahead.discard(name)
                finding = verdicts.judged[name]
                print(finding.script if finding else "", end="")  # noqa: T201  # shown by pytest
            else:
                finding = judged(self, rule_id, given)
            verdicts.told.add(rule_id)
            self.conclude(name, finding)

        signature = inspect.signature(body)
        wanted = [parameter for name, parameter in signature.parameters.items() if name != "scene"]
        test.__signature__ = signature.replace(parameters=wanted)  # type: ignore[attr-defined]  # what pytest reads
        test.__name__, test.__qualname__ = body.__name__, body.__qualname__
        test.__doc__, test.__module__ = body.__doc__, body.__module__
        test.contract_rule = rule_id  # type: ignore[attr-defined]  # marks a contract test
        return test

    return made


def named(rule_id: str, given: dict[str, Any]) -> str:
    """The rule with its parameter, as pytest shows the test's: `item.saved-is-loaded[widget]`."""
    return f"{rule_id}[{'-'.join(map(str, given.values()))}]" if given else rule_id


def climb(contract: StoreUnderTest, rule_id: str) -> None:
    """Judge what the rule stands on, and the basics.

    A broken rung is told once: by its own test, or here where that test does not run first.

    Raises:
        StoreFinding: a rung is broken, and no test has told.
        Skipped: a rung is broken, and a test has told.
    """
    __tracebackhide__ = True
    verdicts = verdicts_of(contract)
    for rung in dict.fromkeys((*BASICS, *rungs_of(rule_id))):
        if rung == rule_id:
            break
        if contract.why_not_claimed(rung):
            continue
        if rung not in verdicts.judged:
            with contextlib.redirect_stdout(io.StringIO()):
                judged(contract, rung, {})
            verdicts.ahead.add(rung)
        finding = verdicts.judged[rung]
        hung_now = isinstance(finding, StoreHangs) and rung not in verdicts.told  # told at once: no test waits twice
        if finding is None or (rung not in (*FIRST, *rungs_of(rule_id)) and not hung_now):
            continue
        if rung in verdicts.told or known_reason(contract.known_failures, rung, {}):
            pytest.skip(f"not judged: {rung} failed")
        verdicts.told.add(rung)
        raise finding


def rungs_of(rule_id: str) -> list[str]:
    """What the rule stands on, and what that stands on, the lowest first."""
    found: list[str] = []
    for rung in RULES[rule_id].stands_on:
        found += [*rungs_of(rung), rung]
    return list(dict.fromkeys(found))


def judged(contract: StoreUnderTest, rule_id: str, given: dict[str, Any]) -> StoreFinding | None:
    """Judge the rule, keep the verdict, and give what was found.

    Raises:
        Skipped: the rule could not be judged.
    """
    __tracebackhide__ = True
    found: StoreFinding | None = None
    scene: Scene | None = None
    end_within(contract.deadline_s)
    with warnings.catch_warnings():
        # Loading a widget makes the SDK warn of its own classes; no store can help it.
        warnings.filterwarnings("ignore", "Direct usage of named", DeprecationWarning)
        # What a hung store leaves open is collected at any time.
        warnings.filterwarnings("ignore", category=ResourceWarning)
        try:
            with Scene(contract, rule_id) as scene:
                body = BODIES[rule_id]
                if inspect.iscoroutinefunction(body):
                    scene.run(body(contract, scene, **given))
                else:
                    body(contract, scene, **given)
        except StoreFinding as finding:
            found = finding if scene is None else scene.explained(finding)
            found.__cause__ = finding.__cause__
        except Exception as error:
            found = _accident(rule_id, scene, error)
    verdicts = verdicts_of(contract)
    if isinstance(found, StoreHangs) and verdicts.hung and contract.deadline_s > AFTER_A_HANG_S:
        pytest.skip(f"not judged: {verdicts.hung} failed")
    if isinstance(found, StoreHangs):
        _leave_to_owner(contract, rule_id, found)
    verdicts.record(named(rule_id, given), found)
    if found is None and scene is not None and scene.unjudged:
        pytest.skip(f"not judged: {scene.unjudged[0]} failed")
    return found


def _leave_to_owner(contract: StoreUnderTest, rule_id: str, found: StoreHangs) -> None:
    """Where the method hangs in the test of the rule that owns it, too, leave it to that test to tell.

    Raises:
        Skipped: it does.
    """
    owner, verdicts = OWNERS.get(found.method, rule_id), verdicts_of(contract)
    if owner == rule_id or contract.why_not_claimed(owner):
        return
    if owner not in verdicts.judged:
        verdicts.asks_owner = True
        try:
            too = judged(contract, owner, {})
        finally:
            verdicts.asks_owner = False
        if isinstance(too, StoreHangs):  # it was waited for here, as long as the deadline is
            verdicts.judged[owner] = StoreHangs(owner, found.happened, method=found.method)
        verdicts.ahead.add(owner)
    if isinstance(told := verdicts.judged[owner], StoreHangs):
        pytest.skip(f"not judged: {owner} failed: {told.happened}")


def _accident(rule_id: str, scene: Scene | None, error: Exception) -> StoreFinding:
    """What is said where neither the store's answer nor an error of a call was what the test is about."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    text = f"{error_text(error)} was raised in {where.filename}:{where.lineno}, {where.name}."
    if scene is not None and scene.trace.calls:
        last = scene.trace.calls[-1]
        text = f"After {last}, which gave {shown(last.outcome)}, the test could not go on: {text}"
    made = StoreFinding(rule_id, text)
    made.__cause__ = error
    return made
