"""More servers that are odd and right: in their statuses, in items beside answers, in threads that are busy."""

from __future__ import annotations

from . import odd
from . import odd_limits as limits
from . import odd_shapes as shapes
from .bundle import ANSWERS, EVENTS, FAULTS, HTTP, PAGES
from .mutant import Mutant, Patch, Wire


def _odd(kind: str, name: str, says: str, change: Wire | Patch, target: str = "") -> Mutant:
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
    _odd(EVENTS, "busy-409", "While a thread is answered, another message in it is refused.", shapes.refuse_while_busy),
)
