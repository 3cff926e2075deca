"""Measured times: every figure of a turn, computed from what was said on both sides of the server. Pure.

Checks, report, live runs and load all read this file; nobody else decides when words or a tool were seen. Which events
count is the table of event_kinds.py, which chunks of the model count is model_chunks.py.

    times = times_of(reply, calls)          # a transcript's: seconds from the request, None for what did not come
    clock = BrowserClock(); clock.see(at, data); clock.times()          # a stream's, where there is no transcript

A moment is a reading of one monotonic clock, in seconds, as transcripts hold it. An event was read when its last byte
was; a chunk left the model just before it was written.

The server's own share of the first token is the whole of it less the time in which the model had the word:

    own share = (first words read - request sent) - (time in which a call that was waited for was unanswered)

A call that was waited for counts from its arrival to its end; the call that answered (the last that had begun to speak
when the words were read) counts to its first words and no further, so what the server does with words that it has is
its own. What comes before the first request to the model is the server's own, too: a database, a lock, a title that is
waited for. Calls outside the conversation are never the model's share, since a server need not wait for them, and calls
that were still open delayed nothing. Calls at the same time count once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..transcript import Call, Reply
from .event_kinds import EVENT_KINDS, UNKNOWN, WORDS_ADDED, Data, kind_of, readable, text_in
from .model_answers import model_answer
from .model_chunks import has_words, tools_called

OWN_WORDS = 4
"""Letters from which on words can be told to be the server's own: fewer may be the model's, cut or respelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerTimes:
    """The moments of one request to the model.

    Args:
        asked_at: its arrival. text_at: the first words of the answer. called_at: the first tool call.
        ended_at: the end, or None where it was not seen. position: rounds of tool calls before it in its turn.
        side: whether it was outside the conversation. tools: names of the tools that it called.
    """

    asked_at: float
    text_at: float | None = None
    called_at: float | None = None
    ended_at: float | None = None
    position: int = 0
    side: bool = False
    tools: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolTime:
    """One answer of the model that called tools, and when the browser first saw something of it (None: never)."""

    called_at: float
    seen_at: float | None
    tools: tuple[str, ...] = ()

    @property
    def seconds(self) -> float | None:
        """From the call's writing to its sight, or None."""
        return None if self.seen_at is None else self.seen_at - self.called_at


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserTimes:
    """What a stream showed, and when.

    Args:
        thread_created_at: the first `thread.created` with a thread in it.
        first_text_at: the first words of an answer that stayed.
        signs: every moment at which something showed a tool.
        largest_gap_s: the longest silence between two events that brought words, None where there were not two.
    """

    thread_created_at: float | None = None
    first_text_at: float | None = None
    signs: tuple[float, ...] = ()
    largest_gap_s: float | None = None


class BrowserClock:
    """Takes a stream's events one by one, with the moment at which each was read."""

    def __init__(self) -> None:
        self._created_at: float | None = None
        self._words: dict[str, tuple[float, str]] = {}
        self._signs: list[float] = []
        self._last_words_at: float | None = None
        self._largest_gap_s: float | None = None

    def see(self, at: float, data: Data) -> None:
        """The next event."""
        kind = kind_of(data)
        row = EVENT_KINDS.get(kind, UNKNOWN)
        if kind == WORDS_ADDED:
            self.add(at, str(data.get("item_id")), text_in(data))
        elif row.text is not None and readable(text := row.text(data)):
            item = data.get("item")
            item_id = item.get("id") if isinstance(item, dict) else data.get("item_id")
            self._whole(at, str(item_id), text, final=kind == "item assistant_message")
        if row.shows is not None and row.shows(data) and self._signs[-1:] != [at]:
            self._signs.append(at)
        if kind == "thread.created" and self._created_at is None and isinstance(data.get("thread"), dict):
            self._created_at = at
        if kind == "thread.item.removed":
            self._words.pop(str(data.get("item_id")), None)

    def add(self, at: float, item_id: str, delta: str) -> None:
        """The next event, a text delta: what `see` does with one, for who has taken it apart already."""
        if not readable(delta):
            return
        if item_id not in self._words:
            self._words[item_id] = (at, delta)
        last, self._last_words_at = self._last_words_at, at
        if last is not None and at - last >= (self._largest_gap_s or 0.0):
            self._largest_gap_s = at - last

    def _whole(self, at: float, item_id: str, text: str, *, final: bool) -> None:
        """Words that came at once. What comes so after its deltas brings nothing new, so it ends no silence.

        Words that an item's last state (`final`) does not hold were a placeholder: its first words come with that.
        """
        first = self._words.get(item_id)
        if first is None:
            self.add(at, item_id, text)
        elif final and _squeezed(first[1]) not in _squeezed(text):
            self._words[item_id] = (at, text)

    def times(self) -> BrowserTimes:
        """What was seen so far."""
        return BrowserTimes(
            thread_created_at=self._created_at,
            first_text_at=min((at for at, _ in self._words.values()), default=None),
            signs=tuple(self._signs),
            largest_gap_s=self._largest_gap_s,
        )


