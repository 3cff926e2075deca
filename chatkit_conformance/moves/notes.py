"""What a conversation made of moves writes down for the checks. All of it is JSON, and part of the saved transcript.

moves      every move that was held, in order:
               n, kind, args, who     its number, and as it was drawn
               user, thread           whose it is, by the name that replies carry, and the thread's id or ""
               replies                labels of its replies: "3-say", "3-say-read", ...; they begin with its number
               began, ended           monotonic seconds; ended is None where the conversation was cut in it
left_out   by kind, why moves of it were not held: no such capability, role or button, or not possible there
turns      by label, each reply in which the model was to answer:
               user, thread           as above
               nonce                  the mark in its user message. A retry has that of the message asked again
               words                  the user's text as sent, the nonce in it; "" for what is no message
               steps                  what the model was told to say
               answer                 the text of the last step, or "" where none is certain
               tools                  [{role, name, arguments}] of the calls in those steps
               quoted, files, tag, model    what was sent with the message, or null
               retry                  the label of the turn whose message is asked again, or ""
               fault                  null, or {name, moment, place, ends, allow_retry, passing, text}: what the model
                                      did wrong, as faults.py says it, and what it said before it broke
               left                   whether we dropped the connection before the answer was whole
               beside                 labels of the turns that were being answered at the same time, by anyone
expected   by label, what a reply that reads must show, whole; or that it must be refused:
               {thread: {...}}        of threads.get_by_id and items.list: state.Thread as JSON
               {threads: [...], gone: [...], whole}     of threads.list: ids of the user's own, and of those that were
                                      deleted; whole: whether these are all that the user has
               {behind: [...], shown: [...]}    of threads.list from a cursor on: ids that come behind it, and of those
                                      that were on the page before
               {tasks: [...], whole, position}     of a turn in which the read tool was called: state.Task as JSON; the
                                      result stands in the request to the model at that position
               {refused: why}         a stranger's, or about nothing: no success may be claimed, and nothing change
               {renamed: [old, new]}  beside {tasks}: the title that a task had, and has, whose old button was pressed
               {pressed_list: {item, others, before, after, made, read, task}}    of a button: the widget it stands
                                      in, titles of tasks that it does not change, the readings of the thread around
                                      it, the turns in which tasks were listed around it, the title of its own task
               {tells: words, nonce}  of an answer of the browser's: the model's next request of that turn has them
               {tells_zero: nonce}    of the number 0 as an answer of the browser's, in the same way
               {wrong: how}           of what is no right request: it is refused
               {spoilt: words}        of a request with a spoilt field: it is refused or taken, and answered
               {deletes: id}          a user's own file is deleted by its owner
               {own: words, size, of} of the address of a file, asked for by its owner: how what was uploaded begins,
                                      how many bytes it has, and the label of its registration
               {preview: name}        of the preview of a picture of that name, asked for by its owner
               {picture_gone: name}   of the same after it was deleted
               {thread_gone: name}    of the same after the thread was deleted in which it was sent
               {beside: label}        of what a user did in another thread while the model held that turn's answer
               {impostor: name}       beside it: by which of target/bad_tokens.py the request was signed
people     the conversation's users by the name that replies carry, in order; `own` says whether nobody else acts in
           their name, so that their lists are theirs alone
"""

from __future__ import annotations

from typing import Any, TypedDict

JSON = Any

MOVES, LEFT_OUT, TURNS, EXPECTED, PEOPLE = "moves", "left_out", "turns", "expected", "people"


class FaultNote(TypedDict):
    """A turn's fault."""

    name: str
    moment: str
    place: str
    ends: str
    allow_retry: bool | None
    passing: bool
    times: int | None
    text: str


class TurnNote(TypedDict):
    """A turn, as told above."""

    user: str
    thread: str
    nonce: str
    words: str
    steps: list[dict[str, JSON]]
    answer: str
    tools: list[dict[str, JSON]]
    quoted: str | None
    files: list[str]
    tag: str | None
    model: str | None
    retry: str
    fault: FaultNote | None
    left: bool
    beside: list[str]


class MoveNote(TypedDict):
    """A move, as told above."""

    n: int
    kind: str
    args: dict[str, JSON]
    who: str
    user: str
    thread: str
    replies: list[str]
    began: float
    ended: float | None
