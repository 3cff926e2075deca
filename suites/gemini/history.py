"""What of the conversation reaches the model."""

from __future__ import annotations

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.transcript import Call, Transcript

from ..clauses import SPEC_HISTORY, SPEC_OWNER
from ..evidence import calls_of, content_text, note, shorten

ONLY_LAST = (
    "Only the newest message is sent to the model, or the history is converted without the assistant's messages."
)
LOAD = "Load the thread's items oldest first, and convert all user and assistant messages in order."


def _spoken(c: Call, *roles: str) -> list[tuple[str, str]]:
    """The (role, text) of a request's messages of these roles; Gemini's `model` counts as the assistant."""
    rows = [
        ("assistant" if m.get("role") == "model" else str(m.get("role")), content_text(m.get("content")))
        for m in c.messages
    ]
    return [(role, text) for role, text in rows if role in roles]


def _firsts(t: Transcript) -> list[tuple[int, Call]]:
    """The number of each turn after the first, and its first request. Raises Untestable where there is none."""
    found: list[tuple[int, Call]] = []
    for n in (2, 3):
        try:
            found.append((n, calls_of(t, f"turn-{n}")[0]))
        except Untestable:
            continue
    if not found:
        raise Untestable("Neither turn two nor turn three caused a request to the model.")
    return found


@check(
    "gemini.history-user-messages",
    level=MUST,
    on=("three_turns",),
    clause=SPEC_HISTORY,
    cause=ONLY_LAST,
    fix=LOAD,
)
def history_user_messages(t: Transcript) -> Findings:
    """The user's earlier messages are in the request of each later turn."""
    for n, c in _firsts(t):
        texts = [text for _, text in _spoken(c, "user")]
        for said in note(t, "questions")[: n - 1]:
            if not any(said in text for text in texts):
                got = f"{len(texts)} user messages: {shorten(texts)}"
                yield Finding(expected=f"user message {shorten(said)}", got=got, reply=f"turn-{n}", call=c.n)


@check(
    "gemini.history-answers",
    level=MUST,
    on=("three_turns",),
    clause=SPEC_HISTORY,
    cause=ONLY_LAST,
    fix=LOAD,
)
def history_answers(t: Transcript) -> Findings:
    """The assistant's earlier answers are in the request of each later turn, as assistant messages."""
    for n, c in _firsts(t):
        texts = [text for _, text in _spoken(c, "assistant")]
        for said in note(t, "answers")[: n - 1]:
            if not any(said in text for text in texts):
                got = f"{len(texts)} assistant messages: {shorten(texts)}"
                yield Finding(expected=f"assistant message {shorten(said)}", got=got, reply=f"turn-{n}", call=c.n)


@check(
    "gemini.history-ordered",
    level=MUST,
    on=("three_turns",),
    clause=SPEC_HISTORY,
    cause="Items are loaded newest first and not reversed, or sorted by timestamps that can be equal.",
    fix='Load with order="asc" from a store that does not order by timestamps.',
)
def history_ordered(t: Transcript) -> Findings:
    """The conversation is sent to the model in its original order, the newest message last."""
    judged = 0
    for n, c in _firsts(t):
        spoken = _spoken(c, "user", "assistant")
        said = [w for pair in zip(note(t, "questions"), note(t, "answers"), strict=True) for w in pair][: 2 * n - 1]
        places = [next((i for i, (_, text) in enumerate(spoken) if w in text), None) for w in said]
        there = [p for p in places if p is not None]
        if len(there) < 2:
            continue
        judged += 1
        if there != sorted(there) or (places[-1] is not None and places[-1] != len(spoken) - 1):
            got = f"order {places} in {shorten([text[:30] for _, text in spoken], 300)}"
            yield Finding(expected="the messages in order, the newest last", got=got, reply=f"turn-{n}", call=c.n)
    if not judged:
        raise Untestable("No request holds two messages of the conversation, so there is no order to see.")


@check(
    "gemini.history-once",
    level=MUST,
    on=("three_turns",),
    clause=SPEC_HISTORY + "; each message once",
    cause="The new message is loaded with the history and then added to it again.",
    fix="Add the input message only if the loaded items do not contain it yet.",
)
def history_once(t: Transcript) -> Findings:
    """No message of the conversation is sent to the model twice in one request."""
    for n, c in _firsts(t):
        texts = [text for _, text in _spoken(c, "user")]
        for said in note(t, "questions")[:n]:
            if (times := sum(said in text for text in texts)) > 1:
                expected = f"user message {shorten(said)} once"
                yield Finding(expected=expected, got=f"{times} times", reply=f"turn-{n}", call=c.n)


@check(
    "security.threads-isolated",
    level=MUST,
    on=("two_threads",),
    clause=SPEC_OWNER + "; each thread has its own history",
    cause="History is kept per process or per user (one session object for all threads), not per thread.",
    fix="Build the model's input only from the items of the thread in the request.",
)
def threads_apart(t: Transcript) -> Findings:
    """Messages of one thread are not sent to the model in another thread."""
    secret = str(note(t, "secret"))
    for c in calls_of(t, "second"):
        for m in c.messages:
            text = content_text(m.get("content"))
            if secret in text:
                got = f"{m.get('role')} message {shorten(text)}"
                yield Finding(expected="nothing of the other thread", got=got, reply="second", call=c.n)
