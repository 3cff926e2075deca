"""What the tools tell the model, in whatever turn they were called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, NotJudged, Untestable, check
from chatkit_conformance.moves.marks import KINDS
from chatkit_conformance.moves.notes import TURNS
from chatkit_conformance.moves.task_calls import BULK, ROLES
from chatkit_conformance.stream.history import NEAR, HistoryRequest, history_requests
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.transcript import Transcript

from ..clauses import GEMINI_CALLING, SPEC_HISTORY
from ..evidence import rounds, shorten


@check(
    "tools.results-told",
    level=MUST,
    needs=("model",),
    clause=GEMINI_CALLING,
    capability="tasks",
    cause="One of the tools returns None or an empty text, or its result is lost where several are called.",
    fix="Return what was done, with the task's id and title, or why nothing was done.",
    criteria=("SC-007",),
)
def results_told(t: Transcript) -> Findings:
    """No tool for tasks answers the model with an empty result, whenever it is called, alone or with others."""
    judged = 0
    for turn in turns_in(t):
        note = t.notes.get(TURNS, {}).get(turn.asked.reply.label, {})
        if note.get("left"):
            continue  # what becomes of a call whose user has gone is another question
        names = {tool["name"]: tool["role"] for tool in note.get("tools", ()) if tool.get("role") in (*ROLES, *BULK)}
        for n, name, content in _results(turn):
            judged += name in names
            if name in names and _empty(content):
                got = f"the result {content!r} of {name}"
                label = turn.asked.reply.label
                yield Finding(expected=f"words that tell what the {names[name]} tool did", got=got, reply=label, call=n)
    if not judged:
        raise Untestable(f"No result of a tool for tasks was sent to the model in {t.exchange}.")


def _results(turn: Turn) -> Iterator[tuple[int, str, object]]:
    """Each result of a turn, once: the number of the first request that has it, the name of its tool, and it."""
    seen: set[str] = set()
    for call in turn.calls:
        named = {id: name for made in rounds(call) for id, name, _ in made.calls}
        for message in call.messages:
            id = str(message.get("tool_call_id", ""))
            if message.get("role") == "tool" and id in named and id not in seen:
                seen.add(id)
                yield call.n, named[id], message.get("content")


def _empty(content: object) -> bool:
    """Whether a content says nothing: no text, or blank ones alone."""
    parts = content if isinstance(content, list) else [content]
    texts = [part.get("text") if isinstance(part, dict) and part.get("type") == "text" else part for part in parts]
    return all(text is None or (isinstance(text, str) and not text.strip()) for text in texts)


LEAST = 12
"""Characters of a result from which on it can be told from other words."""


def _told_at_once(turn: Turn) -> Iterator[list[str]]:
    """The results of each round of a turn in which several tools were called, as the model was told them."""
    last = max(turn.calls, key=lambda call: call.position, default=None)
    for made in rounds(last) if last is not None else ():
        if len(made.results) > 1:
            yield [text for _, text in made.results]


@check(
    "gemini.history-own-results",
    level=MUST,
    needs=("model",),
    clause=GEMINI_CALLING + "; " + SPEC_HISTORY,
    capability="tasks",
    cause="Results of calls of one answer are collected in one variable, or kept by the tool's name.",
    fix="Store each result with its own call.",
    criteria=("SC-007",),
)
def history_own_results(t: Transcript) -> Findings:
    """Where later turns tell what tools returned that ran at once, no result stands in another one's place."""
    turns, judged = turns_in(t), 0
    for turn in turns:
        at_once = list(_told_at_once(turn))
        later = _later_requests(t, turn) if at_once else []
        judged += len(later)
        results = [texts for texts in at_once if _their_own(texts, turns, turn)]
        for request, texts in ((request, texts) for request in later for texts in results):
            told = {text: request.heard.text.count(text) for text in texts}
            lost = [text for text, times in told.items() if times == 0]
            doubled = [text for text, times in told.items() if times > 1]
            if lost and doubled:
                label, expected = request.turn.asked.reply.label, f"{shorten(lost[0])}, of {turn.asked.reply.label}"
                got = f"{shorten(doubled[0])} {told[doubled[0]]} times"
                yield Finding(expected=expected, got=got, reply=label, call=request.call.n)
    if not judged:
        raise NotJudged(f"No turn of {t.exchange} comes after an answer that called several tools at once.")


def _their_own(texts: list[str], turns: Iterable[Turn], turn: Turn) -> bool:
    """Whether these results are long enough to be known, and no part of any other that was told in the thread."""
    thread = [other for other in turns if other.asked.thread_id == turn.asked.thread_id]
    told = [str(content) for other in thread for _, _, content in _results(other)]
    return all(len(text) >= LEAST and sum(text in other for other in told) == 1 for text in texts)


def _later_requests(t: Transcript, turn: Turn) -> list[HistoryRequest]:
    """The first request of each later turn of a turn's thread that has its message."""
    later = [r for r in history_requests(t) if r.turn.asked.n > turn.asked.n and turn.nonce in r.nonces[:-1]]
    mine = [r for r in later if r.turn.asked.thread_id == turn.asked.thread_id and r.turn.nonce != turn.nonce]
    return list({r.turn.asked.n: r for r in reversed(mine)}.values())[::-1]


@check(
    "gemini.history-tools-of-failed-turns",
    level=SHOULD,
    needs=("model",),
    clause=SPEC_HISTORY + "; a task that was made is there, whatever became of the turn",
    capability="tasks",
    cause="What the tools returned is stored when the turn ends well.",
    fix="Store the result of each tool as soon as it has run.",
    criteria=("SC-008",),
)
def history_tools_of_failed_turns(t: Transcript) -> Findings:
    """Who tells the model in later turns which tasks an earlier one made tells it of a turn that failed then, too."""
    kept: list[bool] = []
    lost: list[tuple[HistoryRequest, Turn, str]] = []
    last = {turn.nonce: turn for turn in turns_in(t)}  # what a retry took away is not told any more
    judged = 0
    for turn in last.values():
        titles = _created(t, turn)
        request = next(iter(_later_requests(t, turn)), None)
        judged += request is not None and bool(list(_results(turn)))
        if not titles or request is None or len(request.facts) > NEAR:
            continue
        untold = [title for title in titles if not request.heard.has(title)]
        if not turn.broken:
            kept.append(not untold)
        elif untold:
            lost.append((request, turn, untold[0]))
    if not judged:
        raise NotJudged(f"No turn of {t.exchange} comes after one in which a tool ran.")
    for request, turn, title in lost if kept and all(kept) else ():
        got = f"a request of {len(request.heard.messages)} messages without it"
        expected = f"the task {title!r} that {turn.asked.reply.label} made"
        yield Finding(expected=expected, got=got, reply=request.turn.asked.reply.label, call=request.call.n)


def _created(t: Transcript, turn: Turn) -> list[str]:
    """The titles of the tasks that a turn made, as far as the model was told a result that has them."""
    note = t.notes.get(TURNS, {}).get(turn.asked.reply.label, {})
    made = (tool["arguments"] for tool in note.get("tools", ()) if tool.get("role") == "create")
    titles = [text for values in made if isinstance(values, dict) for text in _texts(values) if KINDS["task"] in text]
    told = [str(content) for _, _, content in _results(turn)]
    return [title for title in titles if any(title in text for text in told)]


def _texts(value: object) -> Iterator[str]:
    """All texts in a call's arguments."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
