"""load.html."""

from typing import Any


def page(value: dict[str, Any]) -> str:
    return ""
