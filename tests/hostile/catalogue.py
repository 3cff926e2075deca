"""Every hostile target by its name: importing this has declared them all."""

from __future__ import annotations

from . import processes, wire, words
from .hostility import MAKES

__all__ = ["MAKES"]

ROOMS = (processes, wire, words)
"""The modules whose import declares every hostility."""
