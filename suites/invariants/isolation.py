"""Nobody's words appear with anybody else: not in another thread, not in what the model is told, nowhere at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.moves.marks import KINDS
from chatkit_conformance.stream.asked import NONCE, Asked, asked_in
from chatkit_conformance.stream.heard import heard_in, words_of
from chatkit_conformance.stream.once import once
from chatkit_conformance.stream.received import received_in
from chatkit_conformance.stream.turn import turns_in
from chatkit_conformance.transcript import Transcript

from ..clauses import SPEC_OWNER
from ..evidence import shorten

REFERENCE = re.compile(rf"\(ref ({NONCE.pattern})\)")
"""How each of our messages is marked: a mark in a place where it was not sent is somebody else's message."""

MARK = re.compile(
    rf"\b(?:{'|'.join(letters for kind, letters in KINDS.items() if kind not in ('task', 'title'))})([0-9a-z]{{10}})"
)
"""What else of a generated turn is marked. Tasks and titles belong to the user, and may be read in any thread."""

LONG = 20
"""Characters from which on a person's words are told from anybody else's."""

ABOUT = ("threads.get_by_id", "items.list", "threads.update")

SPOKEN = ("user", "assistant", "model")
"""Roles whose texts are a conversation. In instructions a server may well tell what else it knows of the same user."""


@once
def _senders(t: Transcript) -> dict[str, set[str]]:
    """By user: the references in all that the user sent."""
    found: dict[str, set[str]] = {}
    for a in asked_in(t):
        found.setdefault(a.reply.user, set()).update(NONCE.findall(str(a.reply.request)))
    return found


def _of_others(t: Transcript, user: str, text: str) -> set[str]:
    """The references in a text that another user has sent, and this one has not."""
    sent = _senders(t)
    others = {nonce for name, nonces in sent.items() if name != user for nonce in nonces}
    return set(REFERENCE.findall(text)) & (others - sent.get(user, set()))


@once
def _model_answer(t: Transcript) -> dict[str, tuple[set[str], list[str]]]:
    """By thread: the references in what was sent to it, and the words themselves."""
    found: dict[str, tuple[set[str], list[str]]] = {}
    for a in asked_in(t):
        if a.thread_id:
            nonces, words = found.setdefault(a.thread_id, (set(), []))
            nonces |= set(NONCE.findall(str(a.reply.request)))
            if a.says:
                words.append(NONCE.sub("", a.text).replace("(ref )", "").strip())
    return found


@check(
    "security.threads-isolated",
    level=MUST,
    clause=SPEC_OWNER + "; each thread has its own history",
    cause="History is kept per process or per user (one session object for all threads), not per thread.",
    fix="Build the model's input only from the items of the thread in the request.",
)
def threads_isolated(t: Transcript) -> Findings:
    """What was said in one thread is not sent to the model in another, whatever goes on at the same time."""
    said = _model_answer(t)
    turns = [turn for turn in turns_in(t) if turn.asked.thread_id and turn.calls]
    if not turns:
        raise Untestable(f"No request to the model was made for a thread of {t.exchange}.")
    for turn in turns:
        own, words = said[turn.asked.thread_id]
        foreign = [w for id, (_, those) in said.items() if id != turn.asked.thread_id for w in those if len(w) >= LONG]
        foreign = [w for w in foreign if not any(words_of(w) in words_of(other) for other in words)]
        for call in (*turn.calls, *turn.side):
            heard = heard_in(t)[call.n]
            text = "\n".join(words for role, words in heard.messages if role in SPOKEN)
            strange = (set(REFERENCE.findall(text)) | _marked(said, text)) - own
            if not turn.asked.wrong:  # a stranger who gets in is judged elsewhere
                strange |= _of_others(t, turn.asked.reply.user, heard.text)
            if strange or (strange := {w for w in foreign if w in text}):
                got = f"text of another thread: {shorten(sorted(strange)[0])}"
                label = turn.asked.reply.label
                yield Finding(expected="only text of this thread", got=got, reply=label, call=call.n)


def _marked(said: dict[str, tuple[set[str], list[str]]], text: str) -> set[str]:
    """The references of the turns whose marks stand in a text (see moves/marks.py)."""
    by_end = {nonce[2:]: nonce for nonces, _ in said.values() for nonce in nonces}
    return {by_end[end] for end in MARK.findall(text) if end in by_end}


def _shown(a: Asked) -> Iterator[tuple[str, int | None]]:
    """What an answer about one thread shows of it, with the event's index."""
    for e in a.reply.events:
        if e.type.startswith("thread.item."):
            yield e.raw, e.index
    if a.reply.type in ABOUT and a.reply.accepted:
        yield str(a.reply.body), None


@check(
    "security.messages-isolated",
    level=MUST,
    clause=SPEC_OWNER + "; each thread has its own items",
    cause="Streams or caches are shared: one buffer, one context or one list serves several threads.",
    fix="Keep a turn's state inside its request, and load items by the thread's complete id.",
)
def words_isolated(t: Transcript) -> Findings:
    """No stream and no reload of a thread shows a message of another thread."""
    said, judged = _model_answer(t), 0
    for a in asked_in(t):
        for text, event in _shown(a) if a.thread_id else ():
            judged += 1
            if strange := (set(REFERENCE.findall(text)) | _marked(said, text)) - said[a.thread_id][0]:
                got = f"the message with the mark {sorted(strange)[0]}"
                expected = f"only messages of thread {a.thread_id!r}"
                yield Finding(expected=expected, got=got, reply=a.reply.label, event=event)
    if not judged:
        raise Untestable(f"Nothing of any thread was shown in {t.exchange}.")


@check(
    "security.other-users-words-unseen",
    level=MUST,
    clause=SPEC_OWNER,
    cause="A title, a notice, a cache or a list is kept for the whole process and shown to whoever comes next.",
    fix="Keep everything that a user said, and what is made of it, under that user.",
)
def other_users_words_unseen(t: Transcript) -> Findings:
    """Nothing that a user receives has words of another user: no event, title, progress, list or header."""
    spoke = [user for user, nonces in _senders(t).items() if user and nonces]
    if len(spoke) < 2:
        raise Untestable(f"Only one user spoke in {t.exchange}.")
    for row in received_in(t):
        if row.reply.user and (strange := _of_others(t, row.reply.user, row.text)):
            got = f"the mark {sorted(strange)[0]} in {shorten(row.text)}"
            expected = f"nothing that another user than {row.reply.user!r} said"
            yield Finding(expected=expected, got=got, reply=row.reply.label, event=row.event)
