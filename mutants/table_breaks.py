"""The mutants that do wrong when a turn is broken off: by a browser that leaves, or by a kill."""

from __future__ import annotations

from . import break_lies as lie
from .mutant import Mutant

BREAKS = (
    Mutant(
        name="tool-resumed-after-leaving",
        lie="The tool of a turn that the browser left is run again at the thread's next message.",
        change=lie.resume_left,
        named=("persistence.disconnect-anywhere-tool-once",),
    ),
    Mutant(
        name="tool-committed-with-turn",
        lie="What a tool did is undone when its turn is broken off, though the user has read that it was done.",
        change=lie.make_at_end,
        named=("persistence.disconnect-anywhere-tool-kept", "persistence.killed-anywhere-tool-kept"),
    ),
)
