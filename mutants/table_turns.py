"""The mutants that break whole turns: errors that are hidden, turns that are dead, words around tools."""

from __future__ import annotations

from . import stream_lies as lie
from . import turn_lies as told
from .answer_lies import on
from .mutant import Event, Mutant, Wire

RELOAD = "threads.get_by_id items.list"


def _error(event: Event) -> bool:
    return event.get("type") == "error"


def _traceback(event: Event) -> None:
    event["message"] = told.TRACEBACK


def _dead(mark: told.Mark) -> Wire:
    return Wire(event=told.dies(mark), end=told.dead_end)


TURNS = (
    Mutant(
        name="errors-swallowed",
        lie="When the model breaks, the stream ends as if all were well.",
        change=Wire(event=lie.drop(_error)),
        named=(
            "errors.fault-reported",
            "errors.rate-limited-reported",
            "errors.internal-error-reported",
            "errors.overloaded-reported",
            "errors.refused-reported",
            "errors.cut-reported",
            "errors.stalled-reported",
            "errors.error-in-stream-reported",
            "errors.empty-reported",
            "errors.filtered-reported",
            "errors.malformed-call-reported",
            "errors.garbage-reported",
        ),
    ),
    Mutant(
        name="errors-twice",
        lie="Each error is told two times.",
        change=Wire(event=lie.twice(_error)),
        named=("errors.one-error",),
    ),
    Mutant(
        name="errors-with-traceback",
        lie="An error event shows the server's own code.",
        change=Wire(event=lie.edit(_error, _traceback)),
        named=("errors.no-traceback",),
    ),
    Mutant(
        name="error-kills-thread",
        lie="After the model broke, the thread answers no more.",
        change=_dead(told.after_error),
        named=("errors.next-turn-works",),
    ),
    Mutant(
        name="error-loses-question",
        lie="The message that the model failed to answer is gone after a reload.",
        change=Wire(event=told.marked(told.after_error), answer=on(RELOAD, told.lost_after_error)),
        named=("errors.user-message-kept",),
    ),
    Mutant(
        name="second-turn-dead",
        lie="The second message in a thread is never answered.",
        change=_dead(told.after_turn(1)),
        named=(
            "persistence.second-turn-works",
            "tools.bad-arguments-then-next-turn",
            "stream.turn-works",
        ),
    ),
    Mutant(
        name="third-turn-dead",
        lie="The third message in a thread is never answered.",
        change=_dead(told.after_turn(2)),
        named=("persistence.third-turn-works",),
    ),
    Mutant(
        name="turn-after-tool-dead",
        lie="The turn after one with a tool is never answered.",
        change=_dead(told.after_tool),
        named=("tools.turn-after-works",),
    ),
    Mutant(
        name="turn-after-retry-dead",
        lie="The turn after a retry is never answered.",
        change=_dead(told.after_retry),
        named=("persistence.turn-after-retry-works",),
    ),
    Mutant(
        name="retry-unanswered",
        lie="A retry is accepted and not answered.",
        change=Wire(event=told.silent_retry),
        named=("persistence.retry-answers",),
    ),
    Mutant(
        name="leaving-locks-thread",
        lie="A thread whose browser went away in mid-answer stays locked.",
        change=Wire(event=told.locked, end=told.dead_end),
        named=("persistence.turn-after-disconnect-works",),
    ),
    Mutant(
        name="leaving-loses-answer",
        lie="What the user had seen when the browser went away is gone.",
        change=Wire(
            event=told.watched, end=told.dead_end, answer=on(RELOAD, told.lost_after_leaving("assistant_message"))
        ),
        named=("persistence.partial-answer-kept",),
    ),
    Mutant(
        name="leaving-loses-question",
        lie="The user's message is gone when the browser left during its answer.",
        change=Wire(event=told.watched, end=told.dead_end, answer=on(RELOAD, told.lost_after_leaving("user_message"))),
        named=(
            "persistence.disconnect-keeps-message",
            "persistence.disconnect-anywhere-keeps-message",
        ),
    ),
    Mutant(
        name="silent-after-tool",
        lie="What the model says after its tools is not shown.",
        change=Wire(event=told.silent_after_tool),
        named=("tools.answer-follows", "tools.bad-arguments-handled"),
    ),
    Mutant(
        name="silent-before-tool",
        lie="What the model says before its tools is not shown.",
        change=Wire(event=told.silent_before_tool, end=lie.release),
        named=("tools.text-around-calls",),
    ),
    Mutant(
        name="token-in-stream",
        lie="The caller's token stands in an event.",
        change=Wire(event=told.token_told, headers=told.note_token),
        named=("security.no-secret-leaks",),
    ),
)
