"""Every hostile target by its name: importing this has declared them all."""

from __future__ import annotations

from . import asking, packing, pages, processes, values, wire, words
from .hostility import MAKES

__all__ = ["MAKES"]

ROOMS = (processes, wire, packing, words, values, pages, asking)
"""The modules whose import declares every hostility."""
