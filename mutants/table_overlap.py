"""The mutants that are right as long as one thing goes on at a time."""

from __future__ import annotations

from . import overlap_lies as lie
from .mutant import Mutant

OVERLAP = (
    Mutant(
        name="cards-in-the-newest-tab",
        lie="With two turns of a user at once, what the first one's tool shows appears in the other conversation.",
        change=lie.shown_in_the_newest,
        named=("stream.item-thread",),
    ),
    Mutant(
        name="retry-jumps-the-queue",
        lie="A retry does not wait for the answer under way in its thread: two answers are left.",
        change=lie.jump_the_queue,
        named=("persistence.retry-midway-one-answer",),
    ),
    Mutant(
        name="rename-fails-while-answering",
        lie="While an answer is under way, renaming, deleting and rating fail, in the user's other threads too.",
        change=lie.lock_meanwhile,
        named=("errors.no-internal-error",),
    ),
    Mutant(
        name="chosen-tool-stays-chosen",
        lie="A tool that the user chose for one message is forced in all later messages of the thread.",
        change=lie.choose_for_good,
        named=("gemini.chosen-tool-asked",),
    ),
    Mutant(
        name="session-locked-while-answering",
        lie="As long as an answer is streamed, every other request of the same user waits.",
        change=lie.lock_sessions,
        named=("persistence.threads-at-once-side-by-side", "persistence.other-thread-goes-on"),
    ),
    Mutant(
        name="button-undone-by-answer",
        lie="An answer writes the widgets back as they were when it began: a button's work meanwhile is undone.",
        change=lie.write_back,
        named=("persistence.reload-equals-stream",),
    ),
    Mutant(
        name="title-lost-on-leaving",
        lie="When the browser leaves, the thread is saved as when its turn began: a title given meanwhile is lost.",
        change=lie.old_title_on_leaving,
        named=("persistence.title-persists",),
    ),
    Mutant(
        name="rename-reaches-namesakes",
        lie="A new title is given to every thread of the user's that had the same title before.",
        change=lie.rename_namesakes,
        named=("persistence.title-persists",),
    ),
)
