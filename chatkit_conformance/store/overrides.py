"""A contract that can be silenced without a word is none: overriding a test takes a reason."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from ..pytest_faces.known_failure import known_failure


def refuse_silent_overrides(cls: type, contract: type) -> None:
    """Check every contract test of a subclass, and make known failures run the contract's own test.

    An override marked `@pytest.mark.xfail(reason="...")` is replaced by the contract's test with that mark, strict,
    so that it still runs and turns red on the day the store is mended.

    Raises:
        TypeError: a contract test is overridden, or set to something else, without a reason.
    """
    for name, body in inspect.getmembers_static(contract, inspect.isfunction):
        if not hasattr(body, "contract_rule"):
            continue
        found = inspect.getattr_static(cls, name)
        if found is body or getattr(found, "known_failure_of", None) is body:
            continue
        mark = known_failure(
            found,
            replaces=f"{cls.__name__}.{name} replaces a test of the Store contract. Remove it and fix the store",
            still_runs="The contract's own test then still runs, and tells you when it passes.",
        )
        setattr(cls, name, _known_failure(body, mark))


def _known_failure(body: Callable[..., Any], mark: pytest.MarkDecorator) -> Callable[..., Any]:
    def test(*args: Any, **kwargs: Any) -> Any:
        return body(*args, **kwargs)

    test.__signature__ = inspect.signature(body)  # type: ignore[attr-defined]  # what pytest reads
    test.__name__, test.__doc__, test.__qualname__ = body.__name__, body.__doc__, body.__qualname__
    test.pytestmark = [*getattr(body, "pytestmark", [])]  # type: ignore[attr-defined]  # parametrize stays
    test.contract_rule = body.contract_rule  # type: ignore[attr-defined]  # still a contract test
    test.known_failure_of = body  # type: ignore[attr-defined]  # recognized in subclasses of the subclass
    marked: Callable[..., Any] = mark(test)
    return marked
