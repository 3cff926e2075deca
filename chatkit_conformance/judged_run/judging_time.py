"""When judging happens: as conversations come, and no longer than a moment after the run's deadline."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence

from ..check import Check
from ..judging.judge import SUITE_ERROR, look
from ..running.runner import Runner

JUDGING_S = 6.0
"""Seconds after the run's deadline in which what was held is judged."""

INTERRUPTED = "it was interrupted"
"""Why a run ended that nothing else had ended."""

UNJUDGED = f"judging was not finished {JUDGING_S:g} s after the run's deadline; raise it with --deadline"
"""Why a run is cut whose conversations take too long to judge."""

AT_ONCE_S = 5.0
"""Seconds after the target is up in which judging begins, unless somebody's own tests come first."""


def time_begins(held_at: float, ready_at: float) -> float:
    """From when on the time for judging counts, in monotonic seconds; asked when it begins.

    It is the run's, and a moment. Where somebody's own tests were run first, it has as long as the run had.

    Args:
        held_at: when conversations were begun. ready_at: when the target was up.
    """
    now = time.monotonic()
    return held_at if 0 < now - ready_at < AT_ONCE_S else now


def look_ahead(runner: Runner, invariants: Sequence[Check]) -> None:
    """Judge what was held, while the conversations that want to be alone wait for the server to start again."""
    runner.quiet.wait()
    with contextlib.suppress(Exception):  # whoever asks for the rest is told why there is none
        for t in runner.as_made():
            for check in invariants:
                if check.judges(t.exchange) and SUITE_ERROR not in t.notes and not t.untestable:
                    look(check, t, until=runner.host.ends_at + JUDGING_S)
