"""Who hears a model that does not speak to the user: a planner, a translator."""

from __future__ import annotations


class Silence:
    """Shows nothing. The run has the whole answer all the same."""

    def write(self, text: str) -> None:
        """The next words."""

    def thinking(self, text: str) -> None:
        """The next words of a thought."""

    def calling(self, tool: str) -> None:
        """The model begins to call this tool."""

    def end(self) -> None:
        """The answer is complete."""
