"""The near misses: odd but right. Every MUST check passes on them."""

from __future__ import annotations

from . import inside, odd
from .bundle import ANSWERS, EVENTS, FRAMES, HTTP, TIMES
from .mutant import Mutant, Wire
from .stream_lies import drop, is_, kind

PART_ADDED = "assistant_message.content_part.added"
PART_DONE = "assistant_message.content_part.done"

ODD = (
    Mutant(
        name="odd-heartbeats",
        kind=FRAMES,
        lie="A comment stands before each event.",
        change=Wire(frame=odd.heartbeats),
        near_miss=True,
    ),
    Mutant(name="odd-crlf", kind=FRAMES, lie="Lines end with CR LF.", change=Wire(frame=odd.crlf), near_miss=True),
    Mutant(
        name="odd-crumbs",
        kind=FRAMES,
        lie="Events are written seven bytes at a time.",
        change=Wire(frame=odd.crumbs),
        near_miss=True,
    ),
    Mutant(
        name="odd-no-space",
        kind=FRAMES,
        lie="No blank follows `data:`.",
        change=Wire(frame=odd.no_space),
        near_miss=True,
    ),
    Mutant(
        name="odd-many-lines",
        kind=FRAMES,
        lie="An event's JSON is spread over many `data:` lines, in ASCII, keys sorted.",
        change=Wire(frame=odd.many_lines),
        near_miss=True,
    ),
    Mutant(
        name="odd-numbered",
        kind=FRAMES,
        lie="Events have `id:` and `retry:` lines.",
        change=Wire(frame=odd.numbered),
        near_miss=True,
    ),
    Mutant(
        name="odd-charset",
        kind=HTTP,
        lie="The stream's content type names its charset.",
        change=Wire(content_type="text/event-stream; charset=utf-8"),
        near_miss=True,
    ),
    Mutant(
        name="odd-no-part-added",
        kind=ANSWERS,
        lie="Text comes before any `content_part.added`.",
        change=Wire(event=drop(lambda event: kind(event) == PART_ADDED)),
        near_miss=True,
    ),
    Mutant(
        name="odd-no-part-done",
        kind=ANSWERS,
        lie="No `content_part.done` is sent.",
        change=Wire(event=drop(lambda event: kind(event) == PART_DONE)),
        near_miss=True,
    ),
    Mutant(
        name="odd-no-stream-options",
        kind=EVENTS,
        lie="No `stream_options` are sent.",
        change=Wire(event=drop(is_("stream_options"))),
        near_miss=True,
    ),
    Mutant(
        name="odd-chatter",
        kind=EVENTS,
        lie="Progress and notices stand between all events.",
        change=Wire(event=odd.chatter),
        near_miss=True,
    ),
    Mutant(
        name="odd-thread-repeated",
        kind=EVENTS,
        lie="The thread is sent again in the middle of an answer.",
        change=Wire(event=odd.thread_repeated),
        near_miss=True,
    ),
    Mutant(
        name="odd-title-early",
        kind=EVENTS,
        lie="The title changes in mid-stream.",
        change=Wire(event=odd.title_changes),
        near_miss=True,
    ),
    Mutant(
        name="odd-short-answers-whole",
        kind=ANSWERS,
        lie="A short answer comes as one finished item.",
        change=Wire(event=odd.short_answers_whole, end=odd.rest_of_short),
        near_miss=True,
    ),
    Mutant(
        name="odd-vendor-fields",
        kind=EVENTS,
        lie="Events, answers' items and threads have a field that no schema knows.",
        change=Wire(event=odd.vendor_event, answer=odd.vendor_answer),
        near_miss=True,
    ),
    Mutant(name="odd-ids-numeric", kind=TIMES, lie="Ids are plain numbers.", change=inside.number_ids, near_miss=True),
    Mutant(
        name="odd-ids-signs",
        kind=TIMES,
        lie="Ids of items hold colons, slashes and a letter of another script.",
        change=inside.sign_ids,
        near_miss=True,
    ),
)
