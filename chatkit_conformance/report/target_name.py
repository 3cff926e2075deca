"""The name of the server that a run judged."""

from __future__ import annotations

from ..results.model import RunResults


def target_name(run: RunResults) -> str:
    """Its name, else the command that starts it, else its URL."""
    target = run.target
    return target.name or " ".join(target.command) or target.url or "(no target)"
