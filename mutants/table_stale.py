"""The mutants that keep what was before: a name."""

from __future__ import annotations

from . import stale_lies as lie
from .mutant import Mutant

STALE = (
    Mutant(
        name="instructions-name-first-caller",
        lie="The model's instructions name the user who came first, to everybody.",
        change=lie.name_first_caller,
        named=("security.threads-isolated",),
    ),
)
