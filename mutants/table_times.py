"""The mutants that look fast and are not, and the near misses that show words and tools in unusual ways."""

from __future__ import annotations

from . import answer_lies as page
from . import time_lies as lie
from .both_sides import with_model
from .bundle import ANSWERS, EVENTS
from .model_lies import slowly
from .mutant import Mutant, Upstream, Wire
from .stream_lies import release

UNSTORED = page.on_items(lambda rows: page.without("workflow")(page.without("widget")(rows)))
"""What shows tools in the reference server is gone from its reloads, as it is from its streams."""

TIMES = (
    Mutant(
        name="empty-delta-at-once",
        lie="An empty text delta comes at once, and the first word two and a half seconds later.",
        change=with_model(Upstream(beside=slowly), Wire(event=lie.begun_with(""), end=lie.taken_back)),
        named=("latency.first-token", "latency.own-share"),
    ),
    Mutant(
        name="words-taken-back",
        lie="Words come at once and are removed again; the answer's own come two and a half seconds later.",
        change=with_model(Upstream(beside=slowly), Wire(event=lie.begun_with(lie.PLACEHOLDER), end=lie.taken_back)),
        named=("latency.first-token", "latency.own-share"),
    ),
    Mutant(
        name="empty-delta-while-held",
        lie="An empty text delta comes at once, and the answer when the model has finished.",
        change=with_model(Upstream(whole=True), Wire(event=lie.begun_with(""), end=lie.taken_back)),
        named=("stream.incremental",),
        also=("stream.shown-as-it-comes",),
    ),
    Mutant(
        name="tools-shown-without-words",
        lie="A tool that runs is shown by progress that says nothing.",
        change=Wire(event=lie.shown_as(lie.blank_progress), answer=UNSTORED),
        named=("tools.visible", "latency.tool-visible"),
        also=("tools.shown-in-every-turn",),
    ),
    Mutant(
        name="tools-shown-beforehand",
        lie="Every turn begins with progress, and a tool that runs shows nothing more.",
        change=Wire(event=lie.shown_beforehand, answer=UNSTORED),
        named=("tools.visible", "latency.tool-visible"),
        also=("tools.shown-in-every-turn",),
    ),
    Mutant(
        name="tools-shown-as-ever",
        lie="What shows a tool comes in turns without one, too.",
        change=Wire(event=lie.shown_as_ever, answer=UNSTORED),
        named=("tools.shown-because-of-tool",),
    ),
    Mutant(
        name="odd-tool-as-effect",
        kind=EVENTS,
        lie="A tool is shown by a client effect that the page draws.",
        change=Wire(event=lie.shown_as(lie.effect), answer=UNSTORED),
        near_miss=True,
    ),
    Mutant(
        name="odd-tool-as-notice",
        kind=EVENTS,
        lie="A tool is shown by a notice.",
        change=Wire(event=lie.shown_as(lie.notice), answer=UNSTORED),
        near_miss=True,
    ),
    Mutant(
        name="odd-words-in-added",
        kind=ANSWERS,
        lie="The first words of an answer stand in the item that is added, and no delta repeats them.",
        change=Wire(event=lie.first_words_in_added, end=release),
        near_miss=True,
    ),
)
