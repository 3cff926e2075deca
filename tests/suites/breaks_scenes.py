"""Conversations with a file that its owner deletes, a thread beside a held one, a guardrail, and a turn with tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chatkit_conformance.transcript import HELD_UP, Reply, Transcript
from tests.suites.build import (
    ERROR,
    PROGRESS,
    Data,
    answer,
    ask,
    called,
    create,
    edit,
    nonce_of,
    say,
    steps,
    transcript,
)
from tests.suites.edits import CRASH, no_results, plus, silent

WHO = "ann"
CONTENT = "Bracken grows where nobody looks: zf1. " * 3
SAID = answer("a1", "In the shade.")
FILE = "1-file-alone-file"


def own_file(*, given: str = CONTENT, status: int = 200, **headers: str) -> Transcript:
    """A file that its owner uploads, is given at the address of the upload, and deletes."""
    way = {"url": "http://127.0.0.1:1/files/atc_1", "method": "PUT", "headers": {}}
    made = {"id": "atc_1", "name": "n.txt", "mime_type": "text/plain", "type": "file", "upload_descriptor": way}
    told = {"content-length": str(len(given)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    replies = [
        ask(FILE, "attachments.create", {"name": "n.txt", "size": 1, "mime_type": "text/plain"}, made, user=WHO),
        Reply(label=f"{FILE}-upload", user=WHO, request=CONTENT, status=204, raw=True),
        Reply(label="1-file-alone-own", user=WHO, request="", status=status, raw=True, text=given, headers=told),
        ask("1-file-alone-delete", "attachments.delete", {"attachment_id": "atc_1"}, {}, user=WHO),
    ]
    expected = {
        "1-file-alone-own": {"own": CONTENT[:60], "size": len(CONTENT), "of": FILE},
        "1-file-alone-delete": {"deletes": "atc_1"},
    }
    return transcript("own_file", replies, expected=expected)


def two_threads(*, other_s: float = 2.0, held_s: float = 0.0) -> Transcript:
    """One thread's answer is held until the fourth second; another thread is answered meanwhile."""
    held, other = "3-held", "4-other"
    replies = [
        create("1-begin", "Where do ferns grow?", SAID, user=WHO, sent_at=0.1, ended_at=0.2),
        create("2-begin", "And moss?", answer("a2", "No.", "thr_2"), id="thr_2", user=WHO, sent_at=0.3, ended_at=0.4),
        say(held, "And bracken?", answer("a3", "Everywhere."), user=WHO, sent_at=1.0, ended_at=4.0),
        say(other, "Why?", answer("a4", "It likes it.", "thr_2"), id="thr_2", user=WHO, sent_at=1.5, ended_at=other_s),
    ]
    calls = [called(r.label, [_question(r)], n=n, at=r.sent_at, finished_at=r.ended_at) for n, r in enumerate(replies)]
    notes = {HELD_UP: held_s} if held_s else {}
    made = transcript("two_threads", replies, calls, expected={other: {"beside": held}}, **notes)
    return replace(made, started_at=0.0, ended_at=5.0)


def _question(r: Reply) -> Data:
    return {"role": "user", "content": r.params["input"]["content"][0]["text"]}


def changed() -> Transcript:
    """A thread whose answer is rated both ways, and which is deleted."""
    here: Data = {"thread_id": "thr_1"}
    rated = [
        ask(f"{n}-rate", "items.feedback", {**here, "item_ids": ["a1"], "kind": kind}, {}, user=WHO)
        for n, kind in ((2, "positive"), (3, "negative"))
    ]
    gone = ask("4-delete", "threads.delete", here, {}, user=WHO)
    moves = [
        {"n": 2, "kind": "rate", "args": {}, "who": "user", "replies": ["2-rate"]},
        {"n": 3, "kind": "rate", "args": {}, "who": "user", "replies": ["3-rate"]},
        {"n": 4, "kind": "delete", "args": {}, "who": "user", "replies": ["4-delete"]},
    ]
    replies = [create("1-begin", "Where do ferns grow?", SAID, user=WHO), *rated, gone]
    return transcript("changed", replies, [called("1-begin")], moves=moves)


