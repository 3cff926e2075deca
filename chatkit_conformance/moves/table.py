"""Every kind of move."""

from __future__ import annotations

from collections.abc import Mapping

from .changing import CHANGING
from .move import MoveKind
from .reading import READING
from .talking import TALKING

KINDS: Mapping[str, MoveKind] = {kind.name: kind for kind in (*TALKING, *READING, *CHANGING)}
"""By name."""
