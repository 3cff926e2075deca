"""The mutants that one request ends, or that never answer one request; all their other promises are kept."""

from __future__ import annotations

from . import end_lies as lie
from .mutant import Mutant

ENDS = (
    Mutant(
        name="ends-at-rename",
        lie="Renaming a thread ends the server's process.",
        change=lie.ends_at("threads.update"),
        named=("errors.server-stays-up",),
    ),
    Mutant(
        name="silent-at-rename",
        lie="A request to rename a thread is never answered.",
        change=lie.silent_at("threads.update"),
        named=("protocol.no-request-hangs",),
    ),
)
