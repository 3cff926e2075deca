"""Nobody's words appear with anybody else: not in another thread, not in what the model is told, nowhere at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatkit_conformance.check import MUST, Finding, Findings, Untestable, check
from chatkit_conformance.moves.marks import KINDS
from chatkit_conformance.moves.notes import PEOPLE
from chatkit_conformance.stream.asked import NONCE, Asked, asked_in
from chatkit_conformance.stream.heard import heard_in, words_of
from chatkit_conformance.stream.once import once
from chatkit_conformance.stream.received import received_in, spoken_in, texts_in
from chatkit_conformance.stream.turn import turns_in
from chatkit_conformance.transcript import SAID_BEFORE, Transcript

from ..clauses import SPEC_OWNER
from ..evidence import shorten
from .uploads import uploads

REFERENCE = re.compile(rf"\(ref ({NONCE.pattern})\)")
"""How each of our messages is marked: a mark where it was not sent is somebody else's message, or its title."""

MARK = re.compile(
    rf"\b(?:{'|'.join(letters for kind, letters in KINDS.items() if kind not in ('task', 'title'))})([0-9a-z]{{10}})"
)
"""What else of a generated turn is marked. Tasks and titles belong to the user, and may be read in any thread."""

OF_USER = re.compile(rf"\b(?:zq|{'|'.join(KINDS.values())})([0-9a-z]{{10}})")
"""The mark of anything that a user or the model brought in: no two users share one."""

VISITOR = re.compile(r"(?<!\w)user-(visitor-[0-9a-f]{8}|[a-z0-9_]+-[0-9a-f]{6}-[\w%-]{1,4})(?!\w)")
"""The name of a user that a conversation of any run has for itself; the whole of it is in the token's `sub`."""

LONG = 20
"""Characters from which on a person's words are told from anybody else's."""

ABOUT = ("threads.get_by_id", "items.list", "threads.update")

SPOKEN = ("user", "assistant", "model")
"""Roles whose texts are a conversation. In instructions a server may well tell what else it knows of the same user."""


@once
def _senders(t: Transcript) -> dict[str, set[str]]:
    """By user: the marks in all that the user sent, and in what the model said to them."""
    found: dict[str, set[str]] = {}
    for a in asked_in(t):
        found.setdefault(a.reply.user, set()).update(OF_USER.findall(str(a.reply.request)))
    for turn in turns_in(t):
        said = (turn.words, *(arguments for answer in turn.answers for *_, arguments in answer.calls))
        found.setdefault(turn.asked.reply.user, set()).update(mark for text in said for mark in OF_USER.findall(text))
    return found


@once
def _strange(t: Transcript) -> dict[str, set[str]]:
    """By user: the marks that another user has brought in, and this one has not."""
    sent = _senders(t)
    users = sent.keys() | {a.reply.user for a in asked_in(t)} | {r.user for r in t.replies}
    return {user: set[str]().union(*sent.values()) - sent.get(user, set()) for user in users}


def _of_others(t: Transcript, user: str, text: str) -> set[str]:
    """The marks in a text that another user has brought in, and this one has not."""
    strange = _strange(t)[user]
    return {found.group() for found in OF_USER.finditer(text) if found[1] in strange}


@once
def _sent(t: Transcript) -> dict[str, tuple[set[str], list[str]]]:
    """By thread: the marks in what was sent to it, its files included, and the words themselves."""
    found: dict[str, tuple[set[str], list[str]]] = {}
    files = _files(t)
    for a in asked_in(t):
        if a.thread_id:
            marks, words = found.setdefault(a.thread_id, (set(), []))
            marks |= _ends(str(a.reply.request))
            marks |= {mark for id in a.files for mark in files.get(id, ())}
            if a.says:
                words.append(NONCE.sub("", a.text).replace("(ref )", "").strip())
    return found


@once
def _unplaced(t: Transcript) -> set[str]:
    """The marks of messages whose thread has no id that can be read, or had them before: they may be of any thread."""
    unknown = {
        mark
        for a in asked_in(t)
        if a.reply.type == "threads.create" and a.reply.streamed and not a.thread_id
        for mark in _ends(str(a.reply.request))
    }
    return unknown | _ends(str(t.notes.get(SAID_BEFORE)))


def _files(t: Transcript) -> dict[str, set[str]]:
    """By the id of a file: the marks in its name and in its bytes."""
    return {id: _ends(f"{file.made.reply.request} {file.bytes}") for id, file in uploads(t).items()}


def _ends(text: str) -> set[str]:
    """The marks in a text by their ends, in which all that belongs to one turn are alike."""
    return {nonce[2:] for nonce in NONCE.findall(text)} | set(MARK.findall(text))


