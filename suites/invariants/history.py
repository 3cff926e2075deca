"""What was said in a thread reaches the model in every later turn: in order, once, and nothing that was taken back.

What counts are the facts, not the roles: messages, a transcript in the instructions or a summary are all right. How far
back a MUST reaches, and what is not held against a server, stands in `chatkit_conformance/stream/history.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from chatkit_conformance.check import MUST, SHOULD, Finding, Findings, Untestable, check
from chatkit_conformance.stream.heard import words_of
from chatkit_conformance.stream.history import NEAR, HistoryRequest, ThreadFact, history_requests
from chatkit_conformance.stream.turn import Turn, turns_in
from chatkit_conformance.transcript import Call, Transcript

from ..clauses import SPEC_HISTORY, types
from ..evidence import shorten
from .earlier import facts, lost, near

ONLY_LAST = (
    "Only the newest message is sent to the model, or the history is converted without the assistant's messages."
)
LOAD = "Load the items oldest first, and convert all user and assistant messages in order, each word as it was said."
SHORT = 12
"""Characters below which an answer may well be said twice."""


@check("gemini.history-user-messages", level=MUST, needs=("model",), clause=SPEC_HISTORY, cause=ONLY_LAST, fix=LOAD)
def history_user_messages(t: Transcript) -> Findings:
    """The user's earlier messages are in every request of each later turn of their thread."""
    yield from lost(t, near(facts(t, "words")), "the user's words")


@check("gemini.history-answers", level=MUST, needs=("model",), clause=SPEC_HISTORY, cause=ONLY_LAST, fix=LOAD)
def history_answers(t: Transcript) -> Findings:
    """The assistant's earlier answers are in every request of each later turn of their thread."""
    yield from lost(t, near(facts(t, "answer")), "the answer")


@check(
    "gemini.early-message-in-history",
    level=SHOULD,
    needs=("model",),
    clause=SPEC_HISTORY,
    cause="Only the newest items are sent, or only the first page of the thread's items.",
    fix="Load all items of the thread, or keep a summary of those that you leave out.",
)
def early_message_in_history(t: Transcript) -> Findings:
    """What was said further back in a thread is still told, or a summary of it."""
    far = [(request, fact) for request, fact in facts(t, "words", "answer") if fact.back > NEAR and fact.answered]
    if not far:
        raise Untestable(f"No thread of {t.exchange} is longer than {NEAR} items.")
    yield from lost(t, far, "the earlier messages")


@check(
    "errors.unanswered-message-in-history",
    level=SHOULD,
    needs=("model",),
    clause=SPEC_HISTORY,
    cause="A turn that failed is left out of the history.",
    fix="Build the model's input from all stored messages, including those without an answer.",
)
def unanswered_message_in_history(t: Transcript) -> Findings:
    """A message that was not answered is in the requests of the turns after it."""
    waiting = [(request, fact) for request, fact in facts(t, "words") if fact.back <= NEAR and not fact.answered]
    if not waiting:
        raise Untestable(f"Every message of {t.exchange} was answered, or no turn came after it.")
    yield from lost(t, waiting, "the user's words")


def _requests(t: Transcript, least: int) -> list[HistoryRequest]:
    """The requests with so many messages of their thread. Raises Untestable where there is none."""
    found = [
        request
        for request in history_requests(t)
        if sum(nonce in request.heard.text for nonce in request.nonces) >= least
    ]
    if not found:
        raise Untestable(f"No request of {t.exchange} holds {least} messages of its thread.")
    return found


@check(
    "gemini.history-ordered",
    level=MUST,
    needs=("model",),
    clause=SPEC_HISTORY,
    cause="Items are loaded newest first and not reversed, or sorted by timestamps that can be equal.",
    fix='Load with order="asc" from a store that does not order by timestamps.',
)
def history_ordered(t: Transcript) -> Findings:
    """The conversation is told to the model in its original order, the newest message last."""
    for request in _requests(t, 2):
        marks = list(_marks(request))
        places = [request.heard.text.rfind(mark) for mark, _ in marks]
        if places != sorted(places):
            names = [name for _, (_, name) in sorted(zip(places, marks, strict=True), key=lambda row: row[0])]
            expected = f"in the order {', '.join(name for _, name in marks)}"
            got = f"in the order {', '.join(names)}"
            yield Finding(expected=expected, got=got, reply=request.turn.asked.reply.label, call=request.call.n)


def _marks(request: HistoryRequest) -> Iterator[tuple[str, str]]:
    """What stands in a request once, in the order in which it was said: a text to look for, and its name."""
    newest = request.turn.nonce
    for fact in request.facts:
        mark = fact.nonce if fact.kind == "words" else fact.text
        if (
            fact.kind in ("words", "answer")
            and fact.nonce not in request.blurred
            and request.heard.text.count(mark) == 1
        ):
            yield mark, f"{'the message' if fact.kind == 'words' else 'the answer'} of {fact.turn}"
    if newest in request.heard.text and newest not in request.blurred:
        yield newest, "the newest message"


@check(
    "gemini.history-once",
    level=MUST,
    needs=("model",),
    clause=SPEC_HISTORY + "; each message once",
    cause="The new message is loaded with the history and then added to it again.",
    fix="Add the input message only if the loaded items do not contain it yet.",
)
def history_once(t: Transcript) -> Findings:
    """No message and no answer is sent to the model twice in one request."""
    for request in _requests(t, 1):
        label = request.turn.asked.reply.label
        for nonce, sent in Counter(request.nonces).items():  # a client may well send the same message twice
            times = sum(nonce in text for role, text in request.heard.messages if role == "user")
            if times > sent:
                got = f"{times} messages with role user and the mark {nonce}"
                expected = f"each message as often as it was sent ({sent})"
                yield Finding(expected=expected, got=got, reply=label, call=request.call.n)
        answers = Counter(fact.text for fact in request.facts if fact.kind == "answer" and len(fact.text) >= SHORT)
        for text, said in answers.items():
            times = sum(text == other for role, other in request.heard.messages if role in ("assistant", "model"))
            if times > said + request.turn.words.count(text):
                got = f"{times} messages of the assistant {shorten(text)}"
                yield Finding(
                    expected="each answer as often as it was given", got=got, reply=label, call=request.call.n
                )


