"""The showcase, which has what the reference server leaves out, and the mutants of it."""

from __future__ import annotations

from .mutant import Mutant
from .showcase.server import install

TARGET = "showcase.toml"

SHOWCASE = (
    Mutant(
        name="showcase",
        lie="It has client tools, structured input, annotations, images, locks, live widgets.",
        change=install,
        near_miss=True,
        target=TARGET,
    ),
)
