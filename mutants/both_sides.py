"""A change of the server itself together with one of what passes between browser and server."""

from __future__ import annotations

from .mutant import Patch, Wire
from .serve import layer


def with_wire(patch: Patch, wire: Wire) -> Patch:
    """The patch, with `wire` in front of the server."""

    def apply() -> None:
        patch()
        layer(wire)

    return apply
