"""What is measured: each measure's name, its definition in words, and how it is read off a turn. One table.

All are seconds. A latency begins where the turn begins: at the intended start in the open loop, at the sending in the
closed one. It ends when the generator read the event's last byte.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ..stream.timing import own_share_s, tool_times
from .figures import Sample, sample
from .rows import LoadTurn

Times = list[float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure.

    Args:
        title: for people. says: start, end and clock. of: the attempts in one turn; None is one that failed.
        limit: the target file's key in [latency], or "".
    """

    title: str
    says: str
    of: Callable[[LoadTurn], Times]
    limit: str = ""


def _until(name: str) -> Callable[[LoadTurn], Times]:
    def read(turn: LoadTurn) -> Times:
        at = turn.at(name)
        return [None if at is None else at - turn.start_at]

    return read


def _session(turn: LoadTurn) -> Times:
    return _until("thread_created_at")(turn) if turn.row["new"] else []


def _calls_tools(turn: LoadTurn) -> bool:
    return str(turn.row["kind"]).startswith("tool:")


def _text(turn: LoadTurn) -> Times:
    at = turn.at("first_token_at")
    if at is None and turn.row["left"]:
        return []
    return [None if at is None else at - turn.start_at]


def _first_token(turn: LoadTurn) -> Times:
    return [] if _calls_tools(turn) else _text(turn)


def _after_tools(turn: LoadTurn) -> Times:
    return _text(turn) if _calls_tools(turn) else []


def _whole(turn: LoadTurn) -> Times:
    if turn.row["left"]:
        return []
    return [None] if turn.failed else _until("done_at")(turn)


def _visible(turn: LoadTurn) -> Times:
    """Each tool call against the first sign of it that came before the next call; a failed turn's calls too."""
    signs = [at + turn.offset_s for at in turn.row["tool_visible_at"]]
    return [tool.seconds for tool in tool_times(signs, turn.model.answers)]


def _visible_from_send(turn: LoadTurn) -> Times:
    if not _calls_tools(turn):
        return []
    at = min(turn.row["tool_visible_at"], default=None)
    return [None if at is None else at + turn.offset_s - turn.start_at]


def _own(turn: LoadTurn) -> Times:
    share = own_share_s(turn.sent_at, turn.at("first_token_at"), turn.model.answers)
    return [] if share is None or _calls_tools(turn) else [share]


def _before(turn: LoadTurn) -> Times:
    asked = turn.model.asked_at
    return [] if asked is None else [asked - turn.sent_at]


def _after(turn: LoadTurn) -> Times:
    at, spoke = turn.at("first_token_at"), turn.model.spoke_at
    return [] if at is None or spoke is None else [at - spoke]


def _seconds(name: str) -> Callable[[LoadTurn], Times]:
    def read(turn: LoadTurn) -> Times:
        value = turn.row[name]
        return [] if value is None else [float(value)]

    return read


MEASURES: Mapping[str, Measure] = {
    "session_creation": Measure(
        title="Session creation",
        limit="session_creation_s",
        of=_session,
        says="from the start of a new chat's first turn to thread.created read",
    ),
    "first_token": Measure(
        title="First token",
        limit="first_token_s",
        of=_first_token,
        says="from the start of the turn to the first text of the answer; turns in which the model "
        "answers at once, without calling tools first",
    ),
    "first_token_after_tools": Measure(
        title="First token after tools",
        of=_after_tools,
        says="the same for turns with tool calls, including the model's own time for one or two more rounds",
    ),
    "tool_visible": Measure(
        title="Tool visible",
        limit="tool_visible_s",
        of=_visible,
        says="from the stand-in sending the model's tool call to the first event that shows it (progress update, "
        "workflow, task, widget or client tool call)",
    ),
    "tool_visible_from_send": Measure(
        title="Tool visible, from the user's send",
        of=_visible_from_send,
        says="from the start of the turn to the first event that shows a tool, including the model's time",
    ),
    "own_first_token": Measure(
        title="Server's own share of the first token",
        of=_own,
        says="first token, from the request, minus the model's own time, turn by turn",
    ),
    "before_model": Measure(
        title="Before the model", of=_before, says="from the request to the model call's arrival at the stand-in"
    ),
    "after_model": Measure(
        title="After the model",
        of=_after,
        says="from the stand-in sending its first text to the first text that a person can read",
    ),
    "first_event": Measure(
        title="First event", of=_until("first_event_at"), says="from the start of the turn to the first event"
    ),
    "largest_gap": Measure(
        title="Largest gap", of=_seconds("largest_gap_s"), says="the longest time without new text within an answer"
    ),
    "whole_turn": Measure(title="Whole turn", of=_whole, says="from the start of the turn to the end of its stream"),
    "reload": Measure(title="Reload", of=_seconds("reload_s"), says="reading the whole thread again, all pages"),
}
"""By the name that load.json uses."""

TARGETS = tuple(name for name, measure in MEASURES.items() if measure.limit)


def times_of(name: str, turns: Iterable[LoadTurn]) -> Times:
    """All attempts at a measure."""
    of = MEASURES[name].of
    return list(itertools.chain.from_iterable(of(turn) for turn in turns))


def sample_of(name: str, turns: Iterable[LoadTurn]) -> Sample:
    """The sample of a measure."""
    return sample(times_of(name, turns))


def met(turn: LoadTurn, latency: Mapping[str, float]) -> bool:
    """Whether a turn went well and met every target that applies to it."""
    if turn.failed:
        return False
    return all(
        time is not None and time <= latency[MEASURES[name].limit]
        for name in TARGETS
        for time in MEASURES[name].of(turn)
    )
