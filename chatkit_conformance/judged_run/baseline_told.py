"""What a run says of its baseline: its facts, what is stale, and what passed only in part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..baseline import Baseline
from ..results.model import BaselineFacts, CheckResult


def baseline_facts(baseline: Baseline, stale: Sequence[str]) -> BaselineFacts | None:
    """What results.json says of the baseline, or None where there is none. `stale`: entries that match no check."""
    if not baseline.source:
        return None
    return BaselineFacts(file=baseline.source, entries=len(baseline.entries), stale=tuple(stale))


def stale_notice(id: str) -> str:
    """The warning about such an entry."""
    return f"the baseline's entry {id!r} matches no check: remove it or fix its id. Until then the run fails."


def passed_in_part(rows: Iterable[CheckResult]) -> list[str]:
    """A warning that names the checks whose entry may be out of date, or nothing."""
    ids = [
        row.id for row in rows if row.outcome == "passed" and not row.whole and row.baseline and not row.baseline.flaky
    ]
    if not ids:
        return []
    return [
        f"{', '.join(ids)} passed although the baseline expects a failure, but only on a part of the conversations: "
        "run without --select and --dialect to see whether the entry can be removed."
    ]
