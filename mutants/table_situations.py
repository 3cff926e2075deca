"""The mutants for which a fault is a fault only somewhere: after a tool, in a later turn, on a retry, beside others."""

from __future__ import annotations

from . import situations as lie
from . import turn_lies as told
from .mutant import Mutant, Wire
from .promise_lies import told as in_answers
from .turn_lies import Mark

RELOAD = "threads.get_by_id items.list"


def _error(name: str, says: str, mark: Mark, effect: lie.Effect, *named: str) -> Mutant:
    """A mutant in which something becomes of the error itself."""
    change = Wire(event=lie.when(mark, effect), end=told.dead_end)
    return Mutant(name=name, lie=says, change=change, named=named)


def _dead(name: str, says: str, mark: Mark, *named: str) -> Mutant:
    """A mutant whose thread is dead afterwards."""
    change = Wire(event=told.dies(mark), end=told.dead_end)
    return Mutant(name=name, lie=says, change=change, named=named)


def _lost(name: str, says: str, mark: Mark, types: tuple[str, ...], *named: str, last: bool = False) -> Mutant:
    """A mutant that has lost something afterwards."""
    wire = Wire(event=told.marked(mark), end=told.dead_end, answer=in_answers(RELOAD, lie.lost(*types, last=last)))
    return Mutant(name=name, lie=says, change=wire, named=named)


SITUATIONS = (
    _error(
        "fault-after-tool-unsaid",
        "A fault after a tool is not told.",
        lie.after_tool,
        lie.unsaid,
        "stream.turn-answered",
        "errors.cut-in-call-reported",
    ),
    _error(
        "fault-after-tool-breaks",
        "The connection breaks at a fault after a tool.",
        lie.after_tool,
        lie.breaks,
        "stream.turn-answered",
        "errors.cut-in-call-reported",
    ),
    _error(
        "fault-after-tool-hangs",
        "A turn hangs when the model fails after a tool.",
        lie.after_tool,
        lie.hangs,
        "stream.turn-answered",
        "errors.cut-in-call-reported",
    ),
    _dead(
        "fault-after-tool-kills",
        "A thread is dead once the model failed after a tool.",
        lie.after_tool,
        "errors.next-turn-works",
    ),
    _lost(
        "fault-after-tool-loses-tool",
        "What showed a tool is gone after a reload when the model failed after it.",
        lie.after_tool,
        ("workflow", "widget"),
        "errors.finished-items-kept",
    ),
    _error(
        "later-fault-unsaid",
        "A fault in a later turn is not told.",
        lie.in_later_turn,
        lie.unsaid,
        "errors.fault-reported",
        "stream.turn-answered",
    ),
    _error(
        "later-fault-breaks",
        "The connection breaks at a fault in a later turn.",
        lie.in_later_turn,
        lie.breaks,
        "errors.fault-reported",
        "stream.turn-answered",
    ),
    _error(
        "later-fault-hangs",
        "A later turn hangs when the model fails.",
        lie.in_later_turn,
        lie.hangs,
        "stream.ends-closed",
        "errors.fault-reported",
    ),
    _dead(
        "later-fault-kills",
        "A thread with a past is dead once the model failed in it.",
        lie.in_later_turn,
        "errors.next-turn-works",
    ),
    _lost(
        "later-fault-loses-answer",
        "The answer of the turn before is gone when the model fails in the next.",
        lie.in_later_turn,
        ("assistant_message",),
        "errors.finished-items-kept",
        last=True,
    ),
    _lost(
        "later-fault-loses-question",
        "The message of a later turn is gone when the model fails to answer it.",
        lie.in_later_turn,
        ("user_message",),
        "errors.user-message-kept",
        last=True,
    ),
    _error(
        "retry-fault-unsaid",
        "A fault on a retry is not told.",
        lie.on_retry,
        lie.unsaid,
        "errors.fault-reported",
        "stream.turn-answered",
    ),
    _error(
        "retry-fault-hangs",
        "A retry hangs when the model fails again.",
        lie.on_retry,
        lie.hangs,
        "errors.fault-reported",
    ),
    _dead("retry-fault-kills", "A thread is dead once a retry failed.", lie.on_retry, "errors.next-turn-works"),
    _lost(
        "retry-fault-loses-question",
        "A message is gone when its retry fails.",
        lie.on_retry,
        ("user_message",),
        "errors.user-message-kept",
        last=True,
    ),
    _error(
        "second-fault-unsaid",
        "The second fault in a thread is not told.",
        lie.after_another,
        lie.unsaid,
        "errors.fault-reported",
        "stream.turn-answered",
    ),
    _dead(
        "second-fault-kills",
        "A thread is dead once the model failed in it twice.",
        lie.after_another,
        "errors.next-turn-works",
    ),
    _error(
        "fault-beside-others-unsaid",
        "A fault is not told while another thread is answered.",
        lie.beside_another,
        lie.unsaid,
        "stream.turn-answered",
    ),
)