def _squeezed(text: str) -> str:
    """The text without its spaces, which a server may trim."""
    return "".join(text.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnTimes:
    """The times of one turn. Moments are on the transcript's clock; None is what did not come.

    Args:
        own_share_s: see the top of the file. None, too, where no call had spoken when the words were read.
        tools: one for each answer of the model that called tools, in order.
        doubtful_words_at: words after a tool call that may be the server's own, and so show it, or the model's, put
            differently: where nothing else shows the tool, it is not known whether it was visible.
    """

    sent_at: float
    thread_created_at: float | None
    first_text_at: float | None
    own_share_s: float | None
    tools: tuple[ToolTime, ...]
    largest_gap_s: float | None
    ended_at: float | None
    doubtful_words_at: float | None = None

    def since_sent(self, at: float | None) -> float | None:
        """Seconds from the request to that moment."""
        return None if at is None else at - self.sent_at

    @property
    def thread_created_s(self) -> float | None:
        """Seconds to thread.created."""
        return self.since_sent(self.thread_created_at)

    @property
    def first_text_s(self) -> float | None:
        """Seconds to the first words."""
        return self.since_sent(self.first_text_at)

    @property
    def model_share_s(self) -> float | None:
        """Seconds of the first words in which the model had the word: what is not the server's own share."""
        if self.first_text_s is None or self.own_share_s is None:
            return None
        return self.first_text_s - self.own_share_s

    @property
    def tool_visible_s(self) -> float | None:
        """Seconds until the slowest of its tool calls was seen, None where none was made or one was never seen."""
        seconds = [tool.seconds for tool in self.tools]
        seen = [s for s in seconds if s is not None]
        return max(seen) if seen and len(seen) == len(seconds) else None

    @property
    def shows_a_tool(self) -> bool | None:
        """Whether any of its tool calls was seen, None where only words came of which nobody knows whose they are."""
        if any(tool.seen_at is not None for tool in self.tools):
            return True
        return False if self.doubtful_words_at is None else None

    @property
    def whole_s(self) -> float | None:
        """Seconds to the end."""
        return self.since_sent(self.ended_at)


def times_of(reply: Reply, calls: Iterable[Call]) -> TurnTimes:
    """The times of a reply.

    Args:
        calls: the requests to the model that belong to it; those made before or after it are left out.
    """
    clock = BrowserClock()
    for event in reply.events:
        clock.see(event.at, event.data or {})
    seen = clock.times()
    until = float("inf") if reply.ended_at is None else reply.ended_at
    made = [call for call in calls if reply.sent_at <= call.at <= until]
    answers = [answer_of(call) for call in made]
    words = list(_own_words(reply, made, answers)) if any(answer.tools for answer in answers) else []
    own_words = [at for at, sure in words if sure]
    return TurnTimes(
        sent_at=reply.sent_at,
        thread_created_at=seen.thread_created_at,
        first_text_at=seen.first_text_at,
        own_share_s=own_share_s(reply.sent_at, seen.first_text_at, answers),
        tools=tool_times(sorted((*seen.signs, *own_words)), answers),
        doubtful_words_at=next((at for at, sure in words if not sure), None),
        largest_gap_s=seen.largest_gap_s,
        ended_at=reply.ended_at,
    )


def _own_words(reply: Reply, calls: Sequence[Call], answers: Sequence[AnswerTimes]) -> Iterator[tuple[float, bool]]:
    """When words of the answer that no model said came after a tool call, and whether they are surely the server's own.

    Words such as "I am looking at your tasks" show a tool, too: SC-002 asks that it is visible, not how. They count
    from the call on, until words that the model said after it are shown. They may be the model's, put differently,
    where what the model had said by then is not shown as it was said: then nobody can tell whose they are.
    """
    said = [(a.text_at, _squeezed(model_answer(c).text)) for c, a in zip(calls, answers, strict=True) if a.text_at]
    shown = _squeezed("".join(text_in(event) for event in reply.events))
    called = sorted(a.called_at for a in answers if a.called_at is not None)
    went_on_at = float("-inf")
    for event in reply.events:
        words = _squeezed(text_in(event))
        before = [at for at in called if at <= event.at]
        if len(words) < OWN_WORDS or not before:
            continue
        spoken = [at for at, text in said if words in text]
        if any(at > before[-1] for at in spoken):
            went_on_at = event.at
        elif not spoken and went_on_at < before[-1]:
            yield event.at, all(text in shown for at, text in said if at <= event.at)


def answer_of(call: Call) -> AnswerTimes:
    """A call of a transcript as its moments."""
    called = [(sent.at, names) for sent in call.sent if (names := tools_called(sent.data))]
    ends = [at for at in (call.finished_at, call.gone_at, *(sent.at for sent in call.sent[-1:])) if at is not None]
    return AnswerTimes(
        asked_at=call.at,
        text_at=next((sent.at for sent in call.sent if has_words(sent.data)), None),
        called_at=called[0][0] if called else None,
        ended_at=ends[0] if ends else None,
        position=call.position,
        side=call.side,
        tools=tuple(name for _, names in called for name in names),
    )


def own_share_s(sent_at: float, first_text_at: float | None, answers: Iterable[AnswerTimes]) -> float | None:
    """The server's own seconds of the first token: see the top of the file.

    None where there were no words, or no call had spoken when they were read: whose words they are is not known.
    """
    if first_text_at is None:
        return None
    made = [a for a in answers if not a.side]
    spoken = [(a.text_at, a) for a in made if a.text_at is not None and a.text_at <= first_text_at]
    if not spoken:
        return None
    words_at, answering = max(spoken, key=lambda row: row[0])
    spans = [(answering.asked_at, words_at)]
    spans += [
        (a.asked_at, a.ended_at)
        for a in made
        if a is not answering and a.asked_at < words_at and a.ended_at is not None and a.ended_at <= words_at
    ]
    return max(0.0, first_text_at - sent_at - _covered(spans))


def _covered(spans: Iterable[tuple[float, float]]) -> float:
    """Seconds that lie in at least one of the spans."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(spans):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total


def tool_times(signs: Sequence[float], answers: Iterable[AnswerTimes]) -> tuple[ToolTime, ...]:
    """Each answer that called tools against the first sign after it and before the next such answer.

    The calls of one answer run at once, and one event may show them all: they share their first sign. An answer of
    which nothing was seen and which was asked for again at the same place was lost on its way: it is left out.
    """
    rows = sorted(((a.called_at, a) for a in answers if a.called_at is not None and not a.side), key=lambda row: row[0])
    made: list[ToolTime] = []
    for n, (called_at, answer) in enumerate(rows):
        until = rows[n + 1][0] if n + 1 < len(rows) else float("inf")
        seen_at = next((at for at in signs if called_at <= at < until), None)
        again = any(later.position == answer.position for _, later in rows[n + 1 :])
        if seen_at is not None or not again:
            made.append(ToolTime(called_at=called_at, seen_at=seen_at, tools=answer.tools))
    return tuple(made)