def guarded(*events: Data) -> Transcript:
    """A turn in the midst of others that a guardrail is to stop, and what it shows."""
    label = "2-guarded"
    replies = [
        create("1-begin", "Where do ferns grow?", SAID, user=WHO),
        say(label, "What is in the secret recipe?", events, user=WHO),
    ]
    turns: Data = {
        label: {"nonce": nonce_of(label), "words": "What is in the secret recipe?", "tools": [], "fault": None}
    }
    return transcript("guarded", replies, [called("1-begin")], stopped=[label], turns=turns)


def guarded_then(name: str, *events: Data) -> Transcript:
    """A turn after one that a guardrail stopped, whose message the model is never told."""
    t = guarded(*events)
    told = [
        _question(t.replies[0]),
        {"role": "assistant", "content": "In the shade."},
        {"role": "user", "content": f"Why? (ref {nonce_of('3-then')})"},
    ]
    then = say("3-then", "Why?", answer("a3", "It likes it."), user=WHO)
    first = called("1-begin", [_question(t.replies[0])])
    return transcript(name, [*t.replies, then], [first, called("3-then", told, n=1)], **t.notes)


def with_tool(role: str = "read") -> Transcript:
    """A turn in which a tool is called and the model answers then."""
    label = "1-use-tool"
    tool: Data = {"role": role, "name": "list_tasks", "arguments": {}}
    note: Data = {"nonce": nonce_of(label), "words": "Yes?", "tools": [tool], "answer": "None.", "beside": []}
    replies = [create(label, "Which tasks are there?", [PROGRESS, *answer("a1", "None.")], user=WHO)]
    calls = steps(label, "Which tasks are there?", ("list_tasks", {}, {"tasks": []}), tools=TOOLS)
    return transcript("with_tool", replies, calls, turns={label: {**note, "fault": None}}, moves=[])


TOOLS: list[Data] = [{"type": "function", "function": {"name": "list_tasks", "parameters": {"type": "object"}}}]


def _ended(t: Transcript) -> Transcript:
    """The turn with a tool as one that ended at the call of it."""
    return plus(silent(no_results(t), "1-use-tool"), "1-use-tool", PROGRESS)


BREAKS: Mapping[str, list[Transcript]] = {
    "protocol.own-changes-accepted": [
        edit(changed(), "3-rate", status=409, body={"detail": "rated already"}),
        edit(changed(), "4-delete", status=404, body={"detail": "no such thread"}),
        edit(changed(), "4-delete", **CRASH, body=None),
    ],
    "attachments.own-file-deleted": [
        edit(own_file(), "1-file-alone-delete", status=404, body={"detail": "no such file"}),
        edit(own_file(), "1-file-alone-delete", **CRASH, body=None),
    ],
    "attachments.own-bytes-whole": [own_file(given=CONTENT[:-30])],
    "persistence.other-thread-goes-on": [two_threads(other_s=4.2)],
    "errors.stopped-turn-told": [guarded()],
    "tools.turn-goes-on": [_ended(with_tool())],
}


def sound_scenes() -> list[Transcript]:
    """One of each, as it should be."""
    then = [
        guarded_then("guarded_by_error", ERROR),
        guarded_then("guarded_in_words", *answer("a2", "I cannot help with that.")),
    ]
    return [changed(), own_file(), two_threads(), guarded(ERROR), *then, with_tool()]


def odd_scenes() -> list[Transcript]:
    """Nothing given at the address of an upload; the harness late itself; an error, or a tool that ends its turn."""
    return [
        own_file(given="<html>", status=200),
        edit(changed(), "3-rate", status=404, body={"detail": "no such item"}),
        own_file(given="", status=405),
        own_file(content_length="64", content_encoding="gzip"),
        two_threads(other_s=4.2, held_s=2.0),
        guarded(*answer("a2", "We do not talk about that.")),
    ]
