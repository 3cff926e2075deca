"""Gates: named events that a script waits for and a test opens, before or after somebody waits."""

from __future__ import annotations

import asyncio

KEPT = 20_000
"""Gates remembered; the oldest go first."""


class Gates:
    """All gates by name. A gate opened once stays open."""

    def __init__(self) -> None:
        self._gates: dict[str, asyncio.Event] = {}

    def _gate(self, name: str) -> asyncio.Event:
        if name not in self._gates:
            self._gates[name] = asyncio.Event()
            while len(self._gates) > KEPT:
                del self._gates[next(iter(self._gates))]
        return self._gates[name]

    def open(self, name: str) -> None:
        """Open the gate; who waits goes on, who comes later does not wait."""
        self._gate(name).set()

    def opened(self, name: str) -> bool:
        """Whether it is open."""
        return name in self._gates and self._gates[name].is_set()

    async def wait(self, name: str, max_s: float) -> bool:
        """Wait until the gate opens, `max_s` seconds at most ("" waits them out). Whether it opened."""
        if not name:
            await asyncio.sleep(max_s)
            return False
        try:
            await asyncio.wait_for(self._gate(name).wait(), max_s)
        except TimeoutError:
            return False
        return True
