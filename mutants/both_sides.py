"""Changes on two sides of the server at once, each with one of what passes between browser and server."""

from __future__ import annotations

import os

from .mutant import Patch, Upstream, Wire
from .serve import GOOGLE, gateway, layer


def with_wire(patch: Patch, wire: Wire) -> Patch:
    """The patch, with `wire` in front of the server."""

    def apply() -> None:
        patch()
        layer(wire)

    return apply


def with_gateway(patch: Patch, upstream: Upstream) -> Patch:
    """The patch, with `upstream` between the server and the model."""

    def apply() -> None:
        patch()
        os.environ["GEMINI_BASE_URL"] = gateway(upstream, os.environ.get("GEMINI_BASE_URL", GOOGLE))

    return apply


def with_model(upstream: Upstream, wire: Wire) -> Patch:
    """Both changes: of what passes between server and model, and between browser and server."""

    def apply() -> None:
        os.environ["GEMINI_BASE_URL"] = gateway(upstream, os.environ.get("GEMINI_BASE_URL", GOOGLE))
        layer(wire)

    return apply
