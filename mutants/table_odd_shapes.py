"""More servers that are odd and right: in their statuses, in items beside answers, in threads that are busy."""

from __future__ import annotations

from . import odd
from . import odd_habits as habits
from . import odd_limits as limits
from . import odd_shapes as shapes
from .bundle import ANSWERS, CREDENTIALS, EVENTS, FAULTS, HTTP, PAGES, TOWARDS
from .instruction_lies import with_rows
from .mutant import Mutant, Patch, Upstream, Wire
from .odd_wire import refused_as


def _odd(kind: str, name: str, says: str, change: Wire | Upstream | Patch, target: str = "") -> Mutant:
    return Mutant(name=f"odd-{name}", lie=says, kind=kind, change=change, near_miss=True, target=target)


ODD_SHAPES = (
    _odd(HTTP, "created-201", "What is made is answered with 201, streams too.", Wire(status=shapes.created)),
    _odd(PAGES, "no-content", "A deletion and feedback are answered with 204.", Wire(status=shapes.nothing_to_say)),
    _odd(FAULTS, "told-in-german", "Errors in streams are told in German.", Wire(event=shapes.in_german)),
    _odd(PAGES, "problem-details", "Refusals are problem details, in German.", Wire(answer=shapes.problem)),
    _odd(
        EVENTS,
        "created-with-message",
        "A new thread is told with the user's message in it.",
        Wire(event=shapes.created_with_message, end=shapes.created_alone),
    ),
    _odd(EVENTS, "updated-at-once", "A new thread is told once more at once.", Wire(event=shapes.updated_at_once)),
    _odd(
        ANSWERS,
        "added-whole",
        "A short answer is added with all its words, and done with the same.",
        Wire(event=shapes.added_whole, end=odd.rest_of_short),
    ),
    _odd(
        ANSWERS,
        "pieces-coalesced",
        "Pieces of text come two at a time.",
        Wire(event=shapes.coalesced, end=shapes.last_piece),
    ),
    _odd(
        EVENTS,
        "end-of-turn",
        "A turn ends with a mark that nobody sees.",
        Wire(event=shapes.marked_end, end=shapes.end_of_turn),
    ),
    _odd(EVENTS, "thinks-aloud", "Before each answer a workflow says what the assistant thinks.", shapes.think_aloud),
    _odd(EVENTS, "suggests-next", "After each answer a card suggests what to ask next.", shapes.suggest),
    _odd(PAGES, "sizes-limited", "Long messages and large pages are refused.", limits.refuse_too_large),
    _odd(PAGES, "answers-rated-alone", "Feedback is taken on answers alone.", limits.rate_answers_alone),
    _odd(PAGES, "fields-strict", "A message with a field of no release is refused.", limits.refuse_unknown),
    _odd(FAULTS, "model-in-need", "Where the model fails, another one is asked.", habits.ask_another),
    _odd(EVENTS, "second-click-409", "The same message at once is refused.", habits.take_once),
    _odd(
        CREDENTIALS,
        "nobody-sent-to-login",
        "Who is not signed in is sent to another page.",
        Wire(status=refused_as({401: 303})),
    ),
    _odd(CREDENTIALS, "nobody-finds-404", "Who is not signed in finds nothing.", Wire(status=refused_as({401: 404}))),
    _odd(
        TOWARDS,
        "roles-in-turns",
        "Messages that follow each other are one.",
        Upstream(request=with_rows(habits.in_turns)),
    ),
    _odd(
        TOWARDS,
        "old-results-left-out",
        "What tools returned earlier is not told again.",
        Upstream(request=with_rows(habits.old_results_left_out)),
    ),
    _odd(EVENTS, "busy-409", "While a thread is answered, another message in it is refused.", shapes.refuse_while_busy),
)
