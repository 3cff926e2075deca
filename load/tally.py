"""How all workers together stand: whether the load is over, and whether nothing is in flight any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from locust import events
from locust.runners import MasterRunner

from .state import State


class Tally:
    """The sum over the workers, as the shape asks for it.

    Args:
        runner: Locust's. state: this process's own state, None where it is a master.
    """

    def __init__(self, runner: Any, state: Callable[[], State | None]) -> None:
        self._runner = runner
        self._state = state
        self._states: dict[str, dict[str, Any]] = {}
        if isinstance(runner, MasterRunner):
            heard: Any = events.worker_report
            heard.add_listener(self._report)

    @property
    def over(self) -> bool:
        """Whether no worker begins turns any more."""
        state = self._state()
        if state is not None:
            return state.over
        return bool(self._states) and all(state["over"] for state in self._living)

    @property
    def quiet(self) -> bool:
        """Whether it is over, every turn has ended, and its row is written."""
        state = self._state()
        if state is not None:
            return state.over and not state.busy
        return bool(self._states) and all(state["quiet"] for state in self._living)

    @property
    def _living(self) -> list[dict[str, Any]]:
        gone = {node.id for node in self._runner.clients.missing}
        return [state for worker, state in self._states.items() if worker not in gone]

    def _report(self, client_id: str, data: dict[str, Any]) -> None:
        if "chatkit" in data:
            self._states[client_id] = data["chatkit"]