@check(
    "security.threads-isolated",
    level=MUST,
    needs=("model",),
    clause=SPEC_OWNER + "; each thread has its own history",
    cause="History is kept per process or per user (one session object for all threads), not per thread.",
    fix="Build the model's input only from the items of the thread in the request.",
)
def threads_isolated(t: Transcript) -> Findings:
    """What was said in one thread, and by whom, is not sent to the model in another, whatever goes on meanwhile."""
    said = _sent(t)
    turns = [turn for turn in turns_in(t) if turn.asked.thread_id and turn.calls]
    if not turns:
        raise Untestable(f"No request to the model was made for a thread of {t.exchange}.")
    answers: dict[str, list[str]] = {}
    for turn in turns:
        answers.setdefault(turn.asked.thread_id, []).append(turn.words)
    for turn in turns:
        own, words = said[turn.asked.thread_id]
        words = [*words, *answers[turn.asked.thread_id]]  # a model may well say what somebody wrote elsewhere
        foreign = [w for id, (_, those) in said.items() if id != turn.asked.thread_id for w in those if len(w) >= LONG]
        foreign = [w for w in foreign if not any(words_of(w) in words_of(other) for other in words)]
        for call in (*turn.calls, *turn.side):
            heard = heard_in(t)[call.n]
            text, drawn = "\n".join(words for role, words in heard.messages if role in SPOKEN), "\n".join(heard.drawn)
            strange = {nonce[2:] for nonce in REFERENCE.findall(text)} | _marked(t, text) | set(MARK.findall(drawn))
            strange -= own | _unplaced(t)
            if not turn.asked.wrong:  # a stranger who gets in is judged elsewhere
                strange |= _of_others(t, turn.asked.reply.user, heard.text)
            label = turn.asked.reply.label
            if strange or (strange := {w for w in foreign if w in text}):
                got = f"text of another thread: {shorten(sorted(strange)[0])}"
                yield Finding(expected="only text of this thread", got=got, reply=label, call=call.n)
            elif not turn.asked.wrong and (name := _named(t, turn.asked.reply.user, heard.text)):
                got = f"the name of another user: {name}"
                yield Finding(expected="nothing of another user", got=got, reply=label, call=call.n)


def _named(t: Transcript, user: str, text: str) -> str:
    """The name of another user of the run in a text, or ""; looked for where a conversation has users of its own."""
    people = t.notes.get(PEOPLE, {})
    if not people.get("own"):
        return ""
    others = [name for name in (*people.get("users", ()), *people.get("others", ())) if name not in user]
    here = next((name for name in others if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text)), "")
    elsewhere = (name for name in VISITOR.findall(text) if not any(name.startswith(own) for own in people["users"]))
    return here or next(elsewhere, "")


@once
def _marks(t: Transcript) -> set[str]:
    """The marks of all threads (see moves/marks.py)."""
    return {mark for marks, _ in _sent(t).values() for mark in marks}


def _marked(t: Transcript, text: str) -> set[str]:
    """The marks in a text that belong to some thread."""
    return set(MARK.findall(text)) & _marks(t)


def _shown(a: Asked) -> Iterator[tuple[str, int | None]]:
    """What an answer about one thread shows of it, with the event's index."""
    for e in a.reply.events:
        if e.type.startswith("thread."):
            yield e.raw, e.index
    if a.reply.type in ABOUT and a.reply.accepted:
        yield str(a.reply.body), None


def _not_said(t: Transcript, a: Asked, text: str) -> set[str]:
    """The marks in a text that were not sent to the thread that the request is about."""
    if not text:
        return set()
    said = _sent(t)[a.thread_id][0] | _unplaced(t)
    return ({nonce[2:] for nonce in NONCE.findall(text)} | _marked(t, text)) - said


@check(
    "security.messages-isolated",
    level=MUST,
    clause=SPEC_OWNER + "; each thread has its own items",
    cause="Streams or caches are shared: one buffer, one context or one list serves several threads.",
    fix="Keep a turn's state inside its request, and load items by the thread's complete id.",
)
def words_isolated(t: Transcript) -> Findings:
    """No stream and no reload of a thread shows a message of another thread."""
    judged = 0
    for a in asked_in(t):
        shown = tuple(_shown(a)) if a.thread_id else ()
        judged += len(shown)
        if not _not_said(t, a, "\n".join(text for text, _ in shown)):  # no mark holds a line's end
            continue
        for text, event in shown:
            if strange := _not_said(t, a, text):
                got = f"the message with the mark {sorted(strange)[0]}"
                expected = f"only messages of thread {a.thread_id!r}"
                yield Finding(expected=expected, got=got, reply=a.reply.label, event=event)
    if not judged:
        raise Untestable(f"Nothing of any thread was shown in {t.exchange}.")


def _unsent(t: Transcript, text: str) -> str:
    """The first mark of a message in a text that nobody in the conversation has sent, or ""."""
    return next((nonce for nonce in REFERENCE.findall(text) if nonce not in spoken_in(t)), "")


@check(
    "security.other-users-words-unseen",
    level=MUST,
    needs=("users",),
    clause=SPEC_OWNER,
    cause="A title, a notice, a cache or a list is kept for the whole process and shown to whoever comes next.",
    fix="Keep everything that a user said, and what is made of it, under that user.",
)
def other_users_words_unseen(t: Transcript) -> Findings:
    """Nothing that a user receives has words of another user: no event, title, progress, list or header.

    Where nobody else acts in the names of a conversation's users, a message of any other conversation is another's.
    """
    spoke = [user for user, nonces in _senders(t).items() if user and nonces]
    own = bool(t.notes.get(PEOPLE, {}).get("own"))
    if len(spoke) < 2 and not own:
        raise Untestable(f"Only one user spoke in {t.exchange}.")
    of_nobody = {text: unsent for text in texts_in(t) if (unsent := _unsent(t, text))} if own else {}
    users = dict.fromkeys(r.user for r in t.replies if r.user) if len(spoke) > 1 else ()
    of_others = {(user, text) for user in users for text in texts_in(t, user=user) if _of_others(t, user, text)}
    for row in received_in(t) if of_nobody or of_others else ():
        if row.text in of_nobody:
            got = f"the mark {of_nobody[row.text]}, which nobody here has sent, in {shorten(row.text)}"
            expected = "nothing of another conversation's users"
            yield Finding(expected=expected, got=got, reply=row.reply.label, event=row.event)
        if (row.reply.user, row.text) in of_others:
            strange = _of_others(t, row.reply.user, row.text)
            got = f"the mark {sorted(strange)[0]} in {shorten(row.text)}"
            expected = f"nothing that another user than {row.reply.user!r} said"
            yield Finding(expected=expected, got=got, reply=row.reply.label, event=row.event)
