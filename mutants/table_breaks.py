"""The mutants that do wrong when a turn is broken off: by a browser that leaves, or by a kill."""

from __future__ import annotations

from . import break_lies as lie
from . import kill_lies as kill
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
    Mutant(
        name="leaving-early-locks-thread",
        lie="A thread whose browser left before the first word of the answer stays locked.",
        change=lie.lock_early,
        named=("persistence.disconnect-anywhere-thread-works",),
    ),
    Mutant(
        name="question-lost-when-killed",
        lie="The user's message is committed when its turn ends; a kill before that loses it.",
        change=kill.lost_when_killed("user_message"),
        named=("persistence.killed-anywhere-keeps-message",),
    ),
    Mutant(
        name="answer-lost-when-killed",
        lie="An answer is committed a moment after its turn has ended; a kill before that loses it.",
        change=kill.lost_when_killed("assistant_message"),
        named=("persistence.killed-anywhere-keeps-answer",),
    ),
    Mutant(
        name="tool-queued-over-kill",
        lie="A tool whose turn had not ended when the server was killed is run again after the start.",
        change=kill.queue_killed,
        named=("persistence.killed-anywhere-tool-once",),
    ),
)
