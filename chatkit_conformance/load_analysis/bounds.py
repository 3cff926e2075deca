"""What the numbers of a load may be, in one table. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..target.config_error import ConfigError

BOUNDS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "reload": ("from 0 to 1", lambda value: 0 <= value <= 1),
    "quantile": ("between 0 and 1, such as 0.95", lambda value: 0 < value < 1),
    "think": ("0 or more seconds", lambda value: value >= 0),
    "turn_deadline": ("more than 0 seconds", lambda value: value > 0),
    "spawn_rate": ("more than 0 people per second", lambda value: value > 0),
    "processes": ("1 or more", lambda value: value >= 1),
    "expect_workers": ("1 or more", lambda value: value is None or value >= 1),
    "rounds": ("1 or more", lambda value: value >= 1),
    "budget_turns": ("1 or more", lambda value: value >= 0),
    "budget_tokens": ("1 or more", lambda value: value >= 0),
}
"""By the option's name: what it may be in words, and whether a value is. How much load there may be is in plan.py."""


def within_bounds(options: Mapping[str, Any]) -> None:
    """Raises ConfigError for the first option that is out of bounds, with its value and what to give."""
    for name, (words, holds) in BOUNDS.items():
        if not holds(options[name]):
            raise ConfigError(f"--{name.replace('_', '-')} {options[name]:g} is out of range: give {words}.")
