"""Holds a test for generated values: each on a store of its own, within a budget of time, and shrunk when it fails."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import hypothesis.core
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from .finding import StoreFinding, StoreHangs
from .scene import Scene

if TYPE_CHECKING:
    from .under_test import StoreUnderTest

T = TypeVar("T")

FIXED_SEED = 20_251_006
"""The seed where nobody gives one, on a developer's machine."""

COMMIT_OF = (
    "GITHUB_SHA",
    "CI_COMMIT_SHA",
    "BITBUCKET_COMMIT",
    "CIRCLE_SHA1",
    "BUILDKITE_COMMIT",
    "BUILD_SOURCEVERSION",
    "GIT_COMMIT",
)
"""Where CI systems name the commit: each commit is held to other values, and the same commit to the same ones."""

FEWEST = 12
"""Examples that are run whatever they cost."""

SHRINK_SHARE = 0.5
"""Of the time that is left, what shrinking may take."""


class _SearchEnds(BaseException):
    """Ends Hypothesis' search at once: no time is left, or the store hangs. No Exception, which would be shrunk."""


def seed_of(contract: StoreUnderTest, environment: Mapping[str, str] = os.environ) -> int:
    """`--hypothesis-seed`, else the class's `seed`, else one made from CI's commit, else a fixed one."""
    given_seed = getattr(hypothesis.core, "global_force_seed", None)
    if isinstance(given_seed, int):
        return given_seed
    if contract.seed is not None:
        return contract.seed
    commit = next((environment[name] for name in COMMIT_OF if environment.get(name)), "")
    return int(hashlib.sha256(commit.encode()).hexdigest()[:8], 16) if commit else FIXED_SEED


def for_all(
    scene: Scene,
    strategy: st.SearchStrategy[T],
    body: Callable[[T], Coroutine[Any, Any, None]],
    *,
    share: int = 1,
    budget: int = 1,
) -> None:
    """Hold `body` for generated values, each with a store, users and ids of its own; a failure is shrunk.

    Args:
        share: the contract's `examples` are divided by this. budget: its `budget_s` is divided by this.

    Raises:
        StoreFinding: the smallest failure that was found. A hang is raised as it is, without shrinking.
    """
    contract, began = scene.contract, time.monotonic()
    scene.seed = seed_of(contract)
    budget_s = contract.budget_s / budget
    state = _Search(scene)

    @seeded(scene.seed)
    @settings(
        max_examples=max(FEWEST, contract.examples // share),
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def example(value: T) -> None:
        spent = time.monotonic() - began
        if state.smallest is None and spent > budget_s and state.count >= FEWEST:
            raise _SearchEnds
        state.hold(lambda: scene.run(body(value)))

    try:
        example()
    except (_SearchEnds, StoreFinding):
        pass
    except HypothesisException:
        if state.smallest is None:  # else it says that the failure did not repeat, which `explained` finds out itself
            raise
    state.conclude()


class _Search:
    """What a search has found: the number of examples, and the smallest failure."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.count = 0
        self.smallest: StoreFinding | None = None
        self._trace = scene.trace
        self._ends = 0.0

    def hold(self, example: Callable[[], None]) -> None:
        """Run one example on a fresh store."""
        if self.smallest is not None and time.monotonic() > self._ends:
            raise _SearchEnds
        if self.count:
            self.scene.fresh()
        self.count += 1
        try:
            example()
        except StoreFinding as finding:
            if self.smallest is None:
                self._ends = time.monotonic() + self.scene.loop.left_s * SHRINK_SHARE
            self.smallest, self._trace = finding, self.scene.trace
            if isinstance(finding, StoreHangs):
                raise _SearchEnds from None
            raise

    def conclude(self) -> None:
        """Raise the smallest failure, with its calls."""
        if self.smallest is not None:
            self.scene.trace = self._trace
            raise self.smallest
