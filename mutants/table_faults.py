"""The mutants that break what becomes of a turn in which the model broke."""

from __future__ import annotations

from . import fault_lies as lie
from . import inside
from . import turn_lies as told
from .aftermath_lies import at_failure
from .answer_lies import on
from .both_sides import with_wire
from .mutant import Event, Mutant, Wire
from .stream_lies import drop, edit, release

RELOAD = "threads.get_by_id items.list"


def _error(event: Event) -> bool:
    return event.get("type") == "error"


FAULTS = (
    Mutant(
        name="faults-unsaid",
        lie="When the model refuses or breaks off, the stream ends as if all were well.",
        change=Wire(event=drop(_error)),
        named=(
            "errors.rate-limited-long-reported",
            "errors.key-refused-reported",
            "errors.key-invalid-reported",
            "errors.unknown-model-reported",
            "errors.no-answer-reported",
            "errors.html-reported",
            "errors.error-list-reported",
            "errors.bare-error-reported",
            "errors.length-reported",
        ),
    ),
    Mutant(
        name="broken-turns-vanish",
        lie="A turn in which the model breaks shows nothing, not even what it said.",
        change=Wire(event=lie.vanishes, end=release),
        named=("errors.cut-in-call-reported",),
    ),
    Mutant(
        name="no-done-vanishes",
        lie="A whole answer whose stream ends without [DONE] is thrown away unsaid.",
        change=with_wire(lie.refuse_no_done, Wire(event=lie.vanishes, end=release)),
        named=("errors.no-done-reported",),
    ),
    Mutant(
        name="impatient",
        lie="A model that thinks for half a second is given up without a word.",
        change=Wire(event=drop(_error)),
        env={"GEMINI_TIMEOUT": "0.5"},
        named=("errors.slow-headers-reported",),
    ),
    Mutant(
        name="error-loses-answer",
        lie="What was finished before the model broke is gone after a reload.",
        change=Wire(event=told.marked(told.after_error), answer=on(RELOAD, lie.forgets_finished)),
        named=("errors.finished-items-kept",),
    ),
    Mutant(
        name="error-kills-retry",
        lie="A turn in which the model broke cannot be asked for again.",
        change=Wire(event=told.dies(told.after_error), end=told.dead_end),
        named=("errors.retry-after-fault-answers",),
    ),
    Mutant(
        name="retry-keeps-partial",
        lie="After a retry the partial answer is still there.",
        change=inside.keep_removed,
        named=("errors.retry-after-fault-one-answer",),
    ),
    Mutant(
        name="answers-again",
        lie="Each answer is shown a second time under another id.",
        change=Wire(event=told.answer_again),
        named=("errors.transient-fault-one-answer",),
    ),
    Mutant(
        name="retry-always-offered",
        lie="A retry is offered for what no retry can mend.",
        change=Wire(event=edit(_error, lie.always_again)),
        named=("errors.retry-only-where-useful",),
    ),
    Mutant(
        name="retry-never-offered",
        lie="No retry is offered for what a retry would mend.",
        change=Wire(event=edit(_error, lie.never_again)),
        named=("errors.retry-offered",),
    ),
    Mutant(
        name="errors-wordless",
        lie="Errors come without a word.",
        change=Wire(event=edit(_error, lie.wordless)),
        named=("errors.message-readable",),
    ),
    Mutant(
        name="errors-with-address",
        lie="Errors tell the model's address.",
        change=Wire(event=edit(_error, lie.with_address)),
        named=("errors.no-upstream-address",),
    ),
    Mutant(
        name="exception-as-answer",
        lie="What the model's client raised is given as the answer.",
        change=at_failure(lie.exception_said),
        named=("errors.no-exception-text",),
    ),
)
