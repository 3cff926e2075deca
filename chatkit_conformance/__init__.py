"""The conformance suite and test harness for self-hosted ChatKit backends that run on Gemini."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .pytest_faces.suite_class import ConformanceSuite

__all__ = ["ConformanceSuite"]


def __getattr__(name: str) -> Any:
    """`ConformanceSuite` loads the suites, so only those who name it pay for it."""
    if name in __all__:
        from .pytest_faces import suite_class

        return getattr(suite_class, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
