"""The mutants in which a fault, a retry, a restart or a visitor who leaves does harm elsewhere."""

from __future__ import annotations

from . import aftermath_lies as lie
from . import limit_lies as limit
from . import situations
from . import turn_lies as turn
from .mutant import Mutant, Patch, Wire

FAULT = "what a fault does elsewhere"
LEAVING = "what leaving does to others"
RETRY = "a retry that does too much"
RESTART = "what a restart changes"
MOMENT = "a request at another moment"


def _row(kind: str, name: str, says: str, change: Wire | Patch, *named: str) -> Mutant:
    return Mutant(name=name, lie=says, kind=kind, change=change, named=named)


AFTERMATH = (
    _row(
        FAULT,
        "fault-silences-next-thread",
        "After a fault the same user's next turn in another thread is not answered.",
        Wire(headers=turn.note_token, event=lie.next_thread_pays, end=turn.dead_end),
        "stream.turn-works",
    ),
    _row(
        FAULT,
        "fault-answered-from-past",
        "When the model fails, the last answer is given again.",
        lie.answer_from_past,
        "errors.nothing-invented",
    ),
    _row(
        FAULT,
        "rounds-over-told-done",
        "A turn with too many rounds of tools says that all is done.",
        lie.say_done,
        "errors.nothing-invented",
    ),
    _row(
        FAULT,
        "fault-takes-task-back",
        "A fault takes the newest task of an earlier turn back.",
        lie.take_task_back,
        "tools.tasks-as-expected",
    ),
    _row(
        FAULT,
        "fault-untitles",
        "A fault takes the thread's title away.",
        lie.untitle,
        "persistence.title-persists",
    ),
    _row(
        FAULT,
        "fault-locks",
        "A thread is locked once the model failed in it.",
        lie.lock,
        "errors.retry-after-fault-answers",
    ),
    _row(
        FAULT,
        "fault-forgets-earlier-tools",
        "A fault deletes what showed the tools of earlier turns.",
        lie.forget_work,
        "errors.finished-items-kept",
    ),
    _row(
        FAULT,
        "later-break-in-words-unsaid",
        "A fault in mid-answer is not told in threads that have a past.",
        Wire(event=situations.when(lie.broken_words, situations.unsaid), end=turn.dead_end),
        "errors.shortened-reported",
    ),
    _row(
        LEAVING,
        "third-leaving-locks-user-out",
        "A user who left three answers is not answered any more.",
        Wire(headers=turn.note_token, event=limit.counted, end=limit.over, mute=lie.left_by_one(3)),
        "protocol.no-request-hangs",
    ),
    _row(
        LEAVING,
        "leaving-stores-twice",
        "What was said when the browser left is stored two times.",
        lie.keep_twice,
        "persistence.answer-stored-once",
    ),
    _row(
        RETRY,
        "retry-runs-tool-of-past",
        "A retry first runs the last tool of its thread again.",
        lie.replay_on_retry,
        "tools.tasks-as-expected",
    ),
    _row(
        RESTART,
        "old-threads-retitled",
        "The first turn after a restart gives its thread a new title.",
        lie.retitle_old,
        "persistence.title-persists",
    ),
    _row(
        RESTART,
        "old-tasks-reopened",
        "The first new task after a restart opens completed ones.",
        lie.reopen_old,
        "persistence.restart-keeps-tasks",
    ),
    _row(
        MOMENT,
        "dislike-deletes",
        "An answer that is disliked is deleted.",
        lie.delete_disliked,
        "protocol.feedback-keeps-items",
    ),
    _row(
        MOMENT,
        "reading-stops-answer",
        "Reading a thread ends the answer under way in it.",
        lie.stop_when_read,
        "stream.turn-works",
    ),
)
