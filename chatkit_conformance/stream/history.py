"""What of a thread the model must be told in each turn: what was said in it before, as far as it was kept.

A fact is something that the user said or saw in an earlier turn. It is left out where something else is to blame if it
is not told: a turn that was never taken, an answer that broke off, an item that a reload has shown to be lost, what a
retry took away, a widget that a button has changed since, what was said at the same moment in another tab.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from ..transcript import JSON, Call, Transcript
from .agents import agent_of, of_one_agent
from .asked import asked_in
from .heard import Heard, heard_in
from .model_answers import model_answers
from .once import once
from .reread import Reread, rereads
from .turn import Turn, turns_in

Kind = Literal["words", "answer", "quotation", "tag", "partial", "shown"]
"""What a fact is: the user's words, a finished answer, a quotation, a tag, an answer that broke off and was kept, or
what else was shown (a step, a widget's words)."""

NEAR = 16
"""Items up to which the model must know a thread: the SDK's own examples send the newest 20, hidden ones among them."""

WORDS = 12
"""Characters from which on something that was shown can be told from other words."""

LONG, PART = 2000, 200
"""Characters above which a server may well shorten a text, and how many of its beginning or end must be told then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadFact:
    """Something that was said in a thread.

    Args:
        kind: what it is. text: its words. turn: label of the turn. nonce: of the turn's message. item: its item's id.
        answered: whether its turn was answered; what went unanswered is judged more mildly.
        back: how many items of the thread stand between it and the request, its own included.
        others: other words that would tell it as well.
    """

    kind: Kind
    text: str
    turn: str
    nonce: str
    item: str
    answered: bool = True
    back: int = 0
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRequest:
    """One request to the model, and what of its thread it must tell.

    Args:
        turn: the turn it belongs to. call: the request. heard: what it tells.
        facts: what was said before, the oldest first. gone: what a retry took away.
        nonces: those of the thread's messages up to this turn, in their order, what a retry took away left out.
        blurred: those of turns that overlapped, whose order nobody can tell.
        quoted: what the turn's own message quotes and tags.
    """

    turn: Turn
    call: Call
    heard: Heard
    facts: tuple[ThreadFact, ...] = ()
    gone: tuple[ThreadFact, ...] = ()
    nonces: tuple[str, ...] = ()
    blurred: frozenset[str] = frozenset()
    quoted: tuple[str, ...] = ()


@once
def history_requests(t: Transcript) -> tuple[HistoryRequest, ...]:
    """The requests of all turns, with what each must tell. Those beside the conversation are left out."""
    threads: dict[str, list[Turn]] = {}
    for turn in turns_in(t):
        if turn.asked.thread_id:
            threads.setdefault(turn.asked.thread_id, []).append(turn)
    reads: dict[str, list[Reread]] = {}
    for read in rereads(t):
        reads.setdefault(read.thread_id, []).append(read)
    heard, changed = heard_in(t), _changed(t)
    found = [r for id, turns in threads.items() for r in _of_thread(turns, reads.get(id, []), heard, changed)]
    return tuple(sorted(found, key=lambda request: request.call.n))


def missing(t: Transcript, request: HistoryRequest, fact: ThreadFact) -> bool:
    """Whether a request does not tell a fact, neither in words nor by a summary that the model made of it."""
    long = len(fact.text) > (LONG if fact.back <= NEAR else 2 * PART)  # a summary tells how a message begins
    needle, *ends = (fact.text[:PART], fact.text[-PART:]) if long else (fact.text,)
    if any(request.heard.has(text) for text in (needle, *ends, *fact.others)):
        return False
    said, heard = model_answers(t), heard_in(t)
    for call in t.calls:
        summary = said[call.n].text.strip()
        asked = call.side and call.n < request.call.n and len(summary) > 3 and heard[call.n].has(needle)
        if asked and request.heard.has(summary):
            return False
    return True


def _changed(t: Transcript) -> tuple[tuple[int, str], ...]:
    """What was shown and then shown otherwise, as by a button: the number of the reply that did so, and the item."""
    by_event = [(a.n, e.item_id) for a in asked_in(t) for e in a.reply.of("thread.item.replaced")]
    bodies = [(a.n, a.reply.body) for a in asked_in(t) if isinstance(a.reply.body, dict)]
    updated = [(n, body.get("updated_item")) for n, body in bodies]
    return (*by_event, *((n, str(item.get("id"))) for n, item in updated if isinstance(item, dict)))


def _of_thread(
    turns: list[Turn], reads: list[Reread], heard: dict[int, Heard], changed: tuple[tuple[int, str], ...]
) -> Iterator[HistoryRequest]:
    """The requests of one thread, turn by turn."""
    facts: list[ThreadFact] = []
    gone: list[ThreadFact] = []
    items: list[str] = []
    nonces: list[str] = []
    blurred: set[str] = set()
    quoted: dict[str, tuple[str, ...]] = {}
    answering = {agent_of(call) for turn in turns if turn.sound for call in of_one_agent(turn.calls)}
    for turn in turns:
        if turn.asked.wrong and not turn.asked.reply.of("thread.item.done"):
            continue
        item = str(turn.asked.reply.params.get("item_id"))
        answered = turn.calls or turn.asked.reply.items_done("assistant_message")
        if turn.asked.reply.type == "threads.retry_after_item" and item in items and answered:
            if turn.nonce in blurred:  # the answers of turns beside it may stand before its message or behind it
                facts = [fact for fact in facts if fact.kind == "words" or fact.nonce not in blurred]
            after = set(items[items.index(item) + 1 :])
            if not turn.asked.overlaps:  # what came while the retry was asked for may well come after it
                gone += [fact for fact in facts if fact.item in after]
            facts = [fact for fact in facts if fact.item not in after]
            items = items[: items.index(item) + 1]
            left = {fact.nonce for fact in facts}
            nonces = [nonce for nonce in nonces if nonce in left or nonce == turn.nonce]
        gone = [
            fact for fact in gone if fact.kind != "answer" or fact.text.strip() not in turn.words
        ]  # it is said anew
        if turn.asked.overlaps:
            blurred |= {turn.nonce, *nonces[-1:]}
        if turn.asked.message:  # the same message may well be sent twice
            nonces.append(turn.nonce)
            quoted[turn.nonce] = tuple(text for kind, text in _model_answer(turn.asked.message) if kind != "words")
        facts = [f for f in facts if f.kind != "shown" or not any(n < turn.asked.n and f.item == i for n, i in changed)]
        lost = {fact.item for fact in facts if _lost(fact, reads, turn)}
        before = [replace(f, back=_back(items, f)) for f in facts if f.item not in lost and f.nonce != turn.nonce]
        for call in of_one_agent(turn.calls):
            if turn.broken and answering and agent_of(call) not in answering:
                continue  # a guard that failed: the agent that answers was not asked in this turn
            yield HistoryRequest(
                turn=turn,
                call=call,
                heard=heard[call.n],
                facts=tuple(f for f in before if not turn.asked.overlaps),
                gone=tuple(gone),
                nonces=tuple(nonces),
                blurred=frozenset(blurred),
                quoted=quoted.get(turn.nonce, ()),
            )
        facts += _facts(turn)
        partial = list(_partial(turn, reads))
        facts += partial
        shown = (*(e.item_id for e in turn.asked.reply.items_done()), *(fact.item for fact in partial))
        items += [item for item in dict.fromkeys(shown) if item not in items]


def _back(items: list[str], fact: ThreadFact) -> int:
    return len(items) - items.index(fact.item) + 1 if fact.item in items else len(items) + 1


def _lost(fact: ThreadFact, reads: list[Reread], turn: Turn) -> bool:
    """Whether a reload between the fact and the turn did not have it."""
    return any(
        read.n < turn.asked.n and read.complete and fact.item in read.shown and fact.item not in read.ids
        for read in reads
    )


def _facts(turn: Turn) -> Iterator[ThreadFact]:
    """What a turn adds to its thread's history."""
    r, message = turn.asked.reply, turn.asked.message
    answers = r.items_done("assistant_message")
    answered = bool(answers) and not r.errors and r.ended == "closed" and not turn.broken
    mine = next((e.item_id for e in r.items_done("user_message")), "")
    fact = ThreadFact(kind="words", text="", turn=r.label, nonce=turn.nonce, item=mine, answered=answered)
    if mine and turn.asked.says and not turn.stopped:  # what a guardrail refused, it may keep from the model for good
        for kind, text in _model_answer(message):
            yield replace(fact, kind=kind, text=text)
    removed = {e.item_id for e in r.of("thread.item.removed")}
    results = [text for call in turn.calls[-1:] for text in _results(call) if len(text) >= WORDS]
    for e in answers if answered else ():
        text = _text(e.item)
        if text.strip() and e.item_id not in removed and text in turn.words:
            yield replace(fact, kind="answer", text=text, item=e.item_id)
    for e in r.items_done("workflow", "task", "widget") if answered else ():
        shown = [text for text in _strings(e.item) if len(text) >= WORDS]
        if shown and e.item_id not in removed:
            # What a widget gives for copying may stand for it (suites/widgets/shown.py), in words of its own.
            copied = str(e.item.get("copy_text") or "")
            # So may what the tool returned whose work it shows: that is more than what a person was shown of it.
            others = (*shown[1:], *([copied] if len(copied) >= WORDS else ()), *results)
            yield replace(fact, kind="shown", text=shown[0], others=others, item=e.item_id)


def _results(call: Call) -> Iterator[str]:
    """What tools returned in the turn of a request, as it tells the model."""
    last = max((n for n, m in enumerate(call.messages) if m.get("role") == "user"), default=-1)
    for message in call.messages[last + 1 :]:
        content = message.get("content")
        if message.get("role") == "tool" and isinstance(content, str):
            yield content


def _partial(turn: Turn, reads: list[Reread]) -> Iterator[ThreadFact]:
    """What a reload shows of a turn's answer that was never finished in its stream."""
    r = turn.asked.reply
    begun = {e.item_id for e in r.of("thread.item.added")} - {e.item_id for e in r.items_done()}
    kept = (item for read in reads if read.n > turn.asked.n for item in read.items if str(item.get("id")) in begun)
    for item in kept:
        if item.get("type") == "assistant_message" and len(text := _text(item)) >= WORDS:
            yield ThreadFact(
                kind="partial", text=text, turn=r.label, nonce=turn.nonce, item=str(item["id"]), answered=False
            )
            return


READABLE = ("title", "content", "value", "label", "summary")
"""Fields of a step or a widget whose text a person reads."""


def _strings(value: JSON) -> Iterator[str]:
    """The words that a person can read in a step or a widget."""
    waiting = [value]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield from (text for key in READABLE if isinstance(text := node.get(key), str))
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node


def _model_answer(message: Any) -> Iterator[tuple[Kind, str]]:
    quoted = message.get("quoted_text")
    if isinstance(quoted, str) and quoted.strip():
        yield "quotation", quoted
    content = message.get("content")
    for part in content if isinstance(content, list) else ():
        text = part.get("text") if isinstance(part, dict) else None
        if isinstance(text, str) and text.strip():
            yield ("tag" if part.get("type") == "input_tag" else "words"), text


def _text(item: dict[str, JSON]) -> str:
    content = item.get("content")
    parts = content if isinstance(content, list) else []
    return "".join(str(part.get("text") or "") for part in parts if isinstance(part, dict))
