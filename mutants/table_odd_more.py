"""Whole servers that are odd and right: in their credentials, pages, times, tools, errors, and towards the model."""

from __future__ import annotations

from collections.abc import Callable

from . import odd_model as model
from . import odd_server as server
from . import odd_tools as tools
from . import odd_wire as wire
from .bundle import ANSWERS, CREDENTIALS, EVENTS, FAULTS, FRAMES, HTTP, LACKING, PAGES, TIMES, TOOLS, TOWARDS, VISIBLE
from .instruction_lies import Rows, with_rows
from .mutant import Mutant, Patch, Upstream, Wire
from .old_http import in_front
from .stream_lies import release
from .widget_lies import everywhere, in_a_table, with_border

bordered, in_tables = everywhere(with_border), everywhere(in_a_table)


def _odd(kind: str, name: str, says: str, change: Wire | Upstream | Patch, target: str = "") -> Mutant:
    return Mutant(name=f"odd-{name}", lie=says, kind=kind, change=change, near_miss=True, target=target)


def _rows(name: str, says: str, how: Callable[[Rows], Rows]) -> Mutant:
    return _odd(TOWARDS, name, says, Upstream(request=with_rows(how)))


MORE_ODD = (
    _odd(FRAMES, "single-bytes", "Events begin and end one byte at a time.", Wire(frame=wire.single_bytes)),
    _odd(FRAMES, "event-lines", "An `event:` line stands beside each event.", Wire(frame=wire.named)),
    _odd(FRAMES, "blank-in-next-write", "The blank line after an event comes later.", Wire(frame=wire.no_last_blank)),
    _odd(HTTP, "gzip", "Answers and streams are packed.", server.packed),
    _odd(HTTP, "http-1-0", "It speaks HTTP/1.0, and closes each connection.", in_front),
    _odd(HTTP, "slash-at-end", "Whoever leaves out a slash is sent on with 307.", server.slashed, "slash-target.toml"),
    _odd(
        ANSWERS,
        "first-words-in-added",
        "An answer is begun with its first words.",
        Wire(event=wire.first_words_in_added, end=release),
    ),
    _odd(ANSWERS, "begun-anew", "An answer is begun, taken back, and begun anew.", Wire(event=wire.begun_anew)),
    _odd(ANSWERS, "replaced-at-end", "A finished answer is replaced by itself.", Wire(event=wire.replaced_at_end)),
    _odd(LACKING, "no-title", "Threads have no title.", server.give_no_titles, "untitled-target.toml"),
    _odd(EVENTS, "title-late", "A thread gets its title when it is read.", server.give_titles_later),
    _odd(EVENTS, "steering", "A message in mid-answer ends that answer, and is answered itself.", server.steer),
    _odd(FAULTS, "errors-as-status", "A model that fails at once is told by a status.", server.refuse_at_once),
    _odd(TIMES, "times-with-offset", "Times are told in a zone two hours east.", wire.times(wire.with_offset)),
    _odd(TIMES, "times-in-seconds", "Times are told in whole seconds.", wire.times(wire.in_seconds_utc)),
    _odd(TIMES, "times-in-microseconds", "Times are told in microseconds.", wire.times(wire.in_microseconds)),
    _odd(TIMES, "clock-slow", "The server's clock is twelve years slow.", wire.times(wire.years_ago)),
    _odd(TIMES, "ids-uuid", "Ids are bare UUIDs.", server.make_uuids),
    _odd(TIMES, "ids-long", "Ids of items have two hundred characters.", server.make_long_ids),
    _odd(PAGES, "pages-capped", "A page has seven rows at most.", server.cap_pages),
    _odd(PAGES, "cursors-opaque", "Cursors are no ids.", Wire(answer=wire.opaque, request=wire.unwrapped)),
    _odd(
        PAGES,
        "refusals-403-409",
        "What is not there is forbidden, and a wrong request is a conflict.",
        Wire(status=wire.refused_as({404: 403, 422: 409})),
    ),
    _odd(
        PAGES,
        "refusals-all-422",
        "Wrong requests are all answered with 422, in words of another framework.",
        Wire(status=wire.refused_as({400: 422, 409: 422}), answer=wire.explained),
    ),
    Mutant(
        name="odd-retry-after-date",
        lie="Too many requests are told when to come back as a date.",
        kind=PAGES,
        change=server.tell_date,
        near_miss=True,
        meets="security.rate-limit*",
        target="limited-target.toml",
        env={"RATE_LIMIT": "40"},
    ),
    _odd(CREDENTIALS, "cookie-only", "A cookie is the only credential.", server.by_cookie_only, "cookie-target.toml"),
    _odd(
        CREDENTIALS,
        "key-only",
        "A key in a header of its own is the only credential.",
        server.by_key_only,
        "key-target.toml",
    ),
    _odd(TOOLS, "tools-renamed", "Tools and arguments are named in camel case.", tools.faced(tools.TODOS)),
    _odd(
        TOOLS,
        "tools-german",
        "Tools and arguments are named in German.",
        tools.faced(tools.AUFGABEN),
        "aufgaben-target.toml",
    ),
    _odd(TOOLS, "tools-nested", "Arguments stand in an object of their own.", tools.faced(tools.NESTED)),
    _odd(TOOLS, "tools-nullable", "All arguments are required, and may be null.", tools.faced(tools.NULLABLE)),
    _odd(TOOLS, "tools-integer-ids", "Ids of tasks are integers.", tools.faced(tools.INTEGERS)),
    _odd(TOOLS, "tools-in-prose", "Tools answer in prose.", tools.faced(tools.PROSE)),
    _odd(TOOLS, "tools-in-table", "The list of tasks is a table.", tools.faced(tools.TABLE)),
    _odd(TOOLS, "tools-in-python", "Tools answer as Python prints.", tools.faced(tools.REPR)),
    _odd(TOOLS, "tools-in-pages", "The list of tasks has pages of twenty.", tools.faced(tools.PAGES)),
    _odd(
        TOOLS,
        "tools-open-only",
        "The list has open tasks only, unless it is asked for others.",
        tools.faced(tools.OPEN_ONLY),
    ),
    _odd(
        VISIBLE, "shown-by-progress", "Tools are shown by progress alone.", server.show_by_progress, "plain-target.toml"
    ),
    _odd(
        VISIBLE,
        "shown-by-effect",
        "Tools are shown by effects on the page.",
        server.show_by_effect,
        "plain-target.toml",
    ),
    _odd(
        VISIBLE, "shown-by-widgets", "Tools are shown by widgets alone.", server.show_by_widget, "widgets-target.toml"
    ),
    _odd(VISIBLE, "cards-bordered", "Cards have a border, for which the SDK has no field.", bordered),
    _odd(VISIBLE, "cards-in-tables", "Cards hold a table, for which the SDK has no class.", in_tables),
    _rows("developer-role", "The instructions are the developer's.", model.developer),
    _rows("content-in-parts", "Messages to the model are lists of parts.", model.in_parts),
    _rows("window-with-summary", "Older messages are told in the instructions.", model.summarised),
    _odd(TOWARDS, "model-in-full", "The model is called by its whole name.", Upstream(request=model.named_in_full)),
    _odd(TOWARDS, "thinking-set", "The model is told how much to think.", Upstream(request=model.thinking)),
    _odd(
        TOWARDS,
        "model-unstreamed",
        "The model's answer is asked for in one piece.",
        Upstream(request=model.unstreamed, restream=model.as_stream),
    ),
    _odd(TOWARDS, "guardrail", "A second model judges each message first.", model.guard),
    _odd(TOWARDS, "title-by-model", "A second model is asked for the title.", model.title_by_model),
)
