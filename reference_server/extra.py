"""What the reference server is made of: the extra `reference`, without which the rest of this project works."""

from __future__ import annotations

from importlib.util import find_spec

NEEDED = ("agents", "chatkit", "fastapi", "mcp", "openai", "sqlalchemy")
"""Modules that nothing but the extra brings."""


def missing() -> str:
    """What is not installed, and what to type; "" where all is there."""
    lacking = [name for name in NEEDED if not _there(name)]
    if not lacking:
        return ""
    return f"The reference server needs {', '.join(lacking)}. Type: pip install 'chatkit-conformance[reference]'"


def _there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
