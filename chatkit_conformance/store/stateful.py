"""Contract test: any sequence of calls, beside a model."""

from __future__ import annotations

from .examples import for_all
from .lockstep import Lockstep
from .program import ProgramStep, programs
from .ruled import rule
from .scene import Scene


class StatefulRules:
    """The store and a plain model never disagree."""

    @rule("model.agrees")
    def test_any_sequence_of_calls_agrees_with_the_model(self, scene: Scene) -> None:
        """Generated programs of all twelve methods give what a plain model gives; a failure shrinks to few calls."""

        async def one(program: list[ProgramStep]) -> None:
            await Lockstep(scene).run(program)

        claimed = scene.contract.capabilities
        for_all(scene, programs(attachments=claimed.attachments, users=claimed.users), one)
