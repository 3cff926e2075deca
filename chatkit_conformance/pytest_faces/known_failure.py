"""A test of ours that somebody overrides: with a reason it still runs and may fail, without one it is refused."""

from __future__ import annotations

import pytest


def known_failure(found: object, *, replaces: str, still_runs: str) -> pytest.MarkDecorator:
    """The strict xfail for what should have replaced a test of ours, so that a mended failure turns red.

    Args:
        found: what stands in the subclass where our test should.
        replaces: which test it replaces and what to mend, as the refusal begins. still_runs: how the refusal ends.

    Raises:
        TypeError: it is not marked `@pytest.mark.xfail(reason="...")`, or the reason is empty.
    """
    mark = next((mark for mark in getattr(found, "pytestmark", []) if mark.name == "xfail"), None)
    if mark is None or not str(mark.kwargs.get("reason") or "").strip():
        raise TypeError(
            f"{replaces}; or, when the failure is known, write above it: "
            f'@pytest.mark.xfail(reason="why, and where it is tracked"). {still_runs}'
        )
    # run=False would silence it for ever: what does not run cannot turn red when it is mended.
    kept = {name: value for name, value in mark.kwargs.items() if name != "run"}
    strict: pytest.MarkDecorator = pytest.mark.xfail(*mark.args, **{**kept, "strict": True})
    return strict


def known_reason(item: pytest.Item) -> str:
    """Why a test is marked as a known failure, or "" where it is not, or its conditions do not hold here.

    A condition that is a text is pytest's to evaluate, and counts as none.
    """
    for mark in (mark for mark in item.own_markers if mark.name == "xfail"):
        conditions = [*mark.args, *([mark.kwargs["condition"]] if "condition" in mark.kwargs else [])]
        if all(condition is True for condition in conditions):
            return str(mark.kwargs.get("reason") or "")
    return ""
