"""The tests of a table that CI holds: those that stand for the others, where one takes seconds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def but_for(quick: Collection[Any], names: Iterable[Any]) -> list[Any]:
    """The names for `parametrize`: those that are not `quick` are held by `nox -s slow`."""
    return [pytest.param(name, marks=[] if name in quick else [pytest.mark.slow]) for name in names]
