"""More servers that are odd and right: in their turns, their tools' results, and what they tell the model."""

from __future__ import annotations

from collections.abc import Callable

import reference_server.event_stream as event_stream

from . import odd_model as model
from . import odd_tools as tools
from . import odd_turns as turns
from . import odd_wire as wire
from .bundle import ANSWERS, EVENTS, FAULTS, FRAMES, HTTP, PAGES, TOOLS, TOWARDS
from .instruction_lies import Rows, with_rows
from .mutant import Mutant, Patch, Upstream, Wire
from .odd_board import board_apart
from .shelf_lies import titled

MORE_HEADERS = {
    "set-cookie": "visit=1; Path=/; HttpOnly",
    "strict-transport-security": "max-age=31536000",
    "server-timing": "app;dur=12.3",
    "vary": "Origin, Accept-Encoding",
}


def _headers() -> None:
    event_stream._HEADERS.update(MORE_HEADERS)


def _odd(kind: str, name: str, says: str, change: Wire | Upstream | Patch) -> Mutant:
    return Mutant(name=f"odd-{name}", lie=says, kind=kind, change=change, near_miss=True)


def _rows(name: str, says: str, how: Callable[[Rows], Rows]) -> Mutant:
    return _odd(TOWARDS, name, says, Upstream(request=with_rows(how)))


ODD_TURNS = (
    _odd(FRAMES, "returns-only", "Lines end with CR alone.", Wire(frame=wire.returns)),
    _odd(FRAMES, "slashes-escaped", "JSON is in ASCII, with its slashes escaped.", Wire(frame=wire.escaped)),
    _odd(HTTP, "more-headers", "Streams have cookies and headers of all sorts.", _headers),
    _odd(ANSWERS, "deltas-halved", "Pieces of text come in two, an empty one between.", Wire(event=wire.halved)),
    _odd(EVENTS, "nulls-told", "What is absent is told to be null.", Wire(event=wire.with_null)),
    _odd(EVENTS, "message-added", "The user's message is added, then done.", Wire(event=turns.message_added)),
    _odd(ANSWERS, "two-parts", "Longer answers have two parts.", turns.two_parts),
    _odd(ANSWERS, "footer", "Every answer ends with the same line.", turns.foot),
    _odd(EVENTS, "title-each-turn", "Each turn titles its thread, until the user does.", turns.title_each_turn),
    _odd(EVENTS, "never-stopped", "An answer cannot be stopped: who leaves finds it whole later.", turns.never_stop),
    _odd(FAULTS, "fault-in-words", "A fault is told in the assistant's words.", turns.say_sorry),
    _odd(FAULTS, "fault-as-notice", "A fault is told by a notice.", Wire(event=turns.as_notice)),
    _odd(FAULTS, "turn-begun-again", "A turn without tools is run anew once, its words taken back.", turns.begin_again),
    _odd(PAGES, "after-always", "The last page has a cursor, too.", Wire(answer=wire.after_always)),
    _odd(PAGES, "nulls-left-out", "What is null is left out of answers.", Wire(answer=wire.without_null)),
    _odd(PAGES, "accepted", "A deletion and feedback are answered with 202.", Wire(status=wire.accepted)),
    _odd(PAGES, "delete-again", "Deleting a thread that is gone is no error.", turns.delete_gently),
    _odd(PAGES, "titles-trimmed", "Blanks at the ends of a title are left out.", Wire(request=titled(str.strip))),
    _odd(
        PAGES,
        "delete-of-any",
        "A deletion is answered alike, whether there was anything of the caller's to delete or not.",
        Wire(status=wire.deleted_or_not, answer=wire.empty_when_deleted),
    ),
    _odd(PAGES, "files-posted", "Files are sent by POST.", turns.take_posts),
    _odd(TOOLS, "tools-wrapped", "What a tool says stands in an object of its own.", tools.faced(tools.WRAPPED)),
    _odd(TOOLS, "tools-midnight", "Dates are moments.", tools.faced(tools.MIDNIGHT)),
    _odd(TOOLS, "tools-tags-sorted", "Tags come back sorted.", tools.faced(tools.TAGS_SORTED)),
    _odd(TOOLS, "tools-state-in-a-word", "Whether a task is done is a word.", tools.faced(tools.STATE)),
    _odd(
        TOOLS,
        "tools-of-loans",
        "Whether a task is done is a word that nobody else has for it.",
        tools.faced(tools.LOANS),
    ),
    _odd(TOOLS, "tools-of-slots", "A task is made for an hour, which no schema says.", tools.faced(tools.SLOTS)),
    _odd(TOOLS, "tools-board-apart", "Another tool than those that make and list tasks draws them.", board_apart),
    _odd(TOOLS, "tools-sparse", "A task has only the fields that are not empty.", tools.faced(tools.SPARSE)),
    _rows("history-in-instructions", "What was said is told in the instructions.", model.in_instructions),
    _rows("instructions-with-clock", "The instructions tell the time.", model.with_clock),
    _rows("messages-with-origin", "A line above each message tells where it comes from.", model.dated),
    _odd(TOWARDS, "tasks-in-instructions", "The model is told the user's tasks in every call.", turns.tell_tasks),
)