@check(
    "gemini.history-roles",
    level=MUST,
    needs=("model",),
    clause="Gemini docs, OpenAI compatibility: messages of role user are the user's, of role assistant the model's; "
    + SPEC_HISTORY,
    cause="Every item of the thread is converted to a message with role user.",
    fix="Convert assistant_message items to messages with role assistant.",
)
def history_roles(t: Transcript) -> Findings:
    """No earlier answer is sent to the model as a user message."""
    for request, fact in facts(t, "answer"):
        own = any(fact.text.strip() in other.text for other in request.facts if other.kind != "answer")
        said = [text for role, text in request.heard.messages if role == "user" and text.strip() == fact.text.strip()]
        if said and len(fact.text.strip()) >= SHORT and not own:
            got = f"a message with role user: {shorten(said[0])}"
            expected = f"the answer of {fact.turn} as an assistant message"
            yield Finding(expected=expected, got=got, reply=request.turn.asked.reply.label, call=request.call.n)


@check(
    "gemini.newest-message-sent",
    level=MUST,
    needs=("model",),
    clause=SPEC_HISTORY + "; the model answers what the user has just said",
    cause="A limited number of items is loaded oldest first, so the newest message is missing.",
    fix='Load the newest items (order="desc") and reverse them, or load all.',
)
def newest_message_sent(t: Transcript) -> Findings:
    """Each turn's requests to the model contain the message that it answers."""
    asked = [turn for turn in turns_in(t) if turn.asked.says and not turn.asked.wrong and turn.calls]
    if not asked:
        raise Untestable(f"No message of {t.exchange} caused a request to the model.")
    for turn, call in _stale(t):
        got = f"a request of {len(call.messages)} messages without it; the newest message in it is {call.nonce}"
        expected = f"the user's words {shorten(turn.asked.text)}"
        yield Finding(expected=expected, got=got, reply=turn.asked.reply.label, call=call.n)


def _stale(t: Transcript) -> Iterator[tuple[Turn, Call]]:
    """The requests that were made in the middle of one turn and end with the message of an earlier one."""
    earlier: dict[str, dict[str, Turn]] = {}
    for turn in turns_in(t):
        r, before = turn.asked.reply, earlier.setdefault(turn.asked.thread_id, {})
        if turn.asked.says and not turn.asked.wrong and not turn.asked.overlaps and r.items_done("user_message"):
            done = {n: other for n, other in before.items() if other.asked.reply.ended == "closed"}
            within = (c for c in t.calls if 0 < r.sent_at <= c.at <= (r.ended_at or r.sent_at) and not c.side)
            yield from ((turn, call) for call in within if call.nonce in done and call.nonce != turn.nonce)
        if turn.nonce:
            before.setdefault(turn.nonce, turn)


@check(
    "persistence.retry-forgets-removed",
    level=MUST,
    needs=("model",),
    clause=types("166-177") + " and server.py L638-684: what followed the item is removed; " + SPEC_HISTORY,
    cause="The model's history is kept outside the thread's items (a session), and the retry does not shorten it.",
    fix="Build the model's input from the stored items after the removal.",
    capability="retry",
)
def retry_forgets(t: Transcript) -> Findings:
    """After a retry no request to the model contains anything that the retry removed."""
    retried = [request for request in history_requests(t) if request.gone]
    if not retried:
        raise Untestable(f"No retry of {t.exchange} removed anything.")
    for request in retried:
        for fact in request.gone:
            if _still_sent(request, fact):
                got = f"{shorten(fact.text)} among {len(request.heard.messages)} messages"
                expected = f"nothing of {fact.turn} after the retry"
                yield Finding(expected=expected, got=got, reply=request.turn.asked.reply.label, call=request.call.n)


def _still_sent(request: HistoryRequest, fact: ThreadFact) -> bool:
    if fact.kind == "words":
        return fact.nonce not in request.nonces and fact.nonce in request.heard.text
    again = any(fact.text in other.text for other in (*request.facts, *request.gone) if other is not fact)
    own = fact.text in request.turn.words or fact.text in request.turn.asked.text
    return (
        fact.kind == "answer" and len(fact.text) >= SHORT and not again and not own and fact.text in request.heard.text
    )


@check(
    "gemini.history-verbatim",
    level=SHOULD,
    needs=("model",),
    clause=SPEC_HISTORY + "; blanks are part of code, tables and poems",
    cause="Texts are stripped, or their spaces and line breaks are collapsed, before they go to the model.",
    fix="Send texts unchanged.",
)
def history_verbatim(t: Transcript) -> Findings:
    """A message that is sent to the model again keeps its spaces and line breaks."""
    for request, fact in facts(t, "words", "answer"):
        role = ("user",) if fact.kind == "words" else ("assistant", "model")
        words = words_of(fact.text)
        alike = [text for who, text in request.heard.messages if who in role and words_of(text) == words]
        if alike and not any(_plain(fact.text) == _plain(text) for text in alike):
            got = shorten(alike[0])
            label = request.turn.asked.reply.label
            yield Finding(expected=shorten(fact.text), got=got, reply=label, call=request.call.n)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
