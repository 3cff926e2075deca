"""Time, measured with nothing beside it. The best of a few turns is judged: a busy machine is not held against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.event_kinds import kind_of
from chatkit_conformance.transcript import Reply, Transcript

from ..clauses import spec
from ..evidence import led_to, times, turns
from ..tool_signs import SIGNS, doubtful

NEW, LATER, TOOL = ("quiet-1", "quiet-2", "quiet-3"), ("quiet-later",), ("tool-1", "tool-2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """A time that is judged: of which replies (`labels`), how it is read off one, in how many seconds it must be over.

    `limit_s` counts where the exchange noted no limit of the target's own (note `<name>_limit`).
    """

    labels: tuple[str, ...]
    of: Callable[[Transcript, Reply], float | None]
    limit_s: float


def _created(t: Transcript, r: Reply) -> float | None:
    return times(t, r).thread_created_s


def _words(t: Transcript, r: Reply) -> float | None:
    return times(t, r).first_text_s


def _own_share(t: Transcript, r: Reply) -> float | None:
    """Words that no call of the model had said yet are the server's own, and so is all the time that they took."""
    made = times(t, r)
    asked = any(not c.side for c in led_to(t, r))
    return made.first_text_s if made.own_share_s is None and asked else made.own_share_s


def _tool_shown(t: Transcript, r: Reply) -> float | None:
    return times(t, r).tool_visible_s


def _read(_t: Transcript, r: Reply) -> float | None:
    return r.ended_at - r.sent_at if r.accepted and r.ended_at is not None else None


TIMED: Mapping[str, Timed] = {
    "first_token_s": Timed(labels=NEW, of=_words, limit_s=2.0),
    "own_share_s": Timed(labels=NEW, of=_own_share, limit_s=2.0),
    "tool_visible_s": Timed(labels=TOOL, of=_tool_shown, limit_s=0.5),
    "thread_created_s": Timed(labels=NEW, of=_created, limit_s=1.0),
    "later_token_s": Timed(labels=LATER, of=_words, limit_s=2.0),
    "reload_s": Timed(labels=("quiet-reload",), of=_read, limit_s=1.0),
    "list_s": Timed(labels=("quiet-list",), of=_read, limit_s=1.0),
}


def _best(t: Transcript, name: str) -> tuple[float, str] | None:
    """The shortest such time in seconds, and the label of its reply."""
    timed = TIMED[name]
    found = [(value, r.label) for r in t.replies if r.label in timed.labels and (value := timed.of(t, r)) is not None]
    return min(found, default=None)


def _figure(name: str) -> Callable[[Transcript], float | None]:
    def figure(t: Transcript) -> float | None:
        best = _best(t, name)
        return None if best is None else round(best[0], 4)

    return figure


def _within(t: Transcript, name: str, what: str) -> Findings:
    turns(t)
    best = _best(t, name)
    if best is None:
        raise Untestable(f"No turn of {t.exchange} showed {what}.")
    value, label = best
    limit = float(t.notes.get(f"{name}_limit", TIMED[name].limit_s))
    if value > limit:
        yield Finding(expected=f"{what} within {limit:.3g} s", got=f"{value:.3f} s in the fastest turn", reply=label)


@check(
    "latency.first-token",
    level=MUST,
    on=("quiet_turns",),
    clause=spec("SC-001: first token of the answer within 2 s"),
    cause="Other work comes before the model call (titles, guardrails, a cold client), or the answer is buffered.",
    fix="Call the model first, keep one client for all requests, and stream the text as it arrives.",
    criteria=("SC-001",),
    figure=_figure("first_token_s"),
)
def first_token(t: Transcript) -> Findings:
    """The first text of an answer arrives within two seconds of the message, including the model's own time."""
    yield from _within(t, "first_token_s", "the first text")


@check(
    "latency.own-share",
    level=MUST,
    needs=("model",),
    on=("quiet_turns",),
    clause=spec("SC-001, the server's own share apart from the model's"),
    cause="The time is the server's own: blocking calls in the event loop, a new client or engine for every request.",
    fix="Profile one turn; load the history in one query, and do not block the event loop.",
    criteria=("SC-001",),
    figure=_figure("own_share_s"),
)
def own_share(t: Transcript) -> Findings:
    """The server's own share of the time to the first text leaves the model enough of the two seconds."""
    yield from _within(t, "own_share_s", "the first text, without the model's own time,")


@check(
    "latency.thread-created",
    level=MUST,
    on=("quiet_turns",),
    clause=spec("SC-009: session creation within 1 s for authenticated users"),
    cause="thread.created waits for the model, for a title or for a remote session.",
    fix="Save the thread and send thread.created before anything else.",
    criteria=("SC-009",),
    figure=_figure("thread_created_s"),
)
def thread_created_in_time(t: Transcript) -> Findings:
    """thread.created arrives within one second of threads.create."""
    yield from _within(t, "thread_created_s", "thread.created")


@check(
    "latency.tool-visible",
    level=MUST,
    needs=("model",),
    on=("quiet_tool",),
    clause=spec("SC-002: a tool's execution is visible within 500 ms of being invoked"),
    cause="The tool is shown only with the answer, or nothing is streamed while it runs.",
    fix="Stream progress at the start of each tool: await ctx.context.stream(ProgressUpdateEvent(...)).",
    criteria=("SC-002",),
    figure=_figure("tool_visible_s"),
)
def tool_visible(t: Transcript) -> Findings:
    """The browser sees that a tool runs within half a second of the model's call, before the model continues."""
    called = [r for r in turns(t) if r.label in TOOL and times(t, r).tools]
    if called and _best(t, "tool_visible_s") is None:
        if all(times(t, r).shows_a_tool is None for r in called):
            raise Untestable(doubtful(called[0].label))
        kinds = sorted({kind_of(e.data or {}) for r in called for e in r.events})
        got = f"no event that shows the tool; the turn has {kinds}"
        expected = f"{SIGNS}, within 0.5 s"
        yield Finding(expected=expected, got=got, reply=called[0].label)
        return
    yield from _within(t, "tool_visible_s", "the first event that shows the tool")


@check(
    "latency.first-token-later",
    level=MUST,
    on=("quiet_turns",),
    clause=spec("SC-001: first token of the answer within 2 s"),
    cause="The history slows down each turn: items are loaded one by one, or summarized before the model call.",
    fix="Load the history in one query, and call the model first.",
    criteria=("SC-001",),
    figure=_figure("later_token_s"),
)
def first_token_later(t: Transcript) -> Findings:
    """In a thread with history, the first text of an answer arrives within two seconds, too."""
    yield from _within(t, "later_token_s", "the first text of a later turn")


SLOW_READ = "The query has no index, items are validated one by one, or every listed thread is loaded with its items."


@check(
    "latency.reload",
    level=SHOULD,
    on=("quiet_turns",),
    clause=spec("SC-009: session within 1 s; a reload is how a session begins again"),
    cause=SLOW_READ,
    fix="Load a thread and its first page of items in two indexed queries.",
    figure=_figure("reload_s"),
)
def reload_in_time(t: Transcript) -> Findings:
    """A short thread is read back within one second."""
    yield from _within(t, "reload_s", "the thread")


@check(
    "latency.list",
    level=SHOULD,
    on=("quiet_turns",),
    clause=spec("SC-009: session within 1 s; the list of threads is on the first screen"),
    cause=SLOW_READ,
    fix="List threads with an index on user and time, without their items.",
    figure=_figure("list_s"),
)
def list_in_time(t: Transcript) -> Findings:
    """The first page of a user's threads arrives within one second."""
    yield from _within(t, "list_s", "the list")
