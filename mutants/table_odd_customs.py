"""More servers that are odd and right: in how they greet, close, trim, keep, and in what their tools leave unsaid."""

from __future__ import annotations

from collections.abc import Callable

from . import odd_customs as customs
from . import odd_tasks as tasks
from . import odd_tools as tools
from . import odd_wire as wire
from .bundle import ANSWERS, EVENTS, FRAMES, PAGES, TIMES, TOOLS, TOWARDS
from .instruction_lies import Rows, with_rows
from .mutant import Mutant, Patch, Upstream, Wire


def _odd(kind: str, name: str, says: str, change: Wire | Upstream | Patch) -> Mutant:
    return Mutant(name=f"odd-{name}", lie=says, kind=kind, change=change, near_miss=True)


def _rows(how: Callable[[Rows], Rows]) -> Upstream:
    return Upstream(request=with_rows(how))


ODD_CUSTOMS = (
    _odd(FRAMES, "byte-order-mark", "A stream begins with a mark and a long comment.", Wire(frame=customs.marked)),
    _odd(ANSWERS, "in-messages", "A long answer goes on in messages of its own.", customs.say_in_messages),
    _odd(ANSWERS, "answer-tidied", "A finished answer has no blanks at its end.", customs.tidy),
    Mutant(
        name="odd-whole-in-six-seconds",
        lie="The model is asked for whole answers, and one that is silent for six seconds is given up.",
        kind=ANSWERS,
        change=Upstream(whole=True),
        env={"GEMINI_TIMEOUT": "6"},
        near_miss=True,
    ),
    _odd(EVENTS, "greets-first", "A thread begins with a greeting.", customs.greet),
    _odd(EVENTS, "closes-threads", "A thread in which much was asked is closed.", customs.close),
    _odd(EVENTS, "text-normalised", "Messages are composed and trimmed.", Wire(request=customs.normalised)),
    _odd(TIMES, "times-in-minutes", "Times are told in whole minutes.", wire.times(customs.in_minutes)),
    _odd(TIMES, "ids-addresses", "Ids of items are addresses.", customs.address_items),
    _odd(PAGES, "newest-kept", "The list has the newest thirty threads.", customs.keep_newest),
    _odd(PAGES, "listed-by-use", "The list begins with the thread that was used last.", customs.list_by_use),
    _odd(PAGES, "gone-410", "What was deleted is gone, with a status that says so.", Wire(status=customs.gone)),
    _odd(TOOLS, "tools-say-ok", "Tools that change something say no more than that it is done.", tools.faced(tools.OK)),
    _odd(TOOLS, "tools-say-null", "Tools that change something say nothing.", tools.faced(tools.NULL)),
    _odd(TOOLS, "title-once", "A title is on the list once only, and a second one is refused.", tasks.title_once),
    _odd(TOOLS, "completing-turns-over", "A tool completes, and opens what is done, and says so.", tasks.turns_over),
    _odd(TOWARDS, "message-enveloped", "A message is told in JSON.", _rows(customs.enveloped)),
    _odd(TOWARDS, "with-examples", "An example stands before what is said.", _rows(customs.with_examples)),
    _odd(TOWARDS, "reminded", "A reminder stands behind what is said.", _rows(customs.reminded)),
    _odd(TOWARDS, "with-documents", "Documents stand before what is said.", _rows(customs.with_documents)),
    _odd(TOWARDS, "model-by-length", "What is not short is asked of a stronger model.", customs.choose_model),
)
