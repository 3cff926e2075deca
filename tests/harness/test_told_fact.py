"""A fact that a tool was told, and how it tells it again."""

from __future__ import annotations

from typing import Any

import pytest

from chatkit_conformance.target.told_fact import told_as_said


@pytest.mark.parametrize(
    ("told", "said", "alike"),
    [
        ("High", "high", True),
        (["spring", "garden"], ["garden", "spring"], True),
        ("garden, spring", ["garden", "spring"], True),
        (["garden", "spring"], "garden, spring", True),
        (["garden"], "garden, spring", False),
        ("2032-02-29T00:00:00", "2032-02-29", True),
        ("2032-02-29", "2032-02-29T00:00:00Z", True),
        ("2032-02-28T19:00:00-05:00", "2032-02-29T00:00:00Z", True),
        ("2032-03-01", "2032-02-29T00:00:00Z", False),
        ("low", "high", False),
        (None, "high", False),
    ],
)
def test_a_fact_is_told_as_it_was_said(told: Any, said: Any, alike: bool) -> None:
    """Case, order, a time of midnight and another zone are spelling; another word or another day is not."""
    assert told_as_said(told, said) is alike
