"""Turns that the browser left in mid-answer: what the user had read by then."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from chatkit_conformance.check import SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.reread import Reread, rereads
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.transcript import Transcript

from ..clauses import types
from ..evidence import shorten, text_of


def _read(turn: Turn) -> str:
    """The words that a turn had shown of an answer when it was left, where it had not finished it."""
    r = turn.asked.reply
    over = {e.item_id for e in r.of("thread.item.done", "thread.item.removed", "thread.item.replaced")}
    words = (e.update.get("delta") for e in r.deltas if e.item_id not in over)
    return "".join(word for word in words if isinstance(word, str)).strip()


def _later(t: Transcript, turn: Turn) -> Iterator[Reread]:
    """Each time that the thread was read back once another turn in it was over; none after a retry."""
    own = [other for other in turns_in(t) if other.asked.thread_id == turn.asked.thread_id]
    later = [other.asked for other in own if other.asked.n > turn.asked.n and not other.asked.wrong]
    over = min((a.n for a in later if a.reply.streamed and a.reply.ended == "closed"), default=None)
    again = min((a.n for a in later if a.reply.type == "threads.retry_after_item"), default=None)
    for read in rereads(t):
        between = over is not None and over < read.n and (again is None or read.n < again)
        if between and read.thread_id == turn.asked.thread_id and read.complete and read.quiet:
            yield read


def _left(turn: Turn) -> bool:
    return turn.asked.reply.ended == "left"


def _broke(turn: Turn) -> bool:
    """Whether the model broke off in a turn, of which the user was told."""
    return bool(turn.broken and turn.asked.reply.errors) and turn.asked.reply.ended == "closed"


def _ended(t: Transcript, how: Callable[[Turn], bool]) -> list[tuple[Turn, Reread]]:
    """Each turn that ended so in mid-answer, with each later reading. Raises Untestable after a restart."""
    if t.notes.get("restarts"):
        raise Untestable("The server was stopped meanwhile.")
    ended = [turn for turn in turns_in(t) if how(turn) and not turn.asked.wrong and _read(turn)]
    return [(turn, read) for turn in ended for read in _later(t, turn)]


def _judged(t: Transcript) -> list[tuple[Turn, Reread]]:
    """Each turn that was left in mid-answer, with each later reading. Raises Untestable where there is none."""
    if not (judged := _ended(t, _left)):
        raise Untestable(f"No thread of {t.exchange} was left in mid-answer, gone on with and read back.")
    return judged


def _answers(read: Reread) -> dict[str, str]:
    """The answers that a reading showed, by id."""
    return {str(item.get("id")): text_of(item) for item in read.items if item.get("type") == "assistant_message"}


def _told_elsewhere(t: Transcript, turn: Turn) -> set[str]:
    """The ids of items that the streams of other turns alone showed: many an answer begins alike."""
    own = turn.asked.reply
    return {e.item_id for r in t.replies if r is not own for e in r.events} - {e.item_id for e in own.deltas}


@check(
    "persistence.partial-answer-kept",
    level=SHOULD,
    clause="openai-chatkit 1.6.5 chatkit/server.py L387-412: a cancelled stream's pending messages are persisted",
    cause="handle_stream_cancelled runs inside the cancelled scope, and its first await is cancelled again.",
    fix="Shield the save: await asyncio.shield(...) or an anyio.CancelScope(shield=True) around it.",
    criteria=("SC-005",),
)
def partial_answer_kept(t: Transcript) -> Findings:
    """If the browser leaves during an answer, a later reload shows the text that the user had already seen."""
    yield from _lost(t, _judged(t))


def _lost(t: Transcript, judged: Iterable[tuple[Turn, Reread]]) -> Findings:
    """The turns whose words no answer of a later reading has that is theirs, or nobody's."""
    for turn, read in judged:
        others = _told_elsewhere(t, turn)
        texts = [text for id, text in _answers(read).items() if id not in others]
        if not any(_read(turn) in text for text in texts):
            expected = f"an answer with {shorten(_read(turn))}, which {turn.asked.reply.label} had shown"
            yield Finding(expected=expected, got=f"answers {shorten(texts)}", reply=read.label)


@check(
    "errors.partial-answer-kept",
    level=SHOULD,
    needs=("model",),
    clause="SC-005: what was shown persists; openai-chatkit 1.6.5 chatkit/server.py L387-412, of cancelled streams",
    cause="What was shown of an answer is kept in memory until it is whole, and an error drops it.",
    fix="Store what was shown when the model fails, or take it back with thread.item.removed.",
    criteria=("SC-005",),
)
def partial_answer_of_error_kept(t: Transcript) -> Findings:
    """Words that were shown before the model failed are there after a reload, or were taken back before the error."""
    if not any(turn.asked.reply.errors for turn in turns_in(t)):
        raise Untestable(f"No turn of {t.exchange} ended with an error.")
    yield from _lost(t, _ended(t, _broke))


@check(
    "persistence.partial-answer-same-id",
    level=SHOULD,
    clause="openai-chatkit 1.6.5 chatkit/server.py L387-412: a cancelled stream's pending messages are persisted; "
    + types("368-391")
    + ": an item is known by its id",
    cause="What was pending is stored as a new item.",
    fix="Store the partial answer under the id with which thread.item.added told it.",
    criteria=("SC-005",),
)
def partial_answer_same_id(t: Transcript) -> Findings:
    """Where a later reload shows a partial answer, it has the id under which the user saw it come."""
    for turn, read in _judged(t):
        told, said = _answers(read), _read(turn)
        begun = {e.item_id for e in turn.asked.reply.deltas}
        others = _told_elsewhere(t, turn)
        strange = [id for id, text in told.items() if said in text and id not in begun | others]
        if strange and not begun & set(told):
            got = f"answer {strange[0]!r} with {shorten(told[strange[0]])}"
            yield Finding(expected=f"the answer {' or '.join(sorted(begun))}", got=got, reply=read.label)
